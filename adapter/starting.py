"""How the workflow of an orchestration is started by whoever delivers its init event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, TypedDict, TypeVar

from temporalio.client import Client
from temporalio.common import RawValue, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.identity import workflow_id
from adapter.memo import machine_memo
from adapter.payload import to_raw
from adapter.registered import has_attributes
from adapter.search_attributes import start_attributes
from adapter.summaries import summary_of_workflow
from adapter.temporal_errors import lacks_search_attribute
from arvo.events import ArvoEvent

T = TypeVar("T")

logger = logging.getLogger(__name__)

_LOOK_AGAIN = 300.0
"""Seconds after which a namespace that lacked the search attributes may have them."""


class StartOptions(TypedDict):
    """What `Client.start_workflow` and `WithStartWorkflowOperation` take."""

    workflow: str
    arg: RawValue
    id: str
    task_queue: str
    memo: Mapping[str, Any] | None
    id_reuse_policy: WorkflowIDReusePolicy
    static_summary: str
    search_attributes: TypedSearchAttributes | None


class Starter:
    """Starts orchestrations with their search attributes, and without them in a namespace that does not have them.

    Args:
        client: A Temporal client.
        app: The app of whoever starts them, as far as that is known.
    """

    def __init__(self, client: Client, app: ArvoApp | None) -> None:
        self._client = client
        self._app = app
        self._look_at = 0.0
        self._has_attributes = False
        self._looking: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}

    async def start(self, init: ArvoEvent, task_queue: str | None, send: Callable[[StartOptions], Awaitable[T]]) -> T:
        """Start the orchestration of an init event.

        Args:
            init: The init event.
            task_queue: As `start_options` takes it.
            send: Sends the start to the server; called again where the namespace lacks the search attributes.

        Raises:
            InvalidSubjectError: If the event's subject is not an orchestration subject.
            RPCError: The server's error.
        """
        options = start_options(init, self._app, task_queue)
        if not await self._may_have_attributes():
            return await send(_without_attributes(options))
        try:
            return await send(options)
        except RPCError as error:
            if not lacks_search_attribute(error):
                raise
        self._note(has_attributes=False)
        return await send(_without_attributes(options))

    async def _may_have_attributes(self) -> bool:
        """Tell whether the namespace has them; it is looked at first, as a start that was refused can leave its id.

        Temporal's time-skipping test server does so.
        """
        if not self._has_attributes and time.monotonic() >= self._look_at:
            loop = asyncio.get_running_loop()
            if loop not in self._looking:
                self._looking[loop] = loop.create_task(self._look())
            await asyncio.shield(self._looking[loop])
        return self._has_attributes

    async def _look(self) -> None:
        """Look at the namespace, once for all who start at the same time."""
        try:
            self._note(has_attributes=await has_attributes(self._client))
        except RPCError:  # whoever starts need not be allowed to list: the start itself will tell
            self._has_attributes = True
        finally:
            del self._looking[asyncio.get_running_loop()]

    def _note(self, *, has_attributes: bool | None) -> None:
        self._has_attributes = has_attributes is True
        self._look_at = time.monotonic() + _LOOK_AGAIN
        if has_attributes is False:
            _tell_what_is_lacking(self._client.namespace)


def start_options(init: ArvoEvent, app: ArvoApp | None, task_queue: str | None) -> StartOptions:
    """Return how the orchestration of an init event is started.

    Args:
        init: The init event.
        app: The app of whoever starts it, as far as that is known.
        task_queue: The task queue of an orchestration that the app does not leave to another one; None for the one
            that an app is given which names none, and has it as its first: the orchestration's type.

    Raises:
        InvalidSubjectError: If the event's subject is not an orchestration subject.
    """
    foreign = app.task_queues if app else {}
    return {
        "workflow": init.type,
        "arg": to_raw(init),
        "id": workflow_id(init.subject),
        "task_queue": foreign.get(init.type, task_queue or init.type),
        "memo": machine_memo(app, init),
        "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
        "static_summary": summary_of_workflow(app, init),
        "search_attributes": start_attributes(init),
    }


def _without_attributes(options: StartOptions) -> StartOptions:
    return {**options, "search_attributes": None}


@cache
def _tell_what_is_lacking(namespace: str) -> None:
    """Say once in this process that a namespace lacks the search attributes."""
    logger.warning(
        "The namespace '%s' has no search attributes for orchestrations: they are started without, and no list finds "
        "them by state or trouble. To fix:  arvo-temporal setup --namespace %s",
        namespace,
        namespace,
    )
