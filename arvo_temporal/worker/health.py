"""Whether somebody serves a task queue: what a container's health check asks."""

from __future__ import annotations

import asyncio
import os
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


async def check_served(client: Client, task_queue: str, *, this_host: bool = False) -> list[str]:
    """Check that a living worker polls a task queue for workflows and for activities.

    Args:
        client: Client of the server and namespace.
        task_queue: The task queue.
        this_host: Count only workers whose process runs on this host, by the identity that Temporal's SDKs give
            themselves (pid@host). It tells at once when a worker is gone; the server takes up to 90 seconds.

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
    serving = sorted(name for name in workflows & activities if not this_host or _runs_here(name))
    if not serving:
        where = " on this host" if this_host else ""
        raise NotServedError(
            f"No worker{where} serves the task queue '{task_queue}' of namespace '{client.namespace}': start one "
            "with  python worker.py MODULE:APP  and see that task queue and namespace are the same."
        )
    return serving


def _runs_here(identity: str) -> bool:
    pid, _, host = identity.partition("@")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
