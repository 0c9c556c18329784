"""What an orchestration shows to whoever watches its replay: each thing that it consumed, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

from temporalio import workflow
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from adapter.ledger import Fate
from arvo.events import ArvoEvent
from arvo.orchestration import OrchestrationRecord
from arvo.statechart import Transition

_OBSERVER = "arvo_observer"
_TIMERS = "arvo_timers"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of an orchestration.

    Attributes:
        step: Its number, counted from 1 at the init event.
        event_id: The id of the event that was consumed; the name of the firing of a delayed transition.
        event_type: The type of the event, or of the delayed transition's event.
        time: When it was consumed, in ISO 8601.
        record: The machine memory record after it.
        events: The events that it produced.
        fate: What became of the event.
        given: What was consumed: the event, or that of the delayed transition.
        transitions: The transitions that its machine has taken, in order; of a resumable there are none.
    """

    step: int
    event_id: str
    event_type: str
    time: str
    record: OrchestrationRecord | None
    events: tuple[ArvoEvent, ...]
    fate: Fate = Fate.APPLIED
    given: ArvoEvent | Mapping[str, Any] | None = None
    transitions: tuple[Transition, ...] = ()


Observer = Callable[[HistoryEntry], None]
"""Called with each step, as it is taken."""

TimerWatch = Callable[[], AbstractContextManager[None]]
"""Entered when a durable timer starts, left when it has fired, or with a `CancelledError`."""


class ObservingInterceptor(Interceptor):
    """Lets a replayer's orchestrations show what they do.

    Args:
        observer: Called with each step.
        timers: Told of each durable timer, which Temporal's own interceptors do not see.
    """

    def __init__(self, observer: Observer, timers: TimerWatch = nullcontext) -> None:
        self._observer = observer
        self._timers = timers

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        observe(input, lambda: self._observer)
        input.unsafe_extern_functions[_TIMERS] = self._timers
        return None


def observe(input: WorkflowInterceptorClassInput, choose: Callable[[], Observer | None]) -> None:
    """Let an interceptor observe the orchestrations of its worker.

    Args:
        input: What the interceptor has been given.
        choose: Called in each workflow as it begins, or begins again by a replay; returns who observes this one.
    """
    input.unsafe_extern_functions[_OBSERVER] = choose


def current_observer() -> Observer | None:
    """Return who observes this workflow; None if nobody does. To be asked once, as the workflow begins."""
    choose = cast("Callable[[], Observer | None] | None", workflow.extern_functions().get(_OBSERVER))
    return choose() if choose else None


async def sleep(seconds: float, summary: str) -> None:
    """Sleep by a durable timer, in sight of whoever watches.

    Args:
        seconds: How long.
        summary: What the UI shows of it.
    """
    watch = cast("TimerWatch", workflow.extern_functions().get(_TIMERS, nullcontext))
    with watch():
        await workflow.sleep(seconds, summary=summary)
