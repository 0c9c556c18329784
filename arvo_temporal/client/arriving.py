"""Waiting until an orchestration gets to a place, by updates that it answers when it is there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError

from adapter.app import ArvoApp
from adapter.errors import OrchestrationEndedError, OrchestrationNotFoundError
from adapter.payload import json_to_raw
from adapter.places import NOT_NOW, Place
from adapter.temporal_errors import has_outlived_run, is_not_found
from arvo.events import ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine, ArvoOrchestrator
from arvo.statechart import StateValue
from arvo_temporal.client.reading import Reader
from arvo_temporal.client.updating import not_running, update
from arvo_temporal.client.waiting import time_skipping

_ASKS_FOR = 60.0
"""Seconds after which an orchestration answers in any case: whoever has gone is waited for no longer."""
_PAUSE = 0.25
_LONGEST_PAUSE = 8.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where an orchestration is that has got to where it was waited for.

    Attributes:
        workflow_id: Its workflow.
        status: The status of its machine, or function: `active`, `done`.
        value: The value of its state; of a function None. It may have gone on since it was where it was waited for.
    """

    workflow_id: str
    status: str | None
    value: StateValue | None


class Arrivals:
    """Waits until orchestrations get to places.

    Args:
        client: A Temporal client.
        app: The app, whose machine knows the tags of an orchestration that has ended; None for none.
        reader: Reads how an orchestration has ended.
    """

    def __init__(self, client: Client, app: ArvoApp | None, reader: Reader) -> None:
        self._client = client
        self._app = app
        self._reader = reader

    async def end(self, identity: str) -> Arrival:
        """Wait for the end, which costs the orchestration nothing.

        Raises:
            OrchestrationFailedError: It has ended otherwise than by completing.
            OrchestrationNotFoundError: The server knows no such orchestration.
        """
        return _arrival(identity, await self._reader.result(identity))

    async def place(self, identity: str, place: Place, seconds: float | None) -> Arrival:
        """Wait until an orchestration is at a place, however often it takes to ask.

        Args:
            identity: Its workflow id.
            place: The place.
            seconds: How long the caller waits, so that nothing waits for longer; None for as long as it takes.

        Raises:
            ExecutionViolation: Its machine has no such place, or it has no machine.
            OrchestrationEndedError: It has ended elsewhere.
            OrchestrationFailedError: It has ended otherwise than by completing.
            OrchestrationNotFoundError: The server knows no such orchestration.
            OrchestrationSilentError: An update was lost again and again.
        """
        longest = min(_ASKS_FOR, seconds + 1) if seconds is not None else _ASKS_FOR
        skipping = time_skipping(self._client)
        asked = json_to_raw(place.to_json(longest, skips_time=not isinstance(skipping, nullcontext)))
        pause, clock = _PAUSE, asyncio.get_running_loop().time
        async with skipping:
            while True:
                began = clock()
                arrival = await self._asked_once(identity, place, asked)
                if arrival is not None:
                    return arrival
                if clock() - began > _PAUSE:
                    pause = _PAUSE
                    continue
                # Its run has to end, or others wait: what is asked again at once gets the same answer.
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _asked_once(self, identity: str, place: Place, asked: RawValue) -> Arrival | None:
        """Ask the present run, or see how the last one has ended; None stands for "not yet"."""
        try:
            answer = await update(self._client, identity, partial(self._ask, identity, asked))
        except OrchestrationNotFoundError:
            return await self._ended(identity, place)
        return _arrival(identity, answer) if answer is not None and answer["reached"] else None

    async def _ask(self, identity: str, asked: RawValue, update_id: str) -> Mapping[str, Any] | None:
        """Send the update; None if it may be tried again in a moment."""
        try:
            handle = self._client.get_workflow_handle(identity)
            answer: Mapping[str, Any] = await handle.execute_update("wait", asked, id=update_id)
        except WorkflowUpdateFailedError as error:
            if has_outlived_run(error.cause) or getattr(error.cause, "type", None) == NOT_NOW:
                return None
            raise
        return answer

    async def _ended(self, identity: str, place: Place) -> Arrival | None:
        """Return where an orchestration has ended; None if it has not."""
        try:
            description = await self._client.get_workflow_handle(identity).describe()
        except RPCError as error:
            if is_not_found(error):
                raise not_running(identity) from error
            raise
        if description.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
            return None
        record = await self._reader.result(identity)
        if place.is_reached(self._machine(record), record):
            return _arrival(identity, record)
        raise OrchestrationEndedError(
            f"The orchestration '{identity}' has completed without getting to {place}.", workflow_id=identity
        )

    def _machine(self, record: Mapping[str, Any]) -> ArvoMachine | None:
        """Return the machine that has written a record; None where this client has not got it."""
        named = ArvoOrchestrationSubject.parse(record["subject"]).orchestrator
        orchestrator = self._app.orchestrators.get(named.name) if self._app else None
        return orchestrator.machine(named.version) if isinstance(orchestrator, ArvoOrchestrator) else None


def _arrival(identity: str, record: Mapping[str, Any]) -> Arrival:
    return Arrival(identity, record.get("status"), record.get("value"))
