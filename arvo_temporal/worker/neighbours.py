"""Two apps on one task queue: each would get the other's work, and could do nothing with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.worker_identity import read_identity
from arvo.errors import ArvoError
from arvo_temporal.worker.health import living, may_run, polling
from arvo_temporal.worker.options import WorkerOptions


class TaskQueueTakenError(ArvoError):
    """Workers of another app serve the task queue."""

    code = "ARVO326"


async def refuse_other_apps(client: Client, options: WorkerOptions) -> None:
    """Refuse a task queue that workers of another app serve.

    They are told by their identities. Another release of this app is the same app, as long as this one has the
    orchestrator, or the handler, that the other one is named after. A worker of another build of a deployment is let
    be, since it gets only what is its own.

    Raises:
        TaskQueueTakenError: There are such workers, and they live.
    """
    there = await _identities(client, options)
    strangers = [one for one in there if _is_of_another(one, options.app) and may_run(one)]
    if strangers:
        raise TaskQueueTakenError(
            f"The task queue '{options.task_queue}' of namespace '{client.namespace}' is served by another app, whose "
            f"workers were there in the last 90 seconds: {', '.join(strangers)}. Each would get work of the other, and "
            "let it wait. Stop the other one, or give this app a task queue of its own: "
            "ArvoApp(task_queue=...) or --task-queue. --no-check starts it all the same."
        )


async def _identities(client: Client, options: WorkerOptions) -> list[str]:
    """Return the identities of the living workers of a task queue; none where the server does not tell."""
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    try:
        found = await asyncio.gather(*(polling(client, options.task_queue, kind, options.build) for kind in kinds))
    except RPCError:
        return []
    now = datetime.now(UTC)
    return sorted({identity for pollers in found for identity in living(pollers, now)})


def _is_of_another(identity: str, app: ArvoApp) -> bool:
    _, _, name = read_identity(identity)
    return None not in (name, app.name) and name not in app.orchestrators and name not in app.handlers
