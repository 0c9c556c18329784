"""The log of orchestrations. What a line is about stands in its fields (`adapter.log_fields`), not in the text."""

from __future__ import annotations

import logging

from temporalio import workflow

from adapter.log_fields import ORCHESTRATIONS
from adapter.silence import is_silent


class _Logger(workflow.LoggerAdapter):
    def isEnabledFor(self, level: int) -> bool:
        return not is_silent() and super().isEnabledFor(level)


logger = _Logger(logging.getLogger(ORCHESTRATIONS), None)
logger.workflow_info_on_message = False
