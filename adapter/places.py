"""Places in a machine that somebody waits for: a state, or a tag of states."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arvo.errors import ExecutionViolation, nearest, shorten
from arvo.orchestration import ArvoMachine
from arvo.statechart import StateValue, matches
from arvo.statechart.inspecting import state_name

LONGEST_WAIT = 120.0
"""Seconds after which an orchestration answers a wait, whatever has come of it: who still waits asks again."""
LONGEST_WHERE_TIME_IS_SKIPPED = 10 * 365 * 86_400.0
"""The same on a test server that skips time: between two waits it would skip what is waited for."""
MOST_WAITS = 4
"""How many wait at once; of the 10 updates that Temporal lets be under way, the others stay free for events."""
NOT_NOW = "WaitsForNow"
"""Type of the failure of a wait that may be tried again in a moment."""

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A state or a tag: one of both.

    Attributes:
        state: A path such as `payment.pending`, or a part of a state value; as XState's `matches` takes it.
        tag: A tag that an active state has.
    """

    state: StateValue | None = None
    tag: str | None = None

    def __str__(self) -> str:
        if self.tag is not None:
            return f"the tag {shorten(self.tag)}"
        state = self.state if isinstance(self.state, str) else json.dumps(self.state)
        return f"the state {shorten(state)}"

    @classmethod
    def of(cls, state: Any, tag: Any) -> Place:
        """Return the place that somebody names by one of both.

        Raises:
            ExecutionViolation: It is no text, and no value of a state.
        """
        if tag is not None and not _is_text(tag):
            raise ExecutionViolation(f"A tag is a text, not {shorten(tag)}.")
        if tag is None and not _is_state_value(state):
            raise ExecutionViolation(
                f"A state is a path such as 'payment.pending', or a value such as {{'payment': 'pending'}}, not "
                f"{shorten(state)}."
            )
        return cls(state, tag)

    def to_json(self, seconds: float, *, skips_time: bool = False) -> dict[str, Any]:
        """Return the argument of the update `wait`.

        Args:
            seconds: The longest time.
            skips_time: Whether it is asked on a test server that skips time: then once for all.
        """
        place = {"tag": self.tag} if self.tag is not None else {"state": self.state}
        if skips_time:
            return {**place, "seconds": LONGEST_WHERE_TIME_IS_SKIPPED, "skipsTime": True}
        return {**place, "seconds": seconds}

    @classmethod
    def read(cls, wanted: Any) -> tuple[Place, float]:
        """Return the place and the longest time of an update's argument, in seconds.

        Raises:
            ExecutionViolation: It is no such argument.
        """
        match wanted:
            case {"tag": str(tag), "seconds": int() | float() as seconds, **rest} if seconds > 0:
                place = cls(tag=tag)
            case {"state": str() | dict() as state, "seconds": int() | float() as seconds, **rest} if seconds > 0:
                place = cls(state)
            case _:
                raise _no_argument(wanted)
        if rest not in ({}, {"skipsTime": True}):
            raise _no_argument(wanted)
        return place, min(seconds, LONGEST_WHERE_TIME_IS_SKIPPED if rest else LONGEST_WAIT)

    def check(self, machine: ArvoMachine) -> None:
        """Refuse a place that the machine does not have: nobody would ever get there.

        Raises:
            ExecutionViolation: It has no such state, or no such tag.
        """
        if self.tag is not None:
            known = sorted({tag for node in machine.logic.nodes for tag in node.tags})
            has = self.tag in known
        else:
            known = [
                state_name(node) for node in machine.logic.nodes if node.parent is not None and node.type != "history"
            ]
            has = self.state is not None and machine.logic.has_states(self.state)
        if not has:
            near = nearest(self.tag or self.state, known)
            raise ExecutionViolation(
                f"The machine '{machine.id}' {machine.version} has not {self}. It has "
                f"{', '.join(known[:_SHOWN]) or 'none'}{' and more' if len(known) > _SHOWN else ''}."
                f"{f' Is {near!r} meant?' if near else ''}"
            )

    def is_reached(self, machine: ArvoMachine | None, record: Mapping[str, Any] | None) -> bool:
        """Tell whether an orchestration is there.

        Args:
            machine: Its machine, which a tag takes; without it no tag is reached.
            record: Its record; None before the first step.
        """
        if record is None or "value" not in record:
            return False
        if self.tag is None:
            return matches(self.state, record["value"])
        return machine is not None and self.tag in machine.logic.tags(record["value"])


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _is_state_value(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_text, value)) and all(map(_is_state_value, value.values()))
    return _is_text(value)


def _no_argument(wanted: Any) -> ExecutionViolation:
    return ExecutionViolation(
        'The update \'wait\' takes {"state": VALUE, "seconds": NUMBER} or {"tag": TEXT, "seconds": NUMBER}, not '
        f"{shorten(wanted)}."
    )
