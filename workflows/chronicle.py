"""The chronicle of an orchestration: since when each state is active, and what the last steps were.

It is written in each step, so it costs next to nothing: what is said of it is made when somebody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from adapter.state_words import state_words
from arvo.events import ArvoEvent
from arvo.statechart.inspecting import active_names

_STEPS = 5
_PRODUCED = 10
_TEXT = 300


class PastStep(BaseModel):
    """A step that was made; its texts are short, as it is carried from run to run.

    Attributes:
        number: Its number, counted from 1.
        type: The type of the event, or of the delayed transition's event.
        before: The state before it, in words.
        after: The state after it, in words.
        time: When, in seconds since the epoch.
        produced: The types of the first events that it produced.
        more_produced: How many more there were.
        fate: What became of the event.
    """

    number: int
    type: str
    before: str | None
    after: str | None
    time: float
    produced: list[str] = []
    more_produced: int = 0
    fate: str


class CarriedChronicle(BaseModel):
    """A chronicle on its way to the next run.

    Attributes:
        since: When each active state was entered, by its path, in seconds since the epoch.
        changed: When the newest change of state was; None before the first step.
        steps: The last steps, oldest first.
    """

    since: dict[str, float] = {}
    changed: float | None = None
    steps: list[PastStep] = []


_Noted = tuple[int, str, Any, Any, float, list[str], int, str]


class Chronicle:
    """Remembers since when an orchestration is where it stands, and its last steps.

    Args:
        carried: What an earlier run remembers; None in the first one.
        value: The state value that this run begins with; None for none.

    Attributes:
        since: When each active state was entered, by its path, in seconds since the epoch.
        changed: When the newest change of state was, likewise; of a resumable, when its last step was.
    """

    def __init__(self, carried: CarriedChronicle | None = None, value: Any = None) -> None:
        carried = carried or CarriedChronicle()
        self.since: Mapping[str, float] = carried.since
        self.changed = carried.changed
        self._value = value
        self._steps: deque[PastStep | _Noted] = deque(carried.steps, maxlen=_STEPS)

    def note(
        self, number: int, type_: str, value: Any, events: Sequence[ArvoEvent], *, fate: str, time: float
    ) -> dict[str, float]:
        """Note a step.

        Args:
            number: Its number.
            type_: The type of what was consumed.
            value: The state value after it; None where there is none, as resumables have none.
            events: The events that it produced.
            fate: What became of the event.
            time: When, in seconds since the epoch.

        Returns:
            How long each state that it has left was active, by its path, in seconds.
        """
        before, known = self._value, self.since
        if value != before or value is None:
            self.since = {path: known.get(path, time) for path in active_names(value)}
            self.changed = time
            self._value = value
        produced = [event.type for event in events[:_PRODUCED]]
        self._steps.append((number, type_, before, value, time, produced, len(events), fate))
        return {path: max(time - since, 0.0) for path, since in known.items() if path not in self.since}

    def steps(self) -> list[PastStep]:
        """Return the last steps, oldest first."""
        return [step if isinstance(step, PastStep) else _past(*step) for step in self._steps]

    def carry(self) -> CarriedChronicle:
        """Return what the next run is to remember."""
        return CarriedChronicle(since=dict(self.since), changed=self.changed, steps=self.steps())


def _past(
    number: int, type_: str, before: Any, after: Any, time: float, produced: list[str], count: int, fate: str
) -> PastStep:
    return PastStep(
        number=number,
        type=type_[:_TEXT],
        before=state_words(before),
        after=state_words(after),
        time=time,
        produced=[one[:_TEXT] for one in produced],
        more_produced=count - len(produced),
        fate=fate,
    )
