"""The threads of a worker, on which plain functions run: handlers, publishers, and activities of the app's own."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    WorkerConfig,
)

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

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        """See the base class."""
        super().init(_Outbound(outbound))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """See the base class."""
        with plain_functions_on(self._threads):
            return await super().execute_activity(input)


class _Outbound(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor) -> None:
        super().__init__(next)
        self._loop = asyncio.get_running_loop()

    def heartbeat(self, *details: Any) -> None:
        """Send a heartbeat from whatever thread: Temporal expects that of an async activity on the event loop."""
        if _is_on_a_loop():
            super().heartbeat(*details)
        else:
            self._loop.call_soon_threadsafe(partial(super().heartbeat, *details))


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


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
