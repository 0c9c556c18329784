"""What lines of the log get that others write while an orchestration or an activity of ours is at work."""

from __future__ import annotations

import logging

from temporalio import workflow

from adapter.log_fields import current_fields
from adapter.silence import is_silent

_OF_ACTIVITIES = "temporalio.activity"
"""The SDK's logger of failed tries."""
_OF_MACHINES = "arvo.statechart"
"""The logger of the action `log`."""


class AddFields(logging.Filter):
    """Gives a record the fields of what the code that logs it is about; keeps every record, and what it has."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        for name, value in current_fields().items():
            record.__dict__.setdefault(name, value)
        return True


class _OncePerStep(logging.Filter):
    """Drops what a machine logs in a replay, and in a step that is only tried, as updates do at the door."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See the base class."""
        return not (workflow.in_workflow() and is_silent())


_add_fields = AddFields()
_once_per_step = _OncePerStep()


def log_in_context() -> None:
    """Give fields to lines about failed tries and of machines, and let machines log each step once; once is enough."""
    for name in (_OF_ACTIVITIES, _OF_MACHINES):
        logging.getLogger(name).addFilter(_add_fields)
    logging.getLogger(_OF_MACHINES).addFilter(_once_per_step)
