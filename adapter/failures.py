"""Violations on their way through Temporal: in a workflow, as the failure that it shows, and back at the sender."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from arvo.errors import (
    ArvoError,
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    ViolationError,
    error_name,
)

_BY_NAME: dict[str, type[ViolationError]] = {
    error_name(kind("")): kind for kind in (ContractViolation, ConfigViolation, ExecutionViolation)
}


def refusal(message: str) -> ExecutionViolation:
    """Return the violation for something that cannot be taken as an event of this orchestration."""
    return ExecutionViolation(message)


def as_failure(error: ArvoError) -> ApplicationError:
    """Return what Temporal shows as a failure, named as Arvo names the error; trying again would not help."""
    return ApplicationError(str(error), type=error_name(error), non_retryable=True)


def as_violation(failure: BaseException) -> ViolationError:
    """Return the violation that a failure was made of; an `ExecutionViolation` where it is none that Arvo names."""
    if isinstance(failure, ApplicationError):
        return _BY_NAME.get(failure.type or "", ExecutionViolation)(failure.message)
    return ExecutionViolation(str(failure))
