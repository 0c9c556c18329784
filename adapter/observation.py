"""What an orchestration shows to whoever replays it: each thing that it consumed, and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from temporalio import workflow
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from arvo.events import ArvoEvent
from arvo.orchestration import MachineMemoryRecord

_EXTERN = "arvo_observer"


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
    """

    step: int
    event_id: str
    event_type: str
    time: str
    record: MachineMemoryRecord | None
    events: tuple[ArvoEvent, ...]


Observer = Callable[[HistoryEntry], None]


class ObservingInterceptor(Interceptor):
    """Lets a replayer's orchestrations show their steps.

    Args:
        observer: Called with each step, as it is taken.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = self._observer
        return None


def current_observer() -> Observer | None:
    """Return who watches this workflow; None where it is not replayed to be watched."""
    return cast("Observer | None", workflow.extern_functions().get(_EXTERN))
