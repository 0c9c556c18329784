"""What the SDK logs with a traceback, where the failure itself says all: one line, and the traceback on request."""

from __future__ import annotations

import logging

import pytest
from temporalio.exceptions import ApplicationError

from adapter.failures import AwaitsDeploymentError
from arvo.errors import ContractViolation
from arvo_temporal.logs import OneLineFormatter
from arvo_temporal.one_line_log import log_in_one_line

LOGGER = "temporalio.activity"


def logged(error: Exception) -> logging.LogRecord:
    """Return the record of a failed try, as the logger of the SDK has let it through."""
    log_in_one_line()
    info = (type(error), error, error.__traceback__)
    record = logging.getLogger(LOGGER).makeRecord(LOGGER, logging.WARNING, "", 1, "try %d", (2,), info)
    assert logging.getLogger(LOGGER).filter(record)
    return record


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AwaitsDeploymentError("no\n codec \u202e"), r"try 2 AwaitsDeploymentError: no codec \u202e"),
        (ContractViolation("does not fit"), "try 2 ContractViolation: ViolationError<Contract> does not fit"),
        (caused(ApplicationError("no", type="Odd"), ContractViolation("x")), "try 2 Odd: no"),
    ],
)
def test_a_failure_that_says_all_is_one_line(error: Exception, said: str) -> None:
    assert logged(error).getMessage() == said
    assert OneLineFormatter().format(logged(error)).count("\n") == 0
    assert OneLineFormatter(tracebacks=True).format(logged(error)).count("\n") > 0


def test_another_failure_keeps_its_traceback() -> None:
    assert logged(RuntimeError("no luck")).exc_info
    assert logged(ApplicationError("no luck", type="Odd")).exc_info


def test_what_it_says_is_bounded() -> None:
    assert len(logged(AwaitsDeploymentError("x" * 10_000)).getMessage()) < 2_100
