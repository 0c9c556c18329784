"""How the workflow of an orchestration is started by whoever delivers its init event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from temporalio.common import RawValue, WorkflowIDReusePolicy

from adapter.app import ArvoApp
from adapter.identity import workflow_id
from adapter.memo import machine_memo
from adapter.payload import to_raw
from adapter.summaries import summary_of_workflow
from arvo.events import ArvoEvent


class StartOptions(TypedDict):
    """What `Client.start_workflow` and `WithStartWorkflowOperation` take."""

    workflow: str
    arg: RawValue
    id: str
    task_queue: str
    memo: Mapping[str, Any] | None
    id_reuse_policy: WorkflowIDReusePolicy
    static_summary: str


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
    }
