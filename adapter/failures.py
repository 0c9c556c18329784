"""Violations in a workflow: those that it finds itself, and how Temporal shows any of them."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from arvo.errors import ArvoError, ExecutionViolation, ViolationError


def refusal(message: str) -> ExecutionViolation:
    """Return the violation for something that cannot be taken as an event of this orchestration."""
    return ExecutionViolation(message)


def violation_name(error: ArvoError) -> str:
    """Return the name of an error as Arvo has it."""
    return error.name if isinstance(error, ViolationError) else type(error).__name__


def as_failure(error: ArvoError) -> ApplicationError:
    """Return what Temporal shows as a failure, named as Arvo names the error; trying again would not help."""
    return ApplicationError(str(error), type=violation_name(error), non_retryable=True)
