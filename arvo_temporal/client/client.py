"""The client: sends events to orchestrations and reads what they came to."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapter.app import ArvoApp
from adapter.codec import app_client, reading_client
from adapter.delivery import Deliverer, DeliveryResult, target_workflow
from adapter.errors import AppError
from adapter.identity import locate, workflow_id
from adapter.ledger import Fate, LedgerEntry
from adapter.limits import Limits, check_events, check_fields, check_step
from adapter.observation import HistoryEntry
from adapter.payload import events_from_json, json_to_raw, to_event, to_raw
from adapter.queries import LedgerSnapshot
from adapter.routing import starts_orchestration
from adapter.starting import start_options
from arvo import surroundings
from arvo.errors import described
from arvo.events import ArvoEvent
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.client.composing import SENDER, Composer, Startable, subject_of
from arvo_temporal.client.reading import Reader
from arvo_temporal.client.redrive import redrive
from arvo_temporal.client.results import ExecuteResult, RedriveResult, StartResult
from arvo_temporal.client.scheduling import Schedules
from arvo_temporal.client.updating import not_running, update
from arvo_temporal.client.waiting import Timeout, within
from arvo_temporal.replay import replayed_steps

AnyEvent = ArvoEvent | Mapping[str, Any] | str | bytes
"""An event, or its JSON as a mapping or a text."""


class ArvoClient:
    """Sends events to orchestrations and reads their records.

    Args:
        client: A Temporal client.
        app: The app whose orchestrations are meant. With it, an init event that its contract refuses is refused
            here, before anything is started.
        task_queue: The task queue of the orchestrations that are started; unset, the app's, and without an app the
            type of the orchestration, which is that of an app that has it as its first and names no other one.

    Attributes:
        client: The Temporal client, with the app's codec.
        schedules: Makes and finds schedules that start orchestrations.
    """

    def __init__(self, client: Client, app: ArvoApp | None = None, *, task_queue: str | None = None) -> None:
        _require_client(client)
        self.client = app_client(client, app)
        self._app = app
        self._deliverer = Deliverer(self.client, app)
        self._composer = Composer(app)
        self._reading = reading_client(self.client)
        self._reader = Reader(self._reading, app)
        self._task_queue = task_queue or (app.task_queue if app else None)
        self.schedules = Schedules(self.client, self._composer, self._check, self._task_queue)

    async def start(self, what: Startable, data: Any, *, key: str | None = None, source: str = SENDER) -> StartResult:
        """Start an orchestration: id, subject, schema, time and receiver of its init event are filled in.

        Args:
            what: A contract, which is started in the newest version that the app has, a version of a contract, or the
                type of an orchestrator of the app.
            data: What it begins with, as a mapping or a model.
            key: A key of yours, such as the number of an order. With the same version, key and source comes the same
                orchestration, whatever process asks; it is started once, and after that found.
            source: Who starts it, as a name of three or more parts.

        Raises:
            AppError: If there is no such orchestrator.
            InvalidPayloadError: If the data does not fit the contract.
            InvalidEventError: If the source is no name.
            EventTooLargeViolation: If the event is larger than the app's limits allow.
            ViolationError: If the machine refuses the event.
        """
        event = self._composer.init(what, data, key, source)
        self._check(event)
        started = await self._deliverer.start(event, task_queue=self._task_queue)
        return StartResult(event.subject, workflow_id(event.subject), started)

    async def send(self, orchestration: str, type: str, data: Any) -> DeliveryResult:
        """Send an event to a running orchestration: all but type and data follows from the app's contracts.

        Args:
            orchestration: Its subject, or its workflow id.
            type: The type of the event, one that a service of the machine emits.
            data: Its payload, as a mapping or a model.

        Raises:
            AppError: If this client has no app, or no service of the machine emits such events.
            InvalidPayloadError: If the data does not fit the service's contract.
            OrchestrationNotFoundError: If a workflow id is given that the server does not know.
            OrchestrationBusyError: If the orchestration has taken no more for half a minute.
        """
        subject = await subject_of(self._reading, orchestration)
        return await self.deliver(self._composer.answer(subject, type, data))

    async def deliver(self, event: AnyEvent) -> DeliveryResult:
        """Deliver an event: start its orchestration, or signal a running one.

        Returns when the server has the event; what becomes of it, the orchestration's ledger tells. Events for one
        orchestration that come while a signal to it is under way share the next signal, in the order of the calls.

        Raises:
            InvalidEventError: If it is not an ArvoEvent.
            EventTooLargeViolation: If it is larger than the app's limits allow.
            ViolationError: If its subject is no orchestration subject, or its contract refuses an init event.
            OrchestrationBusyError: If the orchestration has taken no more for half a minute.
        """
        event = to_event(event)
        self._check(event)
        return await self._deliverer.deliver(event, task_queue=self._task_queue)

    async def execute(self, event: AnyEvent, *, timeout: Timeout = None) -> ExecuteResult:
        """Deliver an event and wait for what the orchestration makes of it.

        Args:
            event: The event.
            timeout: Longest time to wait, in seconds or as a timedelta. The event may have been taken when it is over;
                it can be sent again: a repetition is recognised.

        Raises:
            InvalidEventError: If it is not an ArvoEvent.
            EventTooLargeViolation: If it is larger than the app's limits allow.
            ViolationError: The violation that refused it; it has left no trace.
            OrchestrationNotFoundError: If the server has no such orchestration, or it is closed.
            OrchestrationSilentError: If nothing was answered although it was sent several times: there is no worker, or
                its workflow task fails, as its code does not do what was done. The event can be sent again.
            OrchestrationBusyError: If the orchestration has taken no more for half a minute.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        event = to_event(event)
        what = f"the answer to the event '{event.id}' of type '{event.type}'"
        async with within(timeout, self.client, target_workflow(event), what):
            return await self._consumed(event, "execute")

    async def _consumed(self, event: AnyEvent, name: str) -> ExecuteResult:
        event = to_event(event)
        identity = target_workflow(event)
        self._check(event)
        await self._deliverer.room.wait(identity, len(event.to_json_bytes()))
        answer = await update(self.client, identity, lambda: self._execute(event, identity, name))
        return ExecuteResult(Fate(answer["fate"]), tuple(events_from_json(answer["events"])), answer["reason"])

    async def result(self, subject: str, *, timeout: Timeout = None) -> OrchestrationRecord:
        """Wait for the end of an orchestration and return its last record.

        Args:
            subject: Its subject, or its workflow id.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationFailedError: If it failed, was cancelled, terminated or timed out.
            OrchestrationTimeoutError: If that has taken longer than `timeout`; the message says what holds it up.
        """
        identity = locate(subject)
        async with within(timeout, self.client, identity, "its end"):
            return await self._reader.result(identity)

    async def record(self, subject: str, *, timeout: Timeout = None) -> OrchestrationRecord | None:
        """Return the present record of an orchestration; None before its first step.

        A closed one needs no worker: its end has the record. One that was ended by force is rebuilt from its history
        by the app's machines, where this client has an app.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If it takes a worker, and none answers.
            HistoryDiffersError: If it was ended by force, and no code at hand does what was done.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        identity = locate(subject)
        async with within(timeout, self.client, identity, "its record"):
            return await self._reader.record(identity)

    async def ledger(self, subject: str, *, timeout: Timeout = None) -> LedgerSnapshot:
        """Return the fates of an orchestration's newest events, and how often each came up.

        A closed one needs no worker where this client has an app, whose machines rebuild it from its history.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If it takes a worker, and none answers.
            HistoryDiffersError: If it is closed, and no code at hand does what was done.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        identity = locate(subject)
        async with within(timeout, self.client, identity, "its ledger"):
            return await self._reader.ledger(identity)

    async def violations(self, subject: str, *, timeout: Timeout = None) -> list[LedgerEntry]:
        """Return the refused deliveries of an orchestration, oldest first, with their reasons.

        Raises:
            ArvoError: As `ledger` does.
        """
        ledger = await self.ledger(subject, timeout=timeout)
        return [entry for entry in ledger.entries if entry.fate is Fate.REFUSED]

    async def history(self, subject: str, *, timeout: Timeout = None) -> list[HistoryEntry]:
        """Return each step of an orchestration with the record after it, oldest first: time travel.

        It is rebuilt by the app's machines from the histories that the server has, in this process: no worker takes
        part. So it ends with what a worker has worked off, begins where the server's retention begins, and needs code
        that does what was done then. Refused and repeated events are no steps; the ledger has them.

        Args:
            subject: The orchestration's subject, or its workflow id.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            AppError: If this client has no app.
            OrchestrationNotFoundError: If the server knows no such orchestration.
            HistoryDiffersError: If the app's code does not do what the history says was done.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        if self._app is None:
            raise AppError("A history is rebuilt by the app's machines: give it, as in ArvoClient(client, app).")
        identity = locate(subject)
        async with within(timeout, self.client, identity, "its history"):
            return await replayed_steps(self.client, self._app, identity)

    async def redrive(
        self, subject: str, event_ids: Collection[str] | None = None, *, source: str | None = None
    ) -> list[RedriveResult]:
        """Send refused, unhandled and late events again, after the reason was removed.

        Nothing has come of such an event, so nothing happens twice. Each is sent as by `execute`: what is refused
        again leaves no trace, and stays among the violations; what comes to a closed orchestration is late again.

        Args:
            subject: The orchestration's subject, or its workflow id.
            event_ids: The ids of the events; all of these that were not applied since, by default.
            source: The source of the events; any by default. Needed where two sources have given one id.

        Returns:
            What became of each, in the order in which they were refused, or late, first.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If no worker answers.
        """
        ledger = await self.ledger(subject)

        async def again(event: AnyEvent) -> ExecuteResult:
            return await self._consumed(event, "redrive")

        return await redrive(again, self._reading, locate(subject), ledger.entries, event_ids, source)

    async def retry(self, subject: str, event_id: str | None = None) -> list[ArvoEvent]:
        """Send requests of an orchestration again that have failed for good, after the reason was removed.

        A request has failed when it was answered by a system error, whether the machine has handled that or not. It
        is sent under its own id; what comes of it reaches the machine as an answer does, and may be another failure.
        An orchestration keeps the newest 64 such requests, of 256 KiB in all. One that was to start another
        orchestration is not among them: that begins only once.

        Args:
            subject: The orchestration's subject, or its workflow id.
            event_id: The id of the request, which stands in the ledger; all that have failed, by default.

        Returns:
            The requests that are on their way again: several where the machine has given them one id.

        Raises:
            ExecutionViolation: No such request has failed, or it is not kept any more.
            OrchestrationNotFoundError: If the server has no such orchestration, or it is closed.
        """
        identity = locate(subject)
        handle = self._reading.get_workflow_handle(identity)
        sent: list[dict[str, Any]] = await update(
            self._reading, identity, lambda: handle.execute_update("retry", json_to_raw(event_id))
        )
        return events_from_json(sent)

    async def _execute(self, event: ArvoEvent, identity: str, name: str) -> dict[str, Any]:
        if not starts_orchestration(event):
            handle = self._reading.get_workflow_handle(identity)
            running: dict[str, Any] = await handle.execute_update(name, to_raw(event))
            return running
        start = WithStartWorkflowOperation[Any, Any](
            **start_options(event, self._app, self._task_queue),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        try:
            started: dict[str, Any] = await self._reading.execute_update_with_start_workflow(
                name, to_raw(event), start_workflow_operation=start
            )
        except WorkflowAlreadyStartedError as error:
            with suppress(WorkflowAlreadyStartedError):
                await start.workflow_handle()  # the SDK keeps the error there too, and complains where nobody reads it
            raise not_running(identity) from error
        return started

    def _check(self, event: ArvoEvent) -> None:
        """Refuse at the door what the server would not take, or the orchestration could only fail on."""
        limits = self._app.limits if self._app else Limits()
        check_fields(event)
        check_events([event], limits)
        orchestrator = self._app.orchestrators.get(event.type) if self._app else None
        if self._app is None or orchestrator is None or not starts_orchestration(event):
            return
        with surroundings.untraced():
            if self._app.step_mode(event.type) == "inline":
                check_step(orchestrator.step(event, None), limits)
            else:
                orchestrator.check(event, None)


def _require_client(client: object) -> None:
    """Refuse what people give instead of a client.

    Raises:
        AppError: It is no client of Temporal.
    """
    if isinstance(client, Client):
        return
    if inspect.iscoroutine(client):
        client.close()
        raise AppError("ArvoClient got a coroutine: wait for the client first, ArvoClient(await connect(), app).")
    raise AppError(
        f"ArvoClient(client, app) takes a Temporal client first, not {described(client)}: write "
        "ArvoClient(await connect(), app)."
    )
