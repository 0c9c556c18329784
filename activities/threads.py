"""The threads of a worker, on which plain functions run: handlers, publishers, and activities of the app's own."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, WorkerConfig

from arvo.handling import plain_functions_on

_MOST_ACTIVITIES = 100
"""Activities of each mode that a worker of Temporal runs at once where its configuration does not say."""


class ThreadsInterceptor(Interceptor):
    """Lets the plain functions of an app run on threads, and so never block the event loop of its worker.

    Args:
        threads: Where they run.
    """

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """See the base class."""
        return _Inbound(next, self._threads)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, threads: Executor) -> None:
        super().__init__(next)
        self._threads = threads

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """See the base class."""
        with plain_functions_on(self._threads):
            return await super().execute_activity(input)


def threads_of(config: WorkerConfig) -> ThreadPoolExecutor:
    """Return the threads of a worker: those of its configuration, or as many as it runs activities at once.

    They start when they are needed, and end with the worker.
    """
    given = config.get("activity_executor")
    if isinstance(given, ThreadPoolExecutor):
        return given
    most = config.get("max_concurrent_activities") or _MOST_ACTIVITIES
    local = config.get("max_concurrent_local_activities") or _MOST_ACTIVITIES
    return ThreadPoolExecutor(most + local, thread_name_prefix="activity")
