"""What is said of an event that was not sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from arvo.statechart import StateValue


class Verdict(StrEnum):
    """What would become of an event: one of the fates, or undecided as its data is not known."""

    ACCEPTED = "accepted"
    UNDECIDED = "undecided"
    UNHANDLED = "unhandled"
    REFUSED = "refused"
    FAILED = "failed"
    LATE = "late"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Considered:
    """A transition that the event could take.

    Attributes:
        source: The state that has it, as keys joined with dots.
        event: The event that it waits for, which may be a wildcard such as `sys.*`.
        guard: Its guard in words; None if it has none.
        verdict: `passes`, `fails`, `undecided` where the guard reads the event's data and there is none, `raises`, or
            `not asked` as another one is taken before.
        reason: What the guard has raised, if it has.
        targets: The states that it leads to; none if it stays.
        emits: The types of the events that it may emit, as far as its code says so.
        path: Where in the config.
    """

    source: str
    event: str
    guard: str | None
    verdict: str
    reason: str | None
    targets: tuple[str, ...]
    emits: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would become of an event if it came now.

    Attributes:
        event_type: The type of the event.
        verdict: What would become of it.
        reason: Why, in a sentence.
        state: The state that the orchestration is in; None of a resumable, and before the first step.
        candidates: The transitions that are considered, in the order in which their guards are asked.
        leads_to: The state afterwards; None where that is not known.
        emits: The types of the events that are sent then; where the data is not known, of those that may be.
        timers: What is done to timers, in words.
        accepts: Event types, or wildcards, that it accepts now.
        accepted_in: States in which an event of this type would be looked at.
    """

    event_type: str
    verdict: Verdict
    reason: str
    state: StateValue | None = None
    candidates: tuple[Considered, ...] = ()
    leads_to: StateValue | None = None
    emits: tuple[str, ...] = ()
    timers: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    accepted_in: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it would be accepted, for sure."""
        return self.verdict is Verdict.ACCEPTED

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)
