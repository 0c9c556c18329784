"""How an orchestration ended: written by its workflow, read by that of its parent, by activities and by clients.

An orchestration that completes returns its last record as the result of its workflow, one whose machine threw fails
its workflow with record and events in the details, and one that is ended by force leaves what Temporal knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, cast

from temporalio.exceptions import ApplicationError, CancelledError, FailureError, TerminatedError, TimeoutError

from adapter.payload import events_from_json, events_to_json
from arvo.events import ArvoEvent
from arvo.orchestration import MachineMemoryRecord, Step

_FAILED = "ArvoOrchestrationFailed"
"""Type of the failure of a workflow whose machine threw; its details are a mapping of `record` and `events`."""


class Cause(NamedTuple):
    """Why something came to no good end, in two texts as a system error has them."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How an orchestration ended.

    Attributes:
        record: Its last record; None if it was ended by force.
        events: What its last step has produced; nothing if it was ended by force.
        cause: Why it did not complete; None if it did.
        raised: What its machine threw, where its own workflow asks.
    """

    record: MachineMemoryRecord | None
    events: tuple[ArvoEvent, ...] = ()
    cause: Cause | None = None
    raised: Exception | None = field(default=None, compare=False)

    @classmethod
    def of_step(cls, step: Step, record: MachineMemoryRecord | None) -> Self:
        """Return the ending of the orchestration that a step has closed, with the record that it came to."""
        if step.error is None:
            return cls(record, step.events)
        text = f"{type(step.error).__name__}: {step.error}"
        if step.unreported is not None:
            text += f" (no event could report it: {step.unreported})"
        return cls(record, step.events, Cause(_FAILED, text), step.error)

    @classmethod
    def of_result(cls, result: Mapping[str, Any]) -> Self:
        """Read the ending of an orchestration that has completed from the result of its workflow.

        Raises:
            InvalidEventError: If it is not a record of events.
        """
        produced = events_from_json(result.get("events", {}).get("produced", ()))
        return cls(cast("MachineMemoryRecord", result), tuple(produced))

    @classmethod
    def of_failure(cls, error: BaseException | None, workflow_id: str) -> Self:
        """Read the ending of an orchestration that did not complete from the failure of its workflow.

        Args:
            error: The failure, with whatever Temporal has put around it.
            workflow_id: Its workflow, to be named where it was ended by force.

        Raises:
            InvalidEventError: If what the failure carries are no events.
        """
        innermost = error
        while isinstance(innermost, FailureError):
            if isinstance(innermost, ApplicationError) and innermost.type == _FAILED and innermost.details:
                details = innermost.details[0]
                events = tuple(events_from_json(details.get("events", ())))
                return cls(details.get("record"), events, Cause(_FAILED, innermost.message))
            innermost = innermost.__cause__
        return cls(None, (), _by_force(error, workflow_id))

    def for_parent(self, subject: str) -> list[ArvoEvent]:
        """Return the events that the orchestration `subject` reads here, as the parent of the one that ended."""
        return [event for event in self.events if _is_read_by(subject, event)]

    def for_others(self, parent: str | None) -> list[ArvoEvent]:
        """Return the events that have to be emitted, because no parent reads them here.

        Args:
            parent: The subject of the parent whose workflow reads this ending; None if there is none.
        """
        return [event for event in self.events if parent is None or not _is_read_by(parent, event)]

    def to_result(self, *, nested: bool) -> MachineMemoryRecord:
        """Return the result of the workflow: the last record.

        Args:
            nested: Whether a parent reads it. Its history repeats the result, which would mostly be the definition of
                the machine: that is left out, the memo of the workflow has it, compressed.

        Raises:
            ApplicationError: If the machine threw: the workflow shows as failed.
        """
        assert self.record is not None, "the last step has left a record"
        if self.cause is None:
            return {**self.record, "machineDefinition": None} if nested else self.record
        details = {"record": self.record, "events": events_to_json(self.events)}
        raise ApplicationError(self.cause.message, details, type=_FAILED, non_retryable=True) from self.raised


def root_cause(error: FailureError) -> Cause:
    """Return what a failure of Temporal comes from."""
    innermost = error
    while isinstance(innermost.__cause__, FailureError) and not isinstance(innermost, ApplicationError):
        innermost = innermost.__cause__
    name = innermost.type if isinstance(innermost, ApplicationError) else None
    return Cause(name or type(innermost).__name__, innermost.message)


def _is_read_by(parent: str, event: ArvoEvent) -> bool:
    """Tell whether a parent reads an event in the ending; one with a domain leaves by its publisher."""
    return event.subject == parent and event.domain is None


def _by_force(error: BaseException | None, workflow_id: str) -> Cause:
    what = f"The orchestration '{workflow_id}'"
    match error:
        case TerminatedError():
            return Cause("TerminatedError", f"{what} was terminated: {error.message}")
        case CancelledError():
            return Cause("CancelledError", f"{what} was cancelled.")
        case TimeoutError():
            return Cause("TimeoutError", f"{what} has taken longer than it may.")
        case FailureError():
            return root_cause(error)
    return Cause(type(error).__name__, str(error))
