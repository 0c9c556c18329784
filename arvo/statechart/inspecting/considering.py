"""What a machine considers when an event comes: the candidates in their order, and what each guard says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from arvo.statechart.running import Macrostep, Selection, Snapshot, Step, Transition


class UndecidedError(BaseException):
    """Raised by an event, from within a guard, for what is not known of it. No guard is to catch it."""


class GuardVerdict(StrEnum):
    """What comes of a candidate."""

    PASSES = "passes"
    FAILS = "fails"
    UNDECIDED = "undecided"
    RAISES = "raises"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A transition that an event may take.

    Attributes:
        transition: The transition.
        verdict: What its guard says; one without a guard passes.
        reason: What the guard has raised, if it has.
    """

    transition: Transition
    verdict: GuardVerdict
    reason: str | None = None

    @property
    def does_something(self) -> bool:
        """Whether it moves or acts; what does neither forbids its event."""
        return does_something(self.transition)


@dataclass(frozen=True, slots=True)
class Consideration:
    """What a machine considers when an event comes.

    Attributes:
        candidates: In the order in which they are asked, region by region, then outwards.
        accepts: Whether a transition that does something is taken; None if that depends on a guard that is undecided.
        raised: What the first guard that is asked for sure and raises has raised: the step fails, then.
    """

    candidates: tuple[Candidate, ...]
    accepts: bool | None
    raised: str | None = None


def consider(snapshot: Snapshot[Any], event: Any) -> Consideration:
    """Ask the guards of a snapshot's candidates for an event, and take no transition.

    Args:
        snapshot: Where the machine stands.
        event: A mapping with a `type`, or any object with such an attribute. Where it raises an `UndecidedError` when a
            guard reads it, that guard is undecided.
    """
    step = Macrostep(snapshot.machine, snapshot.configuration, snapshot.context, snapshot.history, event)
    asked = _asked(snapshot.configuration.selection(step.event_type), step)
    may_raise = any(one.verdict is GuardVerdict.RAISES for one in asked.candidates) and asked.raised is None
    accepts = asked.certain if asked.certain == asked.possible and not may_raise else None
    return Consideration(tuple(asked.candidates), accepts, asked.raised)


def does_something(transition: Transition) -> bool:
    """Whether a transition moves or acts."""
    return transition.target is not None or bool(transition.actions)


@dataclass(slots=True)
class _Asked:
    """What came of a part of the candidates.

    Attributes:
        takes: Whether one of them is taken; None if that is undecided.
        certain: Whether one that does something is taken for sure.
        possible: Whether one that does something may be taken.
        raised: What a guard that is asked for sure has raised.
    """

    candidates: list[Candidate]
    takes: bool | None
    certain: bool
    possible: bool
    raised: str | None


def _asked(selection: Selection, step: Step) -> _Asked:
    regions = [_asked(region, step) for region in selection.regions]
    inner = [candidate for region in regions for candidate in region.candidates]
    certain, possible = any(one.certain for one in regions), any(one.possible for one in regions)
    raised = next((one.raised for one in regions if one.raised is not None), None)
    if any(one.takes for one in regions):
        skipped = [Candidate(one, GuardVerdict.NOT_ASKED) for one in selection.outer]
        return _Asked([*inner, *skipped], True, certain, possible, raised)
    outer = _in_turn(selection.outer, step)
    decided = all(one.takes is False for one in regions)
    takes = outer.takes if decided or outer.takes else None
    # What is undecided inside takes the event, or leaves it to what stands around.
    acts_anyway = outer.certain and all(_acts_if_taken(one) for one in regions)
    raised = outer.raised if decided else None
    return _Asked([*inner, *outer.candidates], takes, certain or acts_anyway, possible or outer.possible, raised)


def _acts_if_taken(region: _Asked) -> bool:
    undecided = [one for one in region.candidates if one.verdict in (GuardVerdict.UNDECIDED, GuardVerdict.PASSES)]
    return all(one.does_something for one in undecided)


def _in_turn(candidates: Iterable[Transition], step: Step) -> _Asked:
    """Ask one after the other until one passes for sure."""
    asked: list[Candidate] = []
    takes: bool | None = False
    raised: str | None = None
    for transition in candidates:
        if takes:
            asked.append(Candidate(transition, GuardVerdict.NOT_ASKED))
            continue
        asked.append(_judged(transition, step))
        if asked[-1].verdict is GuardVerdict.RAISES and takes is False:
            raised = asked[-1].reason
        if asked[-1].verdict in (GuardVerdict.PASSES, GuardVerdict.RAISES):
            takes = True
        elif asked[-1].verdict is GuardVerdict.UNDECIDED:
            takes = None
    live = [one for one in asked if one.verdict in (GuardVerdict.PASSES, GuardVerdict.UNDECIDED)]
    acting = [one for one in live if one.does_something]
    certain = bool(takes) and bool(acting) and len(acting) == len(live) and live[-1].verdict is GuardVerdict.PASSES
    return _Asked(asked, takes, certain, bool(acting), raised)


def _judged(transition: Transition, step: Step) -> Candidate:
    if transition.guard is None:
        return Candidate(transition, GuardVerdict.PASSES)
    try:
        passes = bool(transition.guard(step, transition.guard_params))
    except UndecidedError:
        return Candidate(transition, GuardVerdict.UNDECIDED)
    except Exception as error:
        return Candidate(transition, GuardVerdict.RAISES, f"{type(error).__name__}: {error}")
    return Candidate(transition, GuardVerdict.PASSES if passes else GuardVerdict.FAILS)
