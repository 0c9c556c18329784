"""Violations on their way through Temporal: who sent the event gets what the orchestration has raised."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError, TerminatedError

from adapter.failures import as_failure, as_violation
from arvo import ConfigViolation, ContractViolation, ExecutionViolation, ViolationError
from arvo.errors import InvalidEventError
from arvo_temporal import EventTooLargeViolation


@pytest.mark.parametrize("kind", [ContractViolation, ConfigViolation, ExecutionViolation])
def test_a_violation_comes_back_as_it_was(kind: type[ViolationError]) -> None:
    failure = as_failure(kind("the sum is negative"))
    violation = as_violation(failure)
    assert failure.non_retryable
    assert type(violation) is kind
    assert str(violation) == str(kind("the sum is negative"))


def test_what_arvo_has_no_violation_for_comes_back_as_one_of_execution() -> None:
    for error in (InvalidEventError("no event"), EventTooLargeViolation("too large")):
        violation = as_violation(as_failure(error))
        assert type(violation) is ExecutionViolation
        assert str(error) in str(violation)


@pytest.mark.parametrize("failure", [ApplicationError("it broke"), TerminatedError("it broke")])
def test_other_failures_too(failure: Exception) -> None:
    violation = as_violation(failure)
    assert type(violation) is ExecutionViolation
    assert "it broke" in str(violation)
