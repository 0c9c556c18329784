"""The log of a command: one line for each event, as text or as JSON; the lines of the SDK's core too.

Commands configure this. Whoever uses the package as a library has a log of their own, which is left alone.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum

from temporalio import activity, workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

from adapter.log_fields import ORCHESTRATIONS
from adapter.plain_text import plain_text
from arvo_temporal.json_log import JsonFormatter
from arvo_temporal.log_context import AddFields

CORE = "temporalio.core"
"""The logger of the SDK's core."""


class LogLevel(StrEnum):
    """What is logged: this and what is worse."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    LINE = "line"
    JSON = "json"


_KEPT_BY_TEMPORAL = "temporalio."
"""What these loggers log with a traceback has it in Temporal too: tries of activities and of workflow tasks."""

_CORE_LEVELS = {LogLevel.WARNING: "WARN"}


class OneLineFormatter(logging.Formatter):
    """Formats a record as `2026-05-04T10:00:00.123Z WARNING logger message`, in one line.

    A failed try has the name and message of its error there. Any other traceback stands escaped in the line.

    Args:
        tracebacks: Write all of them below their line, as Python does.
    """

    def __init__(self, *, tracebacks: bool = False) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """See the base class."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = f"{time} {record.levelname} {record.name} {plain_text(record.getMessage().rstrip())}"
        info = record.exc_info or getattr(record, "shortened", None)
        if not isinstance(info, tuple) or info[1] is None:
            return line
        if self._tracebacks:
            return f"{line}\n{plain_text(self.formatException(info), lines=True)}"
        if record.exc_info and record.name.startswith(_KEPT_BY_TEMPORAL):
            return f"{line} {type(info[1]).__name__}: {plain_text(str(info[1]))}"
        return f"{line} {plain_text(self.formatException(info))}" if record.exc_info else line


def start_log(
    level: LogLevel, form: LogFormat = LogFormat.LINE, *, events: bool = False, tracebacks: bool = False
) -> LoggingConfig:
    """Let this process log to standard error, a line for each event.

    Args:
        level: What is logged.
        form: How a line is written.
        events: Log too what becomes of each event, at DEBUG, whatever the level.
        tracebacks: Write tracebacks below their lines; as JSON, those too that a message tells well enough.

    Returns:
        What the runtime of Temporal's SDK is to be given (`use_runtime`), so that its core logs the same way.
    """
    as_json = form is LogFormat.JSON
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(tracebacks=tracebacks) if as_json else OneLineFormatter(tracebacks=tracebacks))
    handler.addFilter(AddFields())
    logging.basicConfig(level=level.name, handlers=[handler])
    logging.captureWarnings(True)
    if events:
        logging.getLogger(ORCHESTRATIONS).setLevel(logging.DEBUG)
    if as_json:  # there it has fields of its own
        workflow.logger.workflow_info_on_message = False
        activity.logger.activity_info_on_message = False
    forwarding = LogForwardingConfig(
        logging.getLogger(CORE),
        append_target_to_name=False,
        prepend_target_on_message=not as_json,
        append_log_fields_to_message=not as_json,
    )
    core = TelemetryFilter(core_level=_CORE_LEVELS.get(level, level.name), other_level="WARN")
    return LoggingConfig(core, forwarding)
