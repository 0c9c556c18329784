"""The part of the client that starts orchestrations and sends them events."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from adapter.delivery import DeliveryResult, target_workflow
from adapter.identity import workflow_id
from adapter.ledger import Fate
from adapter.payload import events_from_json, to_event, to_raw
from adapter.routing import starts_orchestration
from adapter.starting import StartOptions
from arvo.contracts import create_arvo_event_factory
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo_temporal.client.composing import SENDER, Startable, subject_of
from arvo_temporal.client.connected import ConnectedClient
from arvo_temporal.client.pending import PendingRequest
from arvo_temporal.client.results import ExecuteResult, StartResult
from arvo_temporal.client.streaming import Sent, Stream
from arvo_temporal.client.updating import not_running, update
from arvo_temporal.client.waiting import Timeout, within

AnyEvent = ArvoEvent | Mapping[str, Any] | str | bytes
"""An event, or its JSON as a mapping or a text."""


class SendingClient(ConnectedClient):
    """Starts orchestrations and sends them events."""

    async def start(self, what: Startable, data: Any, *, key: str | None = None, source: str = SENDER) -> StartResult:
        """Start an orchestration: id, subject, schema, time and receiver of its init event are filled in.

        Args:
            what: A contract, which is started in the newest version that the app has, a version of a contract, or the
                type of an orchestrator of the app: `arvo.orc.order`, `order`, or with a version `order/1.0.0`.
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
            orchestration: Its subject, its workflow id, or what else `find` takes.
            type: The type of the event, one that a service of the machine emits.
            data: Its payload, as a mapping or a model.

        Raises:
            AppError: If this client has no app, or no service of the machine emits such events.
            InvalidPayloadError: If the data does not fit the service's contract.
            OrchestrationNotFoundError: If a workflow id is given that the server does not know.
            OrchestrationBusyError: If the orchestration has taken no more for half a minute.
        """
        return await self.deliver(await self.compose(orchestration, type, data))

    async def compose(self, orchestration: str, type: str, data: Any) -> ArvoEvent:
        """Return the event that `send` sends, for whoever wants to look at it first, or to `execute` it.

        Raises:
            ArvoError: As `send` does.
        """
        return self._composer.answer(await self.subject(orchestration), type, data)

    async def subject(self, orchestration: str) -> str:
        """Return the subject of an orchestration; where that is not given, its first event tells it.

        Args:
            orchestration: As `find` takes it.

        Raises:
            OrchestrationNotFoundError: The server knows no such orchestration.
            ArvoError: As `find` does.
        """
        if ArvoOrchestrationSubject.is_valid(orchestration):
            return orchestration
        return await subject_of(self._reading, await self.find(orchestration))

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

    async def answer(
        self, request: PendingRequest, data: Any, *, type: str | None = None, timeout: Timeout = None
    ) -> ExecuteResult:
        """Answer a request in the place of its service, and wait for what comes of it.

        Args:
            request: One of `pending_requests`.
            data: The payload of the answer.
            type: Its type; not needed where the service has only one.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            UnknownEventTypeError: The service emits no such type, or several and none is named.
            InvalidPayloadError: The data does not fit its contract.
            ArvoError: As `execute` does.
        """
        factory = create_arvo_event_factory(request.contract)
        return await self.execute(factory.answer(request.event, data=data, type=type), timeout=timeout)

    def send_all(
        self, events: AsyncIterable[ArvoEvent], *, wait: bool = False, timeout: Timeout = None
    ) -> AsyncIterator[Sent]:
        """Send any number of events, some dozens at once, and yield what became of each, in their order.

        Those of one orchestration reach it in their order. What is refused is told of and does not stop the others.

        Args:
            events: The events, taken as room comes.
            wait: Whether to `execute` each, and not only to `deliver` it: those of one orchestration then one by one.
            timeout: Longest time to wait for each, in seconds or as a timedelta.

        Raises:
            OrchestrationTimeoutError: One has taken longer than `timeout`; no more are sent.
        """
        return Stream(partial(self.execute, timeout=timeout) if wait else self.deliver, waits=wait).sent(events)

    async def _consumed(self, event: AnyEvent, name: str) -> ExecuteResult:
        event = to_event(event)
        identity = target_workflow(event)
        self._check(event)
        await self._deliverer.room.wait(identity, len(event.to_json_bytes()))
        answer = await update(self.client, identity, partial(self._execute, event, identity, name))
        return ExecuteResult(Fate(answer["fate"]), tuple(events_from_json(answer["events"])), answer["reason"])

    async def _execute(self, event: ArvoEvent, identity: str, name: str, update_id: str) -> dict[str, Any]:
        if not starts_orchestration(event):
            handle = self._reading.get_workflow_handle(identity)
            running: dict[str, Any] = await handle.execute_update(name, to_raw(event), id=update_id)
            return running

        async def begin(options: StartOptions) -> dict[str, Any]:
            return await self._execute_with_start(event, name, update_id, options)

        return await self._deliverer.starter.start(event, self._task_queue, begin)

    async def _execute_with_start(
        self, event: ArvoEvent, name: str, update_id: str, options: StartOptions
    ) -> dict[str, Any]:
        start = WithStartWorkflowOperation[Any, Any](
            **options, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
        )
        try:
            started: dict[str, Any] = await self._reading.execute_update_with_start_workflow(
                name, to_raw(event), id=update_id, start_workflow_operation=start
            )
        except (WorkflowAlreadyStartedError, RPCError) as error:
            with suppress(WorkflowAlreadyStartedError, RPCError):
                await start.workflow_handle()  # the SDK keeps the error there too, and complains where nobody reads it
            if isinstance(error, RPCError):
                raise
            raise not_running(options["id"]) from error
        return started
