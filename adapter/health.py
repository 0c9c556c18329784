"""Whether somebody serves a task queue: what a container's health check asks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from arvo.errors import ArvoError

_FRESH = timedelta(seconds=90)
"""The server remembers pollers for minutes; a living one comes back at the latest after its poll of one minute."""


class NotServedError(ArvoError):
    """No living worker polls the task queue."""

    code = "ARVO323"


async def check_served(client: Client, task_queue: str, *, host: str | None = None) -> list[str]:
    """Check that a living worker polls a task queue for workflows and for activities.

    Args:
        client: Client of the server and namespace.
        task_queue: The task queue.
        host: Count only workers of this host, by the identity that Temporal's SDKs give themselves (pid@host).

    Returns:
        The identities of the workers that serve both.

    Raises:
        NotServedError: There is none.
    """
    workflows, activities = await asyncio.gather(
        *(
            _pollers(client, task_queue, kind)
            for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
        )
    )
    serving = sorted(name for name in workflows & activities if host is None or name.endswith(f"@{host}"))
    if not serving:
        where = f" on host {host}" if host is not None else ""
        raise NotServedError(
            f"No worker{where} serves the task queue '{task_queue}' of namespace '{client.namespace}': start one "
            "with  python worker.py MODULE:APP  and see that task queue and namespace are the same."
        )
    return serving


def this_host() -> str:
    """Return the name of this host as it stands in the identity of its workers."""
    return socket.gethostname()


async def _pollers(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> set[str]:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
        ),
        timeout=timedelta(seconds=5),
    )
    return set(_living(answer.pollers))


def _living(pollers: Iterable[PollerInfo]) -> Iterable[str]:
    since = datetime.now(UTC) - _FRESH
    for poller in pollers:
        if poller.last_access_time.ToDatetime(tzinfo=UTC) >= since:
            yield poller.identity
