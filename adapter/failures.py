"""Violations on their way through Temporal: in a workflow, as the failure that it shows, and back at the sender."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from adapter.temporal_errors import lacks_activity
from arvo.errors import (
    ArvoError,
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    ViolationError,
    error_name,
)
from arvo.events import ArvoEvent
from arvo.wire import system_error_type

_LACKING = "WorkerLacks"
_BY_NAME: dict[str, type[ViolationError]] = {
    error_name(kind("")): kind for kind in (ContractViolation, ConfigViolation, ExecutionViolation)
}


class AwaitsDeploymentError(RuntimeError):
    """What only a deployment cures: it fails the workflow task, and Temporal tries again until there was one."""


def refusal(message: str) -> ExecutionViolation:
    """Return the violation for something that cannot be taken as an event of this orchestration."""
    return ExecutionViolation(message)


def reports_failure(answer: ArvoEvent, request: ArvoEvent) -> bool:
    """Tell whether an answer is a system error of whoever took a request: named after its type, or after its receiver.

    A multi handler has a name of its own, and no contract for the type of the request.
    """
    takers = (request.type, request.to or request.type)
    return answer.type in {system_error_type(taker) for taker in takers}


def lacking(what: str) -> ApplicationError:
    """Return the failure of an activity whose worker lacks something that a worker of another release has."""
    return ApplicationError(f"This worker has no {what}; the event waits for one that has.", type=_LACKING)


def is_lacking(failure: BaseException | None) -> bool:
    """Tell whether an activity has failed only because the worker of its last try lacks what another one has."""
    return lacks_activity(failure) or (isinstance(failure, ApplicationError) and failure.type == _LACKING)


def as_failure(error: ArvoError) -> ApplicationError:
    """Return what Temporal shows as a failure, named as Arvo names the error; trying again would not help."""
    return ApplicationError(str(error), type=error_name(error), non_retryable=True)


def as_violation(failure: BaseException) -> ViolationError:
    """Return the violation that a failure was made of; an `ExecutionViolation` where it is none that Arvo names."""
    if isinstance(failure, ApplicationError):
        return _BY_NAME.get(failure.type or "", ExecutionViolation)(failure.message)
    return ExecutionViolation(str(failure))
