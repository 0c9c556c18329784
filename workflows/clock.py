"""The clock of timers: Temporal's inside a workflow, whose sleep is durable; in tests one that is turned by hand."""

from __future__ import annotations

from typing import Protocol

from temporalio import workflow

from adapter.observation import sleep


class Clock(Protocol):
    """Tells the time, and waits."""

    def time(self) -> float:
        """Return the present moment, in seconds since the epoch."""

    async def sleep(self, seconds: float, summary: str) -> None:
        """Wait so many seconds, at least 0.

        Args:
            seconds: How long.
            summary: What the Temporal UI shows of it.
        """


class WorkflowClock:
    """Temporal's clock, inside a workflow: the same in a replay."""

    def time(self) -> float:
        """Return the time of the workflow task, in seconds since the epoch."""
        return workflow.time()

    async def sleep(self, seconds: float, summary: str) -> None:
        """Wait by a durable timer."""
        await sleep(seconds, summary)
