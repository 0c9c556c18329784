"""Orchestrations from plain workflows: what a hand-written Temporal workflow calls on a worker with `ArvoPlugin`.

What goes wrong is a failure of Temporal, which a workflow can catch, and which fails it where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError

from adapter.app import ArvoApp
from adapter.delivery import target_workflow
from adapter.failures import as_failure
from adapter.identity import workflow_id
from adapter.limits import check_events, check_fields
from adapter.memo import machine_memo
from adapter.payload import to_raw
from adapter.routing import Route, starts_orchestration
from adapter.runtime import current_app, has_app
from adapter.summaries import summary_of_workflow
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.orchestration import OrchestrationRecord
from workflows.emission_activities import perform
from workflows.foresight import Foresight

__all__ = ["deliver", "execute_orchestration", "OrchestrationHandle", "start_orchestration"]


@dataclass(frozen=True, slots=True)
class OrchestrationHandle:
    """An orchestration that a workflow has started.

    Attributes:
        subject: Its subject, for events that are to be delivered to it.
        workflow_id: Its workflow.
    """

    subject: str
    workflow_id: str
    _child: workflow.ChildWorkflowHandle[Any, dict[str, Any]]

    async def result(self) -> OrchestrationRecord:
        """Wait for its end and return its last record.

        Raises:
            ChildWorkflowError: It failed, was cancelled, terminated or timed out; the cause says why.
        """
        return cast("OrchestrationRecord", await self._child)


async def start_orchestration(
    init: ArvoEvent, *, task_queue: str | None = None, execution_timeout: timedelta | None = None
) -> OrchestrationHandle:
    """Start the orchestration of an init event as a child workflow, which goes on when this workflow ends.

    Args:
        init: The init event, as a factory makes it.
        task_queue: The task queue of the orchestration; that of the app, or what it says for the type.
        execution_timeout: Longest time that it may take, over all runs.

    Raises:
        WorkflowAlreadyStartedError: There is one of this subject already, running or closed.
        ApplicationError: The event starts no orchestration, is too large, or the app knows no such orchestrator.
    """
    app = _app()
    _check(app, init, task_queue)
    child: workflow.ChildWorkflowHandle[Any, dict[str, Any]] = await workflow.start_child_workflow(
        init.type,
        to_raw(init),
        id=workflow_id(init.subject),
        task_queue=task_queue or app.task_queues.get(init.type),
        execution_timeout=execution_timeout,
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        static_summary=summary_of_workflow(app, init),
        memo=machine_memo(app, init),
        result_type=dict[str, Any],
    )
    return OrchestrationHandle(init.subject, child.id, child)


async def execute_orchestration(
    init: ArvoEvent, *, task_queue: str | None = None, execution_timeout: timedelta | None = None
) -> OrchestrationRecord:
    """Start the orchestration of an init event, wait for its end, and return its last record.

    When this workflow is cancelled meanwhile, so is the orchestration.

    Args:
        init: As `start_orchestration` takes it.
        task_queue: Likewise.
        execution_timeout: Likewise.

    Raises:
        ChildWorkflowError: It failed, was cancelled, terminated or timed out; the cause says why.
        WorkflowAlreadyStartedError: There is one of this subject already, running or closed.
        ApplicationError: The event starts no orchestration, is too large, or the app knows no such orchestrator.
    """
    handle = await start_orchestration(init, task_queue=task_queue, execution_timeout=execution_timeout)
    return await handle.result()


async def deliver(event: ArvoEvent) -> None:
    """Deliver an event to its orchestration: start the one of an init event, signal any other to a running one.

    It is tried by the app's policy for the event's receiver; a repetition is recognised.

    Raises:
        ActivityError: The orchestration is closed, or still unknown after the last try.
        ApplicationError: The event is too large, or its subject is that of no orchestration.
    """
    app = _app()
    _check_event(app, event)
    await perform(app, event, Foresight(), way=Route.ORCHESTRATION)


def _app() -> ArvoApp:
    if not has_app():
        raise RuntimeError(
            "This worker has no ArvoPlugin, so it knows no orchestrations. To fix: give its client or itself "
            "plugins=[ArvoPlugin(app)]; until then this workflow waits."
        )
    return current_app()


def _check(app: ArvoApp, init: ArvoEvent, task_queue: str | None) -> None:
    _check_event(app, init)
    if not starts_orchestration(init):
        raise _refused(
            f"The event '{init.type}' starts no orchestration. To fix: make it with "
            "create_arvo_orchestrator_event_factory(...).init(...), or deliver it to a running one."
        )
    if task_queue is None and init.type not in app.orchestrators and init.type not in app.task_queues:
        raise _refused(
            f"This worker's app has no orchestrator '{init.type}'. To fix: add it to ArvoApp(orchestrators=), or name "
            "the task queue of the app that has it in ArvoApp(task_queues=)."
        )


def _check_event(app: ArvoApp, event: ArvoEvent) -> None:
    try:
        target_workflow(event)
        check_fields(event)
        check_events([event], app.limits)
    except ArvoError as error:
        raise as_failure(error) from error


def _refused(message: str) -> ApplicationError:
    return ApplicationError(message, type="InvalidEvent", non_retryable=True)
