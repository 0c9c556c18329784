"""Errors of the adapter, beside those of `arvo.errors`.

ArvoError
+-- AppError                      an app, or what it is made of, is not as it must be
+-- EventFileError                a file that is to hold an event, or a history, does not
+-- EncodedPayloadError          what Temporal has cannot be decoded here: the codec or a key is missing
+-- ListError                     a list of orchestrations cannot be made as it is wanted
+-- ScheduleError                 a schedule cannot be made, or the server knows none of this id
+-- OrchestrationError            about one orchestration on the server
    +-- OrchestrationNotFoundError    the server knows no such orchestration
    +-- OrchestrationFailedError      it has failed, was cancelled, terminated or timed out
    +-- MemoryIsReadOnlyError         only the orchestration itself writes its memory
    +-- OrchestrationSilentError      no worker answers for it
    +-- HistoryDiffersError           the present code does not do what its history says
    +-- OrchestrationBusyError        it takes no more for now
    +-- OrchestrationTimeoutError     what was waited for has not come in time
    +-- OrchestrationNotUniqueError   several are called so
    +-- OrchestrationEndedError       it has ended elsewhere than was waited for

ViolationError
+-- ExecutionViolation
    +-- EventTooLargeViolation    an event is larger than the app allows
"""

from __future__ import annotations

from arvo.errors import ArvoError, ExecutionViolation
from arvo.orchestration import OrchestrationRecord


class AppError(ArvoError):
    """An app, or what it is made of, is not as it must be."""

    code = "ARVO301"


class EventFileError(ArvoError):
    """A file that is to hold an event, or a history, cannot be read as one."""

    code = "ARVO303"


class ScheduleError(ArvoError):
    """A schedule cannot be made as it is wanted, or the server knows none of this id."""

    code = "ARVO330"


class ListError(ArvoError):
    """A list of orchestrations cannot be made as it is wanted: the server lacks what it takes, or refuses the query."""

    code = "ARVO341"


class EncodedPayloadError(ArvoError):
    """What Temporal has of an orchestration cannot be decoded here: the app's codec is missing, or one of its keys."""

    code = "ARVO318"


class EventTooLargeViolation(ExecutionViolation):
    """An event is larger than the app allows, or than Temporal could take."""

    code = "ARVO135"


class OrchestrationError(ArvoError):
    """Something about one orchestration on the server.

    Attributes:
        workflow_id: The Temporal workflow id of the orchestration.
    """

    code = "ARVO310"

    def __init__(self, message: str, *, workflow_id: str) -> None:
        super().__init__(message)
        self.workflow_id = workflow_id


class OrchestrationNotFoundError(OrchestrationError):
    """The server knows no orchestration of this subject."""

    code = "ARVO311"


class OrchestrationFailedError(OrchestrationError):
    """The orchestration has ended without a completion.

    Attributes:
        record: Its last record as Arvo's JSON, where the failure carries one.
    """

    code = "ARVO312"

    def __init__(self, message: str, *, workflow_id: str, record: OrchestrationRecord | None) -> None:
        super().__init__(message, workflow_id=workflow_id)
        self.record = record


class MemoryIsReadOnlyError(OrchestrationError):
    """Only the orchestration itself writes and locks its memory."""

    code = "ARVO313"


class OrchestrationSilentError(OrchestrationError):
    """No worker answers: there is none, its code does not fit the history, or every try was lost."""

    code = "ARVO314"


class HistoryDiffersError(OrchestrationError):
    """The present code does not do what the orchestration's history says was done."""

    code = "ARVO315"


class OrchestrationBusyError(OrchestrationError):
    """The orchestration takes no more for now: what it was sent has to be worked off first. Nothing was delivered."""

    code = "ARVO316"


class OrchestrationTimeoutError(OrchestrationError, TimeoutError):
    """What was waited for has not come in the time that the caller gave; the message tells what holds it up."""

    code = "ARVO317"


class OrchestrationNotUniqueError(OrchestrationError):
    """Several orchestrations are called by a name that is to name one.

    Attributes:
        candidates: The workflow ids of the first few.
    """

    code = "ARVO344"

    def __init__(self, message: str, *, workflow_id: str, candidates: tuple[str, ...]) -> None:
        super().__init__(message, workflow_id=workflow_id)
        self.candidates = candidates


class OrchestrationEndedError(OrchestrationError):
    """The orchestration has ended without getting to where it was waited for."""

    code = "ARVO342"
