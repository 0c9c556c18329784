"""The workflow that a Temporal schedule starts: it starts the orchestration of its time, and runs as long as that does.

So the overlap policy of the schedule speaks of orchestrations: what still runs is skipped for, waited for, cancelled or
terminated. An orchestration that fails makes the run of the schedule fail.
"""

from __future__ import annotations

from contextlib import suppress

from temporalio import workflow
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ApplicationError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

from adapter.app import ArvoApp
from adapter.codec import wait_for_codec
from adapter.endings import root_cause
from adapter.failures import as_failure, refusal
from adapter.identity import workflow_id
from adapter.memo import machine_memo, memo_of
from adapter.names import SCHEDULE
from adapter.payload import from_raw, to_raw
from adapter.routing import starts_orchestration
from adapter.runtime import current_app
from adapter.scheduling import WITH_ATTRIBUTES, occurrence, scheduled_by
from adapter.search_attributes import start_attributes
from adapter.summaries import summary_of_wait, summary_of_workflow
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from workflows.nesting import watched_ending


@workflow.defn(name=SCHEDULE, sandboxed=False)
class ScheduleWorkflow:
    """One time of a schedule.

    It starts its orchestration once, whatever happens to it: the subject follows from schedule and time. Where that was
    started before (this workflow was reset, or the time is backfilled) it waits for its end.
    """

    @workflow.run
    async def run(self, raw: RawValue) -> dict[str, str]:
        """Start the orchestration, wait for its end, and return its workflow id and its subject.

        The result is short, because Temporal hands it on to the next time.

        Raises:
            ApplicationError: The orchestration has not completed, or no schedule of `arvo-temporal` has started this.
            CancelledError: This was cancelled, and so was the orchestration.
        """
        app = current_app()
        init = _read(app, raw)
        identity = workflow_id(init.subject)
        workflow.set_current_details(f"The orchestration is `{identity}`.")
        try:
            await _orchestrated(app, init, identity)
        except FailureError as error:
            if _was_cancelled(error):
                raise
            cause = root_cause(error)
            # Not from the error: its details have the last record, and Temporal hands a failure on to the next time.
            raise ApplicationError(
                f"The orchestration '{identity}' has not completed: {cause.name}: {cause.message}",
                type="ArvoScheduledOrchestrationFailed",
                non_retryable=True,
            ) from None
        return {"workflowId": identity, "subject": init.subject}


def _read(app: ArvoApp, raw: RawValue) -> ArvoEvent:
    """Return the init event of this time.

    Raises:
        ApplicationError: No schedule has started this workflow, or one whose input is no init event.
        MissingCodecError: As `wait_for_codec` does.
    """
    wait_for_codec(app, raw)
    scheduled = scheduled_by(workflow.info().typed_search_attributes)
    try:
        if scheduled is None:
            raise refusal(
                f"No schedule has started '{workflow.info().workflow_id}'. Make one with  arvo-temporal schedule create"
                "  and start it by  arvo-temporal schedule trigger ."
            )
        init = from_raw(raw)
        if not starts_orchestration(init):
            raise refusal(
                f"The event '{init.type}' of the schedule '{scheduled[0]}' starts no orchestration. Delete it, "
                "and make it anew with  arvo-temporal schedule create ."
            )
        return occurrence(init, *scheduled)
    except ArvoError as error:
        raise as_failure(error) from error


async def _orchestrated(app: ArvoApp, init: ArvoEvent, identity: str) -> None:
    """Start the orchestration, if that was not done before, and wait for its end.

    Raises:
        FailureError: It has not completed.
    """
    has_attributes = memo_of(workflow.memo_value(WITH_ATTRIBUTES, None, type_hint=RawValue)) is True
    try:
        child: workflow.ChildWorkflowHandle[object, RawValue] = await workflow.start_child_workflow(
            init.type,
            to_raw(init),
            id=identity,
            task_queue=app.task_queues.get(init.type),
            # Who terminates a time of a schedule, as its overlap policy may, means the orchestration.
            parent_close_policy=workflow.ParentClosePolicy.TERMINATE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=summary_of_workflow(app, init),
            memo=machine_memo(app, init),
            search_attributes=start_attributes(init) if has_attributes else None,
            result_type=RawValue,
        )
    except WorkflowAlreadyStartedError:
        await _watched(init, identity)
    else:
        await child


async def _watched(init: ArvoEvent, identity: str) -> None:
    """Wait for the end of an orchestration that is no child of this run; cancel it where this is cancelled."""
    try:
        await watched_ending(identity, "", summary_of_wait(init))
    except FailureError as error:
        if _was_cancelled(error):
            with suppress(FailureError):  # it has ended by itself meanwhile
                await workflow.get_external_workflow_handle(identity).cancel()
        raise


def _was_cancelled(error: FailureError) -> bool:
    """Tell whether it is this workflow that was cancelled, and not the orchestration alone."""
    return is_cancelled_exception(error) and workflow.cancellation_reason() is not None
