"""The workflow that sends what an orchestration has left to send when it ended."""

from __future__ import annotations

from typing import NoReturn

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.codec import wait_for_codec
from adapter.failures import AwaitsDeploymentError, as_failure, refusal
from adapter.identity import owner_id, workflow_id
from adapter.ledger import Fate, Ledger
from adapter.memo import MEMO, memo_of, remembered_limits
from adapter.names import OUTBOX
from adapter.payload import events_from_json, events_to_json, json_of, json_to_raw
from adapter.runtime import current_app
from arvo.errors import ArvoError
from arvo.events import ArvoOrchestrationSubject
from workflows.dead_letters import DeadLetters
from workflows.details import describe_outbox
from workflows.emission import Emission
from workflows.failed_requests import FailedRequests
from workflows.fates import Fates
from workflows.foresight import Foresight
from workflows.inbox import Delivery, Inbox
from workflows.outbox import OutboxContents
from workflows.reports import Reports
from workflows.trouble import Troubles

_ENDED = "The orchestration has ended."
_NAMED = 20


@workflow.defn(name=OUTBOX, sandboxed=False)
class OutboxWorkflow:
    """Sends the events of an orchestration that has ended, each at least once, under its id.

    What comes back for the orchestration is late. Where an event cannot be sent, the outbox fails once all others are
    sent: there an operator sees it, and a reset sends it again.
    """

    @workflow.run
    async def run(self, raw: RawValue) -> None:
        """Send what the orchestration has left.

        Raises:
            ApplicationError: Some of it could not be sent, or this is not the outbox of an orchestration.
        """
        app = current_app()
        outbox = _Outbox(app, _read(app, raw))
        await outbox.send()
        outbox.check()


class _Outbox:
    """What is on its way, and where it comes back to."""

    def __init__(self, app: ArvoApp, contents: OutboxContents) -> None:
        subject = contents.subject
        limits = remembered_limits(memo_of(workflow.memo_value(MEMO, None, type_hint=RawValue)), app.limits)
        self._subject = subject
        self._inbox = Inbox(subject, limits.remembered_ids)
        reports = Reports(subject)
        troubles = Troubles(reports=reports)
        self._failed = FailedRequests(troubles)
        self._failed.restore(events_from_json(contents.failed))
        self._dead_letters = DeadLetters(app, subject)
        self._dead_letters.restore(contents.dead_letters)
        self._fates = Fates(Ledger(limits.ledger), self._dead_letters, troubles, reports)
        orchestrator = _orchestrator(app, subject)
        self._emission = Emission(app, subject, orchestrator, self._inbox, self._failed, limits, reports, Foresight())
        self._emission.restore(events_from_json(contents.events), ())

    async def send(self) -> None:
        """Wait until all has left, or has failed for good."""
        while self._inbox or self._is_open():
            self._enter_late()
            workflow.set_current_details(describe_outbox(self._emission.emissions(), self._fates.ledger))
            await workflow.wait_condition(lambda: bool(self._inbox) or not self._is_open() or _run_is_full())
            if _run_is_full() and not self._inbox:
                self._continue_as_new()

    def check(self) -> None:
        """Raise the failure of an outbox that could not send all."""
        failed = self._failed.named(None)
        if failed:
            named = ", ".join(f"'{event.type}' ({event.id})" for event in failed[:_NAMED])
            reasons = [entry.reason for entry in self._fates.ledger.entries if entry.code]
            raise ApplicationError(
                f"What '{owner_id(workflow.info().workflow_id)}' had left to send could not be sent: {named}. Remove "
                "the reason, and reset this workflow to its first workflow task: it sends again, under the same ids. "
                f"The last reason: {reasons[-1] if reasons else 'told in an earlier run'}",
                type="ArvoOutboxFailed",
                non_retryable=True,
            )

    def _is_open(self) -> bool:
        return self._emission.is_open() or bool(self._dead_letters)

    def _enter_late(self) -> None:
        while self._inbox:
            item = self._inbox.take()
            if isinstance(item, Delivery):
                self._fates.enter(item.event, Fate.LATE, reason=_ENDED)

    def _continue_as_new(self) -> NoReturn:
        contents = OutboxContents(
            subject=self._subject,
            events=events_to_json(self._emission.emissions()),
            dead_letters=self._dead_letters.carry(),
            failed=events_to_json(self._failed.named(None)),
        )
        workflow.continue_as_new(json_to_raw(contents.model_dump(mode="json")))


def _run_is_full() -> bool:
    return workflow.info().is_continue_as_new_suggested()


def _read(app: ArvoApp, raw: RawValue) -> OutboxContents:
    """Return what an outbox begins with.

    Raises:
        ApplicationError: Nobody's orchestration has started it: whoever else does could send in its name.
    """
    wait_for_codec(app, raw)
    info = workflow.info()
    try:
        contents = OutboxContents.model_validate_json(json_of(raw))
        owner = workflow_id(contents.subject)
    except (ArvoError, ValidationError) as error:
        raise as_failure(refusal(f"This is not the outbox of an orchestration: {str(error)[:1000]}")) from error
    if info.parent is None or info.parent.workflow_id != owner:
        raise as_failure(refusal(f"Only the orchestration '{owner}' itself can start an outbox of its own."))
    return contents


def _orchestrator(app: ArvoApp, subject: str) -> AnyOrchestrator:
    name = ArvoOrchestrationSubject.parse(subject).orchestrator.name
    if name not in app.orchestrators:
        raise AwaitsDeploymentError(
            f"This worker has no orchestrator '{name}'. Deploy a worker whose app has it; until then this outbox waits."
        )
    return app.orchestrators[name]
