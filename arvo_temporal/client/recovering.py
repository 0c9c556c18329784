"""The part of the client that lets orchestrations go on which something has stopped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapter.payload import events_from_json, json_to_raw
from arvo.events import ArvoEvent
from arvo_temporal.client.looking import ReadingClient
from arvo_temporal.client.redrive import redrive
from arvo_temporal.client.results import ExecuteResult, RedriveResult
from arvo_temporal.client.sending import AnyEvent, SendingClient
from arvo_temporal.client.updating import update


class RecoveringClient(SendingClient, ReadingClient):
    """Lets orchestrations go on that something has stopped."""

    async def redrive(
        self, subject: str, event_ids: Collection[str] | None = None, *, source: str | None = None
    ) -> list[RedriveResult]:
        """Send refused, unhandled and late events again, after the reason was removed.

        Nothing has come of such an event, so nothing happens twice. Each is sent as by `execute`: what is refused
        again leaves no trace, and stays among the violations; what comes to a closed orchestration is late again.

        Args:
            subject: The orchestration, as `find` takes it.
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

        return await redrive(again, self._reading, await self.find(subject), ledger.entries, event_ids, source)

    async def retry(self, subject: str, event_id: str | None = None) -> list[ArvoEvent]:
        """Send requests of an orchestration again that have failed for good, after the reason was removed.

        A request has failed when it was answered by a system error, whether the machine has handled that or not. It
        is sent under its own id; what comes of it reaches the machine as an answer does, and may be another failure.
        An orchestration keeps the newest 64 such requests, of 256 KiB in all. One that was to start another
        orchestration is not among them: that begins only once.

        Args:
            subject: The orchestration, as `find` takes it.
            event_id: The id of the request, which stands in the ledger; all that have failed, by default.

        Returns:
            The requests that are on their way again: several where the machine has given them one id.

        Raises:
            ExecutionViolation: No such request has failed, or it is not kept any more.
            OrchestrationNotFoundError: If the server has no such orchestration, or it is closed.
        """
        identity = await self.find(subject)
        handle = self._reading.get_workflow_handle(identity)
        sent: list[dict[str, Any]] = await update(
            self._reading, identity, lambda: handle.execute_update("retry", json_to_raw(event_id))
        )
        return events_from_json(sent)
