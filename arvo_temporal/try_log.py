"""What a worker logs of a try that has failed: one line where the failure says all. Temporal keeps its trace anyway."""

from __future__ import annotations

import logging

from temporalio.exceptions import ApplicationError

from adapter.plain_text import plain_text
from adapter.retried_errors import HandlerRaisedError
from arvo.errors import ViolationError

_MOST_TEXT = 1_000


class _OneLine(logging.Filter):
    """Puts the message of an expected failure into the line, in place of the traceback below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and _says_all(error):
            name = error.type if isinstance(error, ApplicationError) else type(error).__name__
            message = " ".join(str(error).split())[:_MOST_TEXT]
            record.msg, record.args = f"{record.getMessage()} {name}: {plain_text(message)}", ()
            record.exc_info = record.exc_text = None
        return True


def _says_all(error: BaseException) -> bool:
    """Tell whether the message of a failure is enough: it is ours, or made of one of ours."""
    return isinstance(error, ViolationError | HandlerRaisedError) or isinstance(error.__cause__, ViolationError)


_one_line = _OneLine()


def log_tries_in_one_line() -> None:
    """Let each failed try of a handler be one line of Temporal's log of activities; to say it again changes nothing."""
    logging.getLogger("temporalio.activity").addFilter(_one_line)
