"""What the SDK logs with a traceback where the failure itself says all: one line. Temporal keeps the trace anyway."""

from __future__ import annotations

import logging

from temporalio.exceptions import ApplicationError

from adapter.failures import AwaitsDeploymentError
from adapter.plain_text import plain_text
from adapter.retried_errors import HandlerRaisedError
from arvo.errors import ViolationError

_LOGGERS = ("temporalio.activity", "temporalio.worker._workflow_instance")
_EXPECTED = (AwaitsDeploymentError, HandlerRaisedError, ViolationError)
_MOST_TEXT = 2_000


class _OneLine(logging.Filter):
    """Puts the message of an expected failure into the line, in place of the traceback below it; keeps every record.

    The traceback is kept as `shortened`, for a log that wants it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None and _says_all(error):
            # the text of the one begins with its type, that of the other has none
            name = "" if isinstance(error, ApplicationError) else f"{type(error).__name__}: "
            message = " ".join(str(error).split())[:_MOST_TEXT]
            record.msg, record.args = f"{record.getMessage()} {name}{plain_text(message)}", ()
            record.shortened = record.exc_info
            record.exc_info = record.exc_text = None
        return True


def _says_all(error: BaseException) -> bool:
    """Tell whether the message of a failure is enough: it is one of ours, or made of one."""
    return isinstance(error, _EXPECTED) or isinstance(error.__cause__, ViolationError)


_one_line = _OneLine()


def log_in_one_line() -> None:
    """Let failed tries, and workflow tasks that wait for a deployment, be one line each; once is enough."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_one_line)
