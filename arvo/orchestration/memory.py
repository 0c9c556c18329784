"""Where an orchestration keeps its state between two events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, Protocol, TypedDict

from pydantic import BaseModel

from arvo.contracts import describe_error
from arvo.errors import ExecutionViolation, FailedRecordError, InvalidPayloadError, shorten
from arvo.wire import JsonError, JsonObject, PayloadSchema, copy_json, to_plain_json


class RecordedEvents(TypedDict):
    """Events of the last step, as Arvo JSON; of a resumable also the answers that have come to what was sent last."""

    consumed: JsonObject | None
    produced: list[JsonObject]
    expected: NotRequired[dict[str, list[JsonObject]] | None]


class RecordedError(TypedDict):
    """The exception that ended an orchestration; `stack` is its traceback, for people to read."""

    name: str
    message: str
    stack: str | None


class MachineMemoryRecord(TypedDict):
    """State of one orchestration: plain JSON with Arvo's keys, shared with the TypeScript packages.

    After a failure a record consists of exactly `executionStatus`, `subject` and `error`.

    Attributes:
        executionStatus: `failure` once the machine has thrown; such an orchestration ignores all events.
        subject: Subject of the orchestration; the key of the record.
        parentSubject: Subject of the orchestration that started this one; None for a root.
        initEventId: Id of the event that started the orchestration; `parentid` of its completion.
        status: Status of the machine: `active`, `done`, or what else the statechart says.
        value: State value of the machine: a name, or names nested by region.
        state: The machine's whole snapshot in XState's persisted shape.
        events: Event consumed and events produced by the last step.
        machineDefinition: JSON text of the machine's config.
        error: What the machine threw.
    """

    executionStatus: Literal["normal", "failure"]
    subject: str
    parentSubject: NotRequired[str | None]
    initEventId: NotRequired[str]
    status: NotRequired[str]
    value: NotRequired[str | JsonObject | None]
    state: NotRequired[JsonObject]
    events: NotRequired[RecordedEvents]
    machineDefinition: NotRequired[str | None]
    error: NotRequired[RecordedError]


_Context = TypedDict("_Context", {"state$$": NotRequired[JsonObject | None]})


class OrchestrationRecord(MachineMemoryRecord, _Context):
    """State of one orchestration of either kind: a `MachineMemoryRecord`, or a `ResumableRecord` with its context.

    For code that reads records without asking which kind of orchestrator has written them.

    Attributes:
        state$$: The context of a resumable.
    """


def record_error(error: Exception) -> RecordedError:
    """An exception as a record keeps it."""
    described = describe_error(error)
    return {
        "name": described["errorName"],
        "message": described["errorMessage"],
        "stack": described["errorStack"],
    }


def failure_record(error: Exception, subject: str) -> Any:
    """The record of an orchestration whose own code has raised; the same for every kind of orchestration."""
    return _FailureRecord({"executionStatus": "failure", "subject": subject, "error": record_error(error)})


def explained(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record that says what is missing in it, and why, where it is one of a failed orchestration."""
    return _FailureRecord(record) if record.get("executionStatus") == "failure" else record


class _FailureRecord(dict[str, Any]):
    """The record of a failed orchestration: plain JSON, whose missing keys explain themselves."""

    def __missing__(self, key: str) -> Any:
        error = self.get("error")
        reason = f" It failed with {error.get('name')}: {error.get('message')}" if isinstance(error, Mapping) else ""
        raise FailedRecordError(
            f"The orchestration has failed, so its record has no {key!r}: it consists of {', '.join(self)}. To fix: "
            f"look at record['executionStatus'] first.{reason}"
        )


class IMachineMemory(Protocol):
    """Storage of records and of the locks on them, by subject.

    Every method may raise; the orchestrator turns that into a `TransactionViolation`.
    """

    async def read(self, id: str, /) -> Mapping[str, Any] | None:
        """Record stored under a subject, or None."""

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        """Store a record; `previous` is what was read, for stores that compare before they swap."""

    async def lock(self, id: str, /) -> bool:
        """Try to take the exclusive right to a subject; False if somebody else has it."""

    async def unlock(self, id: str, /) -> bool:
        """Give up the right to a subject."""


class SimpleMachineMemory:
    """Memory within one process, for tests and for whole systems without a server."""

    def __init__(self) -> None:
        self._records: dict[str, JsonObject] = {}
        self._locked: set[str] = set()

    async def read(self, id: str, /) -> JsonObject | None:
        """A copy of the record under a subject, or None.

        Raises:
            ValueError: The subject is empty.
        """
        record = self._records.get(_required(id))
        return None if record is None else explained(dict(record))

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        """Store a copy of a record.

        Raises:
            ValueError: The subject is empty, or the data is no record.
        """
        subject = _required(id)
        self._records[subject] = dict(_required_record(data, subject))

    async def lock(self, id: str, /) -> bool:
        """Take the lock on a subject; False if it is taken.

        Raises:
            ValueError: The subject is empty.
        """
        if _required(id) in self._locked:
            return False
        self._locked.add(id)
        return True

    async def unlock(self, id: str, /) -> bool:
        """Release the lock on a subject; True also if there was none.

        Raises:
            ValueError: The subject is empty.
        """
        self._locked.discard(_required(id))
        return True

    def clear(self, id: str | None = None) -> None:
        """Forget one subject and its lock, or everything."""
        if id is None:
            self._records.clear()
            self._locked.clear()
        else:
            self._records.pop(id, None)
            self._locked.discard(id)


def _required(id: str) -> str:
    if not id:
        raise ValueError("The memory was given an empty id: it stores records by the subject of an event.")
    return id


def _required_record(data: object, id: str) -> Mapping[str, Any]:
    if isinstance(data, Mapping):
        return data
    raise ValueError(
        f"The memory was told to write {shorten(data)} under {shorten(id)}: the data of a record is a mapping. "
        f"To fix: write the record; SimpleMachineMemory.clear(id) forgets one."
    )


def storable(value: Any, part: str, owner: str) -> Any:
    """A value as a record can keep it: JSON, sharing nothing with the value, so that the next event finds the same.

    Args:
        value: What an orchestration's own code has returned.
        part: What it is, such as `context`.
        owner: Whose it is, for the message.

    Raises:
        ExecutionViolation: JSON cannot carry it, or would bring back another value.
    """
    try:
        return copy_json(_json_of(value) if isinstance(value, BaseModel) else value)
    except JsonError as error:
        raise ExecutionViolation(
            f"The {part} of {owner} is not JSON: {'.'.join([part, *error.path])} {error}. To fix: store "
            f"`model_dump(mode='json')` of a model, and text for a time."
        ) from error
    except InvalidPayloadError as error:
        raise ExecutionViolation(f"The {part} of {owner} cannot be stored: {error}") from error


def _json_of(model: BaseModel) -> Any:
    """The JSON of a model, which is checked to bring the model back, unless its type is one that never comes back."""
    schema = PayloadSchema.of(type(model))
    return to_plain_json(model) if schema.losses else schema.validate(model)


def stored_object(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The JSON object that a stored record has under a key.

    Raises:
        ExecutionViolation: It has none: the record is damaged, or of another kind of orchestration.
    """
    value = record.get(key)
    if isinstance(value, Mapping):
        return value
    raise ExecutionViolation(
        f"The stored record of subject {shorten(record.get('subject'))} does not fit: its '{key}' must be an object, "
        f"not {shorten(value)}. To fix: restore the record, and check that no other kind of orchestration writes it."
    )
