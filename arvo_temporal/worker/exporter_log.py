"""What an exporter of spans logs while it gets rid of none: a line of each kind a minute, not one for each batch."""

from __future__ import annotations

import logging

from opentelemetry.sdk.trace.export import SpanExporter

from workflows.throttle import Throttle


class OncePerMinute(logging.Filter):
    """Lets one line of each kind through a minute, with how many were left out; a kind is a level and a message."""

    def __init__(self, throttle: Throttle | None = None) -> None:
        super().__init__()
        self._throttle = throttle or Throttle()

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        left_out = self._throttle.left_out((record.name, record.levelno, str(record.msg)))
        if left_out:
            record.msg = f"{record.getMessage()} ({left_out} more of this kind since the last line)"
            record.args = ()
        return left_out is not None


_once_per_minute = OncePerMinute()


def log_once_per_minute(exporter: SpanExporter) -> None:
    """Let an exporter, and what it is derived from, log each kind of line once a minute; once is enough."""
    for name in {kind.__module__ for kind in type(exporter).__mro__} - {object.__module__}:
        logging.getLogger(name).addFilter(_once_per_minute)
