"""Delivery of an event to its orchestration on the server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.identity import workflow_id
from adapter.limits import Limits
from adapter.room import Room
from adapter.routing import starts_orchestration
from adapter.signaller import Signaller
from adapter.starting import Starter, StartOptions
from adapter.temporal_errors import is_not_found
from arvo.errors import ExecutionViolation, InvalidSubjectError
from arvo.events import ArvoEvent

_TRIES = 3
"""How often a signal is sent to an orchestration that has begun since the server did not know it."""


class DeliveryStatus(StrEnum):
    """What the sender of an event learns."""

    STARTED = "started"
    """The event has started its orchestration."""
    DELIVERED = "delivered"
    """The event is in the history of its orchestration, whose ledger knows its fate."""
    LATE = "late"
    """The orchestration is closed; the event changed nothing."""
    EARLY = "early"
    """The server knows no such orchestration (yet); the event is with nobody."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The answer to a delivery.

    Attributes:
        status: What became of the event.
        workflow_id: The workflow of its orchestration.
        reason: In words, for everything but success; empty otherwise.
    """

    status: DeliveryStatus
    workflow_id: str
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the orchestration has the event."""
        return self.status in (DeliveryStatus.STARTED, DeliveryStatus.DELIVERED)


class Deliverer:
    """Delivers events to their orchestrations on the server.

    Args:
        client: A Temporal client.
        app: The app of whoever delivers, as far as that is known.

    Attributes:
        room: Tells whether the histories of orchestrations take more.
        starter: Starts orchestrations.
    """

    def __init__(self, client: Client, app: ArvoApp | None) -> None:
        self._client = client
        self.starter = Starter(client, app)
        self.room = Room(client, (app.limits if app else Limits()).history_bytes)
        self._signaller = Signaller(client, self.room)

    async def deliver(self, event: ArvoEvent, *, task_queue: str | None) -> DeliveryResult:
        """Start the orchestration of an init event, or signal the event to a running one.

        Args:
            event: The event.
            task_queue: The task queue of an orchestration that is started, if the app does not name another one; None
                for the type of the orchestration.

        Raises:
            ExecutionViolation: If the event's subject is not an orchestration subject.
            OrchestrationBusyError: If the orchestration has taken no more for half a minute.
        """
        identity = target_workflow(event)
        if starts_orchestration(event) and await self.start(event, task_queue=task_queue):
            return DeliveryResult(DeliveryStatus.STARTED, identity)
        return await self._signal(event, identity)

    async def start(self, init: ArvoEvent, *, task_queue: str | None) -> bool:
        """Start the orchestration of an init event; tell whether it was not there already, running or closed.

        Args:
            init: The init event.
            task_queue: As `deliver` takes it.
        """
        try:
            await self.starter.start(init, task_queue, self._begin)
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _begin(self, options: StartOptions) -> None:
        await self._client.start_workflow(**options)

    async def _signal(self, event: ArvoEvent, identity: str) -> DeliveryResult:
        for _ in range(_TRIES):
            try:
                await self._signaller.signal(identity, event)
            except RPCError as error:
                if not is_not_found(error):
                    raise
            else:
                return DeliveryResult(DeliveryStatus.DELIVERED, identity)
            status = await self._status(identity)
            if status is None:
                reason = f"There is no orchestration '{identity}' on the server. Send its init event first."
                return DeliveryResult(DeliveryStatus.EARLY, identity, reason)
            if status is not WorkflowExecutionStatus.RUNNING:
                reason = f"The orchestration '{identity}' is closed ({status.name.lower()}) and takes no more events."
                return DeliveryResult(DeliveryStatus.LATE, identity, reason)
        reason = f"The orchestration '{identity}' is just beginning. Send the event again."
        return DeliveryResult(DeliveryStatus.EARLY, identity, reason)

    async def _status(self, identity: str) -> WorkflowExecutionStatus | None:
        """Return the status of an orchestration; None if the server knows none."""
        try:
            return (await self._client.get_workflow_handle(identity).describe()).status
        except RPCError as error:
            if not is_not_found(error):
                raise
            return None


def target_workflow(event: ArvoEvent) -> str:
    """Return the workflow id of the orchestration that `event` is for.

    Raises:
        ExecutionViolation: If the event's subject is not an orchestration subject.
    """
    try:
        return workflow_id(event.subject)
    except InvalidSubjectError as error:
        raise ExecutionViolation(
            f"The event '{event.id}' of type '{event.type}' has no orchestration to go to: its subject is not an "
            f"orchestration subject. {error}"
        ) from error
