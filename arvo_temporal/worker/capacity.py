"""How much one worker process takes on at once, and so how much memory it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temporalio.worker import PollerBehaviorSimpleMaximum


@dataclass(frozen=True, slots=True)
class Capacity:
    """Bounds of one worker process.

    Attributes:
        cached_orchestrations: How many open orchestrations it keeps in memory. One that is not there is rebuilt from
            its history when its next event comes: right as well, but slower.
        workflow_tasks: How many orchestrations it advances at once; at least 2.
        activities: How many handlers, publishers and deliveries it runs at once, plain functions on a thread each; as
            many again in local mode.
        pollers: How many requests for work it keeps open, for orchestrations and for activities each; at least 2.
    """

    cached_orchestrations: int = 1000
    workflow_tasks: int = 100
    activities: int = 100
    pollers: int = 5

    def worker_options(self) -> dict[str, Any]:
        """Return the options of `temporalio.worker.Worker` that say the same."""
        polling = PollerBehaviorSimpleMaximum(maximum=self.pollers)
        return {
            "max_cached_workflows": self.cached_orchestrations,
            "max_concurrent_workflow_tasks": self.workflow_tasks,
            "max_concurrent_activities": self.activities,
            "max_concurrent_local_activities": self.activities,
            "workflow_task_poller_behavior": polling,
            "activity_task_poller_behavior": polling,
        }
