"""How produced events leave an orchestration, and how what comes of them gets back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError, WorkflowAlreadyStartedError

from adapter.app import ArvoApp
from adapter.endings import answers_in_failure, answers_in_record, root_cause
from adapter.identity import workflow_id
from adapter.memo import machine_memo
from adapter.names import DELIVER, END, PUBLISH, WATCH
from adapter.payload import events_from_json, to_raw
from adapter.routing import Route, route
from arvo.events import ArvoEvent, create_arvo_event
from arvo.orchestration import ArvoOrchestrator
from arvo.surroundings import deterministic_ids
from workflows.determinism import deterministic

_SUMMARY_BYTES = 200
_FOREVER = timedelta(days=3650)
_WATCH_HEARTBEAT = timedelta(seconds=30)
_END_WITHIN = timedelta(seconds=30)
_END_TRIES = 5
_LONGEST_PAUSE_WITHIN_A_TASK = timedelta(seconds=2)
"""A local activity that waits longer for its next try does it by a timer: nothing that arrives is consumed before the
workflow task has ended."""


class Emission:
    """Sends produced events on their way and takes back what comes of them.

    Args:
        app: The app of the worker.
        init: The event that started the orchestration.
        orchestrator: The orchestrator of the orchestration.
        deliver: Called with each event that comes back for this orchestration.

    Attributes:
        pending: The events whose emission has not ended, by id.
    """

    def __init__(
        self,
        app: ArvoApp,
        init: ArvoEvent,
        orchestrator: ArvoOrchestrator,
        deliver: Callable[[ArvoEvent], object],
    ) -> None:
        self._app = app
        self._subject = init.subject
        self._orchestrator = orchestrator
        self._deliver = deliver
        self._parent = _parent_workflow(init)
        contract = orchestrator.self_contract
        self._last_words = (contract.metadata["completeEventType"], contract.system_error.type)
        self.pending: dict[str, ArvoEvent] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._begun: set[str] = set()

    @property
    def answers_a_parent(self) -> bool:
        """Whether the workflow of another orchestration reads the result of this one."""
        return self._parent is not None

    def emit(self, event: ArvoEvent, *, last: bool = False) -> None:
        """Send one event on its way.

        Args:
            event: The event.
            last: The step that produced it has closed the orchestration: the parent reads it in the result.
        """
        way = route(self._app, event, subject=self._subject, parent=self._parent if last else None)
        if way is Route.INBOX:
            self._deliver(event)
        elif way is Route.NOWHERE:
            self._strand(event)
        elif way is not Route.PARENT:
            self._start(event, self._leave(event, way))

    def open_emissions(self) -> list[ArvoEvent]:
        """Return the events whose emission has not ended, children that have begun apart.

        A child that has not begun when this run ends is started by the next one: the server may drop a start whose
        parent's run is closed.
        """
        return [event for event in self.pending.values() if event.id not in self._begun]

    def open_children(self) -> list[ArvoEvent]:
        """Return the init events of the children that have begun and not ended."""
        return [event for event in self.pending.values() if event.id in self._begun]

    async def end_children(self) -> None:
        """Do with the open children what the app says for an orchestration that is cancelled."""
        how = self._app.children.on_cancel
        children = [workflow_id(event.subject) for event in self.pending.values() if self._is_child(event)]
        if how == "abandon" or not children:
            return
        try:
            await workflow.execute_activity(
                END,
                args=[children, how],
                start_to_close_timeout=_END_WITHIN,
                retry_policy=RetryPolicy(maximum_attempts=_END_TRIES),
                summary=f"{how} the open children",
            )
        except ActivityError as error:
            workflow.logger.error("Children of a cancelled orchestration could not be ended: %s", error.cause)

    def restore(self, emissions: Iterable[ArvoEvent], children: Iterable[ArvoEvent]) -> None:
        """Take up what an earlier run has left: emit again, and watch the open children."""
        for event in emissions:
            self.emit(event)
        for event in children:
            self._start(event, self._ended(event, self._watch(event)))

    def _is_child(self, event: ArvoEvent) -> bool:
        return route(self._app, event, subject=self._subject, parent=None) is Route.CHILD

    def _start(self, event: ArvoEvent, work: Any) -> None:
        self.pending[event.id] = event
        self._tasks[event.id] = asyncio.create_task(work)

    async def _leave(self, event: ArvoEvent, way: Route) -> None:
        ways = {
            Route.HANDLER: self._handle,
            Route.CHILD: self._nest,
            Route.ORCHESTRATION: self._hand_over,
            Route.PUBLISHER: self._publish,
        }
        await self._ended(event, ways[way](event))

    async def _ended(self, event: ArvoEvent, work: Any) -> None:
        try:
            answers = await work
        except FailureError as error:
            # A local activity that fails raises its cause, and only in a replay an ActivityError around it.
            answers = [self._system_error(event, error)]
        self.pending.pop(event.id, None)
        self._tasks.pop(event.id, None)
        self._begun.discard(event.id)
        for answer in answers:
            self.emit(answer)

    async def _handle(self, event: ArvoEvent) -> list[ArvoEvent]:
        answers = await self._activity(str(event.to), [to_raw(event)], event, policy=event.to)
        return events_from_json(answers)

    async def _publish(self, event: ArvoEvent) -> list[ArvoEvent]:
        await self._activity(PUBLISH, [to_raw(event)], event, policy=event.domain)
        return []

    async def _hand_over(self, event: ArvoEvent) -> list[ArvoEvent]:
        await self._activity(DELIVER, [to_raw(event)], event, policy=event.to)
        return []

    async def _nest(self, event: ArvoEvent) -> list[ArvoEvent]:
        try:
            child = await workflow.start_child_workflow(
                event.type,
                to_raw(event),
                id=workflow_id(event.subject),
                task_queue=self._app.task_queues.get(event.type),
                execution_timeout=self._app.children.timeout,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=summarize(event),
                memo=machine_memo(self._app, event),
            )
            self._begun.add(event.id)
            record = await child
        except WorkflowAlreadyStartedError:
            return await self._watch(event)
        except ChildWorkflowError as error:
            # Who has ended it by force may have said why, which only the server tells.
            return answers_in_failure(error, self._subject) or await self._watch(event)
        return answers_in_record(record, self._subject)

    async def _watch(self, event: ArvoEvent) -> list[ArvoEvent]:
        self._begun.add(event.id)
        answers = await workflow.execute_activity(
            WATCH,
            args=[workflow_id(event.subject), self._subject],
            result_type=list[dict[str, Any]],
            start_to_close_timeout=_FOREVER,
            heartbeat_timeout=_WATCH_HEARTBEAT,
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary=f"wait for {event.type}",
        )
        return events_from_json(answers)

    async def _activity(
        self, name: str, args: list[RawValue], event: ArvoEvent, *, policy: str | None
    ) -> list[dict[str, Any]]:
        chosen = self._app.policy(policy)
        options: dict[str, Any] = {
            "args": args,
            "result_type": list[dict[str, Any]],
            "start_to_close_timeout": chosen.timeout,
            "schedule_to_close_timeout": chosen.deadline,
            "retry_policy": chosen.retry,
            "summary": summarize(event),
        }
        if chosen.mode == "local":
            local: list[dict[str, Any]] = await workflow.execute_local_activity(
                name, local_retry_threshold=_LONGEST_PAUSE_WITHIN_A_TASK, **options
            )
            return local
        answers: list[dict[str, Any]] = await workflow.execute_activity(
            name, task_queue=self._app.task_queues.get(name), heartbeat_timeout=chosen.heartbeat, **options
        )
        return answers

    def _strand(self, event: ArvoEvent) -> None:
        """Tell the machine that nobody takes its event; its own last words need no taker, the result has them."""
        if event.source != self._orchestrator.source or event.type not in self._last_words:
            reason = (
                f"Nobody takes '{event.type}': this app has no handler or orchestrator of type '{event.to}' and no "
                f"publisher for the domain {event.domain!r}. Add one to ArvoApp(handlers=, orchestrators=, "
                "publishers=), or name the task queue of the app that has it in ArvoApp(task_queues=)."
            )
            self._deliver(_system_error(event, self._subject, "NoRoute", reason))

    def _system_error(self, event: ArvoEvent, error: FailureError) -> ArvoEvent:
        name, message = root_cause(error)
        return _system_error(event, self._subject, name, message)


def summarize(event: ArvoEvent) -> str:
    """Return what the UI shows of an emission: what it is and where to, in at most 200 bytes."""
    where = event.to if event.to != event.type else (event.domain or "")
    text = f"{event.type} to {where}" if where else event.type
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _system_error(event: ArvoEvent, subject: str, name: str, message: str) -> ArvoEvent:
    """Return the `sys.<type>.error` event that answers `event` in place of whoever should have."""
    uri = event.dataschema.rpartition("/")[0] if event.dataschema else None
    with deterministic():
        return create_arvo_event(
            id=deterministic_ids(subject, event.id, "failed")(),
            type=f"sys.{event.type}.error",
            source=event.to or event.type,
            subject=subject,
            to=event.source,
            accesscontrol=event.accesscontrol,
            parentid=event.id,
            dataschema=f"{uri}/0.0.0" if uri else None,
            data={"errorName": name, "errorMessage": message, "errorStack": None},
        )


def _parent_workflow(init: ArvoEvent) -> str | None:
    """Return the parent subject if that orchestration's workflow started this one as its child."""
    subject = init.data.get("parentSubject$$")
    parent = workflow.info().parent
    if subject is None or parent is None or parent.workflow_id != workflow_id(subject):
        return None
    return str(subject)
