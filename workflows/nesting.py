"""Nested orchestrations: started as child workflows, watched by later runs, ended with a parent that is cancelled."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError

from adapter.app import ArvoApp
from adapter.codec import wait_for_codec
from adapter.endings import Ending, result_of
from adapter.identity import owner_id, workflow_id
from adapter.log_fields import orchestration_fields
from adapter.memo import MEMO, machine_memo, memo_of, remembered_depth, with_depth
from adapter.names import END, WATCH
from adapter.payload import to_raw
from adapter.search_attributes import child_attributes
from adapter.spans import span
from adapter.summaries import summary_of_wait, summary_of_workflow
from arvo.contracts import PARENT_SUBJECT
from arvo.events import ArvoEvent
from workflows.answers import read_answer
from workflows.log import logger

_FOREVER = timedelta(days=3650)
_WATCH_HEARTBEAT = timedelta(seconds=30)
_END_WITHIN = timedelta(seconds=30)
_END_TRIES = 5


def parent_of(init: ArvoEvent) -> str | None:
    """Return the subject of the parent that has started this one as its child, or its outbox; None if there is none."""
    subject = init.data.get(PARENT_SUBJECT)
    parent = workflow.info().parent
    if subject is None or parent is None or owner_id(parent.workflow_id) != workflow_id(subject):
        return None
    return str(subject)


def depth() -> int:
    """Return how many orchestrations this one is nested in; a memo says so only to a child."""
    if workflow.info().parent is None:
        return 0
    return remembered_depth(memo_of(workflow.memo_value(MEMO, None, type_hint=RawValue)))


async def watched_ending(identity: str, reader: str, summary: str) -> RawValue:
    """Wait for the end of an orchestration by an activity, and return what its activity has: the events for a reader.

    Args:
        identity: The workflow id of the orchestration.
        reader: The subject of the orchestration that reads its events; empty for none.
        summary: What the UI shows of the wait.

    Raises:
        ActivityError: It ended without an event for the reader, and did not complete.
    """
    answer: RawValue = await workflow.execute_activity(
        WATCH,
        args=[identity, reader],
        result_type=RawValue,
        start_to_close_timeout=_FOREVER,
        heartbeat_timeout=_WATCH_HEARTBEAT,
        retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
        summary=summary,
    )
    return answer


class Nesting:
    """The children of one orchestration.

    Args:
        app: The app of the worker.
        subject: The subject of the orchestration.
        deepest: How deep orchestrations may be nested.
    """

    def __init__(self, app: ArvoApp, subject: str, deepest: int) -> None:
        self._app = app
        self._subject = subject
        self._deepest = deepest
        self._depth = depth()
        self._begun: set[str] = set()

    def has_begun(self, init: ArvoEvent) -> bool:
        """Tell whether a child is known to have begun, and not to have ended."""
        return init.subject in self._begun

    def take_up(self, init: ArvoEvent) -> None:
        """Note that a child has begun in an earlier run."""
        self._begun.add(init.subject)

    async def start(self, init: ArvoEvent) -> list[ArvoEvent]:
        """Start a child, wait for its end, and return its events for this orchestration.

        Raises:
            FailureError: It ended without one, or with something else than a record, or would be nested too deep.
            MissingCodecError: As `perform` does.
        """
        if self._depth >= self._deepest:
            raise ApplicationError(
                f"'{init.type}' is not started: {self._depth} orchestrations are nested in each other here, and the "
                f"limit is {self._deepest} (Limits(nesting=)).",
                type="NestingTooDeep",
            )
        try:
            child = await workflow.start_child_workflow(
                init.type,
                to_raw(init),
                id=workflow_id(init.subject),
                task_queue=self._app.task_queues.get(init.type),
                execution_timeout=span(self._app.children.timeout),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=summary_of_workflow(self._app, init),
                memo=with_depth(machine_memo(self._app, init), self._depth + 1),
                search_attributes=child_attributes(init, workflow.info().typed_search_attributes),
                result_type=RawValue,
            )
            self._begun.add(init.subject)
            ending = self._read(init, await child)
        except WorkflowAlreadyStartedError:
            return await self.watch(init)
        except ChildWorkflowError as error:
            ending = Ending.of_failure(error, workflow_id(init.subject))
        answers = ending.for_parent(self._subject)
        if ending.cause is not None and not answers:
            # Who has ended it by force may have said why, which only the server tells.
            return await self.watch(init)
        self._begun.discard(init.subject)
        return answers

    async def watch(self, init: ArvoEvent) -> list[ArvoEvent]:
        """Wait for the end of a child that has begun, by an activity, and return its events for this orchestration.

        Raises:
            FailureError: It ended without one.
        """
        self._begun.add(init.subject)
        try:
            identity = workflow_id(init.subject)
            answer = await watched_ending(identity, self._subject, summary_of_wait(init))
        finally:
            self._begun.discard(init.subject)
        return read_answer(answer, init, self._subject)

    async def end(self, children: list[ArvoEvent]) -> None:
        """Do with children what the app says for an orchestration that is cancelled.

        Args:
            children: Their init events.
        """
        how = self._app.children.on_cancel
        if how == "abandon" or not children:
            return
        try:
            await workflow.execute_activity(
                END,
                args=[[workflow_id(child.subject) for child in children], how],
                start_to_close_timeout=_END_WITHIN,
                retry_policy=RetryPolicy(maximum_attempts=_END_TRIES),
                result_type=RawValue,
                summary=f"{how} the open children",
            )
        except ActivityError as error:
            about = orchestration_fields(self._subject)
            logger.error("Children of a cancelled orchestration could not be ended: %s", error.cause, extra=about)

    def _read(self, init: ArvoEvent, result: RawValue) -> Ending:
        if init.type not in self._app.task_queues:
            wait_for_codec(self._app, result)
        return Ending.of_result(result_of(result))
