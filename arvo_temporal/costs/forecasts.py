"""What a forecast tells: what paths cost, and what each turn of a loop adds."""

from __future__ import annotations

from dataclasses import dataclass

from arvo_temporal.costs.tally import Range


@dataclass(frozen=True, slots=True)
class PathForecast:
    """What the paths through the same states cost.

    Attributes:
        states: The outermost states that it goes through, in order.
        paths: How many paths these are, which differ in their events or within the states.
        events: History events.
        actions: Billable actions of Temporal Cloud.
        activities: Activities.
        tasks: Workflow tasks.
    """

    states: tuple[str, ...]
    paths: int
    events: Range
    actions: Range
    activities: Range
    tasks: Range


@dataclass(frozen=True, slots=True)
class TurnForecast:
    """What a turn of a loop adds.

    Attributes:
        state: The state that it comes back to; `called` for the function of a resumable.
        event: The event that begins it.
        events: History events.
        actions: Billable actions.
    """

    state: str
    event: str
    events: Range
    actions: Range


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the orchestrations of a machine, or of a resumable, cost.

    Attributes:
        machine: Its type and version; of a resumable its versions.
        paths: From start to end, the shortest first.
        turns: What each turn of a loop adds.
        complete: Whether these are all: False where there are too many to follow.
        unknown: Whether it emits events whose type only running tells, which are not counted.
    """

    machine: str
    paths: tuple[PathForecast, ...]
    turns: tuple[TurnForecast, ...]
    complete: bool
    unknown: bool
