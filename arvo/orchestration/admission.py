"""Whether an event concerns an orchestration: is it addressed to it, has it begun, has it failed?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from arvo.contracts import PARENT_SUBJECT
from arvo.errors import ExecutionViolation, InvalidSubjectError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject, SubjectContent


class Ignored(Enum):
    """Why nothing comes of an event."""

    FOREIGN = "its subject is that of another orchestrator"
    NOT_BEGUN = "there is no orchestration yet, and it does not begin one"
    FAILED = "the orchestration has failed"


class Address(NamedTuple):
    """An event, and who it is for.

    Attributes:
        event: The event.
        subject: Its parsed subject.
        source: Whoever has received it: the type of the init event.
    """

    event: ArvoEvent
    subject: SubjectContent
    source: str

    @property
    def is_own(self) -> bool:
        """Whether the subject is one of the receiver's."""
        return self.subject.orchestrator.name == self.source


class Admitted(NamedTuple):
    """An event that concerns the orchestration, and where that stands in its tree.

    Attributes:
        subject: The parsed subject.
        parent_subject: Subject of the orchestration that started this one, or None.
        init_event_id: Id of the event that started this orchestration.
        begins: Whether the orchestration begins with this event.
    """

    subject: SubjectContent
    parent_subject: str | None
    init_event_id: str
    begins: bool


Admission: TypeAlias = Admitted | Ignored


def read_address(event: ArvoEvent, source: str) -> Address:
    """Return who an event is for.

    Args:
        event: The event.
        source: The orchestrator that has received it.

    Raises:
        ExecutionViolation: Its subject is not that of an orchestration.
    """
    try:
        return Address(event, ArvoOrchestrationSubject.parse(event.subject), source)
    except InvalidSubjectError as error:
        raise ExecutionViolation(
            f"Invalid event (id={event.id}) subject format: '{event.subject}' is no orchestration subject: {error}. "
            f"To fix: take the subject of the init event, or create one with ArvoOrchestrationSubject.new."
        ) from error


def admit(address: Address, record: Mapping[str, Any] | None) -> Admission:
    """Decide whether an event concerns an orchestration.

    Args:
        address: The event and who it is for.
        record: The record after the previous event, or None before the first one.
    """
    if not address.is_own:
        return Ignored.FOREIGN
    event = address.event
    starts = event.type == address.source
    if record is None:
        if not starts:
            return Ignored.NOT_BEGUN
        return Admitted(address.subject, event.data.get(PARENT_SUBJECT), event.id, begins=True)
    if record.get("executionStatus") == "failure":
        return Ignored.FAILED
    parent = event.data.get(PARENT_SUBJECT) if starts else record.get("parentSubject")
    return Admitted(address.subject, parent, record.get("initEventId", event.id), begins=False)
