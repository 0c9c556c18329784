"""How an orchestration ended: written by its workflow, read by that of its parent, by activities and by clients.

An orchestration that completes returns its last record as the result of its workflow, one whose machine threw fails
its workflow with record and events in the details, and one that is ended by force leaves what Temporal knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, cast

from pydantic_core import to_json
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, CancelledError, FailureError, TerminatedError, TimeoutError

from adapter.identity import is_same
from adapter.payload import events_from_json, events_to_json, json_of
from arvo.contracts import describe_error
from arvo.errors import InvalidEventError, shorten
from arvo.events import ArvoEvent
from arvo.orchestration import MachineMemoryRecord, OrchestrationRecord, Step, explained
from arvo.wire import JsonError, read_json

_FAILED = "ArvoOrchestrationFailed"
"""Type of the failure of a workflow whose machine threw; its details are a mapping of `record` and `events`."""

_MOST_TEXT = 16 * 1024
"""Characters of a message that somebody else has written, or a machine: a failure of Temporal has at most 2 MiB."""
_MOST_DETAILS = 1024 * 1024
_MOST_CAUSES = 8


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

    record: OrchestrationRecord | None
    events: tuple[ArvoEvent, ...] = ()
    cause: Cause | None = None
    raised: Exception | None = field(default=None, compare=False)

    @classmethod
    def of_step(cls, step: Step, record: MachineMemoryRecord | None) -> Self:
        """Return the ending of the orchestration that a step has closed, with the record that it came to."""
        known = cast("OrchestrationRecord | None", record)
        if step.error is None:
            return cls(known, step.events)
        text = f"{type(step.error).__name__}: {_message(step.error)}"
        if step.unreported is not None:
            text += f" (no event could report it: {_message(step.unreported)})"
        return cls(known, step.events, Cause(_FAILED, text), step.error)

    @classmethod
    def of_result(cls, result: Any) -> Self:
        """Read the ending of an orchestration that has completed from the result of its workflow, as JSON.

        Raises:
            ApplicationError: If it is not a record of events: another team's workflow has ended in its own way.
        """
        try:
            return cls(cast("OrchestrationRecord", result), _events_in(_member(result, "events"), "produced"))
        except InvalidEventError as error:
            raise invalid_answer(f"It has ended with something else than its record. {error}") from error

    @classmethod
    def of_failure(cls, error: BaseException | None, workflow_id: str) -> Self:
        """Read the ending of an orchestration that did not complete from the failure of its workflow.

        Args:
            error: The failure, with whatever Temporal has put around it.
            workflow_id: Its workflow, to be named where it was ended by force.

        Returns:
            The ending; without record and events where the failure carries none that can be read.
        """
        innermost = error
        while isinstance(innermost, FailureError):
            if isinstance(innermost, ApplicationError) and innermost.type == _FAILED and innermost.details:
                return cls(*_carried(innermost.details[0]), _cause(_FAILED, innermost.message))
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

    def to_result(self, *, nested: bool) -> OrchestrationRecord:
        """Return the result of the workflow: the last record.

        Args:
            nested: Whether a parent reads it. Its history repeats the result, which would mostly be the definition of
                the machine: that is left out, the memo of the workflow has it, compressed.

        Raises:
            ApplicationError: If the machine threw: the workflow shows as failed.
        """
        assert self.record is not None, "the last step has left a record"
        if self.cause is None:
            is_repeated = nested and "machineDefinition" in self.record
            return {**self.record, "machineDefinition": None} if is_repeated else self.record
        raise ApplicationError(self.cause.message, self._details(), type=_FAILED, non_retryable=True) from (
            self.raised if self.raised is None or _is_short(self.raised) else _shortened(self.raised)
        )

    def _details(self) -> dict[str, Any]:
        """Return record and events as far as a failure can carry them; the cause reports what is left out."""
        events = events_to_json(self.events)
        for details in ({"record": self.record, "events": events}, {"record": None, "events": events}):
            if len(to_json(details)) <= _MOST_DETAILS:
                return details
        return {"record": None, "events": []}


def root_cause(error: FailureError) -> Cause:
    """Return what a failure of Temporal comes from."""
    innermost = error
    while isinstance(innermost.__cause__, FailureError) and not isinstance(innermost, ApplicationError):
        innermost = innermost.__cause__
    name = innermost.type if isinstance(innermost, ApplicationError) else None
    return _cause(name or type(innermost).__name__, innermost.message)


def result_of(raw: RawValue) -> Any:
    """Return what a workflow of any team has returned, as JSON.

    Raises:
        ApplicationError: It is none.
    """
    try:
        return read_json(json_of(raw))
    except (InvalidEventError, JsonError) as error:
        raise invalid_answer(f"It has ended with something that cannot be read. {error}") from error


def invalid_answer(message: str) -> ApplicationError:
    """Return the failure of a request whose answer is none."""
    return ApplicationError(message, type="InvalidAnswer", non_retryable=True)


def _carried(details: Any) -> tuple[OrchestrationRecord | None, tuple[ArvoEvent, ...]]:
    """Return the record and the events that a failure carries, as far as they can be read."""
    try:
        record, events = _member(details, "record"), _events_in(details, "events")
    except InvalidEventError:
        return None, ()
    return (cast("OrchestrationRecord", explained(dict(record))) if isinstance(record, Mapping) else None), events


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidEventError(f"Where an object with '{name}' is to be, there is {shorten(value)}.")
    return value.get(name)


def _events_in(value: Any, name: str) -> tuple[ArvoEvent, ...]:
    items = _member(value, name)
    if not isinstance(items, list):
        raise InvalidEventError(f"Its '{name}' is to be a list of events, and is {shorten(items)}.")
    return tuple(events_from_json(items))


def _is_read_by(parent: str, event: ArvoEvent) -> bool:
    """Tell whether a parent reads an event in the ending; one with a domain leaves by its publisher."""
    return event.domain is None and is_same(event.subject, parent)


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
    return Cause(type(error).__name__, str(error)[:_MOST_TEXT])


def _cause(name: str, message: str) -> Cause:
    return Cause(name[:_MOST_TEXT], message[:_MOST_TEXT])


def _message(error: BaseException) -> str:
    message: str = describe_error(error)["errorMessage"]
    return message


def _raw_message(error: BaseException) -> str | None:
    try:
        return str(error)
    except Exception:
        return None


def _is_short(error: BaseException) -> bool:
    """Tell whether Temporal can carry an exception as it is, with all that it came from."""
    room = _MOST_TEXT
    for _ in range(_MOST_CAUSES):
        message = _message(error)
        room -= len(message)
        if room <= 0 or isinstance(error, FailureError) or message != _raw_message(error):
            return False
        origin = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if origin is None:
            return True
        error = origin
    return False


def _shortened(error: BaseException) -> ApplicationError:
    short = ApplicationError(_message(error), type=type(error).__name__)
    return short.with_traceback(error.__traceback__)
