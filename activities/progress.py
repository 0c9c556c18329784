"""How far a call of a resumable's function has come, kept by the server as the details of the activity's heartbeats."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from pydantic_core import to_json
from temporalio import activity
from temporalio.client import AsyncActivityCancelledError
from temporalio.service import RPCError

from adapter.errors import EventTooLargeViolation
from adapter.log_fields import current_fields
from arvo.orchestration import Progress

logger = logging.getLogger(__name__)

_MOST = 1024 * 1024
"""Bytes of what is kept: it goes to the server with each heartbeat."""


class KeptProgress:
    """The progress of the call that the present activity makes.

    The SDK sends heartbeats seldom, and a worker that is killed takes along what it has not sent. So what is saved goes
    to the server at once, and into the heartbeats that follow.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        info = activity.info()
        self._latest = list(info.heartbeat_details)[:1]
        self._under_way: set[asyncio.Task[None]] = set()
        last = self._latest[0] if self._latest else None
        self.progress = Progress(last) if info.is_local else Progress(last, self._keep)

    def details(self) -> list[Any]:
        """Return what is kept at present, as the details of a heartbeat."""
        return self._latest

    def _keep(self, value: Any) -> Awaitable[None]:
        size = len(to_json(value))
        if size > _MOST:
            raise EventTooLargeViolation(
                f"The progress of a call has {size:,} bytes; the limit is {_MOST:,}. Put what is large into a store of "
                "its own, and save where it is (a claim check)."
            )
        self._latest = [value]
        activity.heartbeat(value)
        token = activity.info().task_token
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # a plain function, on a thread
            asyncio.run_coroutine_threadsafe(self._send(token, value), self._loop).result()
            return Progress().save(None)
        task = asyncio.create_task(self._send(token, value))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _send(self, token: bytes, value: Any) -> None:
        try:
            await activity.client().get_async_activity_handle(task_token=token).heartbeat(value)
        except AsyncActivityCancelledError:
            return  # the SDK tells the function
        except RPCError as error:
            about = dict(current_fields())
            logger.warning("The progress of a call could not be kept yet: %s", error.message, extra=about)
