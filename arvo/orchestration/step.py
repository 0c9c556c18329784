"""What one event does to an orchestration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from arvo.events import ArvoEvent
from arvo.statechart import Cancel, Schedule

RecordT = TypeVar("RecordT", bound=Mapping[str, Any])

Timer: TypeAlias = Schedule | Cancel


class OrchestrationStep(NamedTuple, Generic[RecordT]):
    """What one event does to an orchestration.

    Attributes:
        record: The record to store; None if the event is ignored and there is nothing to store.
        events: The events to send, in order.
        timers: Delayed events to schedule and to cancel, in order.
        handled: False if the event is ignored, or valid but no transition was enabled.
        error: What the orchestration's own code raised; `record` is then that of a failure, and `events`
            report it.
        unreported: Why that failure cannot be reported: the system error events themselves were refused. To be
            raised once the record is stored.
    """

    record: RecordT | None
    events: tuple[ArvoEvent, ...] = ()
    timers: tuple[Timer, ...] = ()
    handled: bool = False
    error: Exception | None = None
    unreported: Exception | None = None
