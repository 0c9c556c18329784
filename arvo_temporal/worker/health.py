"""Whether somebody serves a task queue: what a container's health check asks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.namespace.v1 import UpdateNamespaceInfo
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    GetClusterInfoRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError

from adapter.plain_text import plain_text
from adapter.worker_identity import read_identity
from arvo.errors import ArvoError
from arvo_temporal.worker.workless import taken_by_a_version

_FRESH = timedelta(seconds=90)
"""The server remembers pollers for minutes; a living one comes back at the latest after its poll of one minute."""

_DEV_STORE = "sqlite"
_DISK = "disk"
"""SQLite: disk I/O error, database or disk is full."""


class NotServedError(ArvoError):
    """No living worker polls the task queue."""

    code = "ARVO323"


async def check_served(
    client: Client, task_queue: str, *, this_host: bool = False, build: WorkerDeploymentVersion | None = None
) -> list[str]:
    """Check that a living worker polls a task queue for workflows and for activities.

    Args:
        client: Client of the server and namespace.
        task_queue: The task queue.
        this_host: Count only workers whose process runs on this host, by the identity that Temporal's SDKs give
            themselves (pid@host). It tells at once when a worker is gone; the server takes up to 90 seconds.
        build: Count only workers of this deployment and build; None counts all of them.

    Returns:
        The identities of the workers that serve both.

    Raises:
        NotServedError: There is none, or the dev server cannot write, or those that there are get no new work: they
            are unversioned, and a version of a deployment takes it all.
    """
    await _check_writes(client)
    workflows, activities = await asyncio.gather(
        described(client, task_queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
        described(client, task_queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    )
    now = datetime.now(UTC)
    there = [poller for poller in workflows.pollers if is_of(poller, build)]
    acting = living((poller for poller in activities.pollers if is_of(poller, build)), now)

    def serving(pollers: list[PollerInfo]) -> list[str]:
        both = living(pollers, now) & acting
        return sorted(identity for identity in both if not this_host or runs_here(identity))

    if not serving(there):
        kind = f" of build '{build.build_id}' of deployment '{build.deployment_name}'" if build else ""
        where = " on this host" if this_host else ""
        raise NotServedError(
            f"No worker{kind}{where} serves the task queue '{task_queue}' of namespace '{client.namespace}': start one "
            "with  arvo-temporal worker MODULE:APP  and see that task queue and namespace are the same."
        )
    taken = taken_by_a_version(workflows.versioning_info, task_queue)
    with_work = serving([poller for poller in there if taken is None or _is_versioned(poller)])
    if taken is not None and not with_work:
        raise NotServedError(taken)
    return with_work


async def _check_writes(client: Client) -> None:
    """Check that a dev server can write, which answers as ever on a full disk; others keep watch themselves.

    It is told by its SQLite; what is written is a note in the data of the namespace.

    Raises:
        NotServedError: It cannot.
    """
    service, patience = client.workflow_service, timedelta(seconds=5)
    try:
        about = await service.get_cluster_info(GetClusterInfoRequest(), timeout=patience)
    except RPCError as error:
        if _DISK not in error.message:
            raise
        raise _cannot_write(error) from error  # it may have to write for what it is to read
    if about.persistence_store != _DEV_STORE:
        return
    note = UpdateNamespaceInfo(data={"arvo.health": datetime.now(UTC).isoformat()})
    try:
        await service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, update_info=note), timeout=patience
        )
    except RPCError as error:
        raise _cannot_write(error) from error


def _cannot_write(error: RPCError) -> NotServedError:
    return NotServedError(
        f"The dev server cannot write, so nothing goes on there: {plain_text(error.message)}. Its disk may be full: "
        "make room, and start it again."
    )


def living(pollers: Iterable[PollerInfo], now: datetime) -> set[str]:
    """Return the identities of the pollers that have come back as late as living ones do.

    Args:
        pollers: What the server remembers.
        now: The present moment, in UTC.
    """
    return {poller.identity for poller in pollers if poller.last_access_time.ToDatetime(tzinfo=UTC) >= now - _FRESH}


def runs_here(identity: str) -> bool:
    """Tell whether the process of an identity (pid@host, and maybe the name of an app) runs on this host."""
    pid, host, _ = read_identity(identity)
    if host != socket.gethostname() or pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def may_run(identity: str) -> bool:
    """Tell whether the process of an identity runs; of another host's that cannot be known, so it may."""
    return read_identity(identity)[1] != socket.gethostname() or runs_here(identity)


def is_of(poller: PollerInfo, build: WorkerDeploymentVersion | None) -> bool:
    """Tell whether a poller is of a build; every one is of None."""
    said = poller.deployment_options
    return build is None or (said.deployment_name, said.build_id) == (build.deployment_name, build.build_id)


def _is_versioned(poller: PollerInfo) -> bool:
    mode = poller.deployment_options.worker_versioning_mode
    return mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED


async def described(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    """Return what the server says of a task queue for one kind of work.

    Raises:
        RPCError: The server does not answer within five seconds, or refuses.
    """
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
        ),
        timeout=timedelta(seconds=5),
    )


async def polling(
    client: Client, task_queue: str, kind: TaskQueueType.ValueType, build: WorkerDeploymentVersion | None
) -> Iterable[PollerInfo]:
    """Return who polls a task queue for one kind of work, as the server remembers: of a build, or all.

    Raises:
        RPCError: The server does not answer within five seconds, or refuses.
    """
    answer = await described(client, task_queue, kind)
    return (poller for poller in answer.pollers if is_of(poller, build))
