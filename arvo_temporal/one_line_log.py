"""What only a deployment cures is logged by the SDK at each try, with a traceback: one line says all of it."""

from __future__ import annotations

import logging

from adapter.failures import AwaitsDeploymentError

_SDK_LOGGER = "temporalio.worker._workflow_instance"


def say_in_one_line() -> None:
    """Let the SDK log a workflow task that waits for a deployment in one line, from now on; once is enough."""
    logging.getLogger(_SDK_LOGGER).addFilter(_FILTER)


class _OneLine(logging.Filter):
    """Puts the reason in place of its traceback; keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(error, AwaitsDeploymentError):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error}", (), None
        return True


_FILTER = _OneLine()
