"""What everything that consumes ArvoEvents has in common."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypedDict

from arvo.contracts import ContractEvent
from arvo.events import ArvoEvent
from arvo.statechart import Cancel, Schedule
from arvo.surroundings import Surroundings, current, deterministic_ids, use
from arvo.wire import write_json


class TelemetryOptions(TypedDict):
    """Where the spans of an execution belong.

    Attributes:
        inheritFrom: `EVENT` for the trace that the event carries, `CONTEXT` for the one that is active.
    """

    inheritFrom: Literal["EVENT", "CONTEXT"]


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What came out of one event.

    Attributes:
        events: The events produced, in order.
        timers: Delayed events that the caller is to schedule and to cancel, in order.
        consumed: False if the event does not concern whoever it was given to.
        handled: False if nothing came of it: an orchestration had no transition for it.
        error: What the code of a handler has raised, which its events report.
    """

    events: list[ArvoEvent] = field(default_factory=list)
    timers: tuple[Schedule | Cancel, ...] = ()
    consumed: bool = True
    handled: bool = True
    error: Exception | None = field(default=None, compare=False)


class IArvoEventHandler(Protocol):
    """Anything that consumes events: a handler, an orchestrator, a resumable."""

    @property
    def source(self) -> str:
        """Event type that it consumes first, and the `source` of the events that it produces."""

    @property
    def system_error_schema(self) -> ContractEvent:
        """The event that tells of a failure: its type and the schema of its data."""

    async def execute(self, event: ArvoEvent, opentelemetry: TelemetryOptions | None = None) -> ExecutionResult:
        """Consume one event."""


def request_name(event: ArvoEvent) -> tuple[str, ...]:
    """Return what names a request: beside source and id all that tells it apart from another one of the same id.

    Authors give one id to several requests, such as the number of an order to all that it takes. What answers them is
    several events, so the ids of the answers have to follow from more than that. What differs where the same step is
    made again, such as the time, has no part in it.
    """
    data = hashlib.sha256(write_json(event.data)).hexdigest()
    return event.subject, *event.key, event.type, event.to or "", event.domain or "", event.parentid or "", data


def reproducible(*seed: str) -> AbstractContextManager[Surroundings]:
    """Within this context, new ids follow from the seed alone, so that a repetition yields the same ones."""
    outer = current()
    return use(Surroundings(deterministic_ids(*seed), outer.now, outer.tracing, outer.patched))
