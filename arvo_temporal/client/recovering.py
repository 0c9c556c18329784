"""The part of the client that lets orchestrations go on which something has stopped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from adapter.errors import AppError
from adapter.ledger import Fate, LedgerEntry
from adapter.payload import events_from_json, json_to_raw
from adapter.resolution import OPERATOR, OpenRequest, Resolution
from adapter.troubles import Trouble, TroubleKind
from arvo.events import ArvoEvent
from arvo_temporal.client.looking import ReadingClient
from arvo_temporal.client.nudging import NudgeResult
from arvo_temporal.client.redrive import redrive, stopped
from arvo_temporal.client.results import ExecuteResult, RedriveResult
from arvo_temporal.client.sending import AnyEvent, SendingClient
from arvo_temporal.client.updating import update
from arvo_temporal.client.waiting import Timeout, within


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

    async def stopped(self, subject: str) -> list[LedgerEntry]:
        """Return what `redrive` would send again: the events that are still refused, unhandled or late.

        Raises:
            ArvoError: As `ledger` does.
        """
        return stopped((await self.ledger(subject)).entries)

    async def retry(self, subject: str, event_id: str | None = None) -> list[ArvoEvent]:
        """Send requests of an orchestration again that have failed for good, after the reason was removed.

        A request has failed when it was answered by a system error, whether the machine has handled that or not. It
        is sent under its own id; what comes of it reaches the machine as an answer does, and may be another failure.
        One of the given id that is on its way again already stays so, and is returned: asking twice sends it once.
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
        await self._reader.require_readable(identity)
        handle = self._reading.get_workflow_handle(identity)
        sent: list[dict[str, Any]] = await update(
            self._reading,
            identity,
            lambda update_id: handle.execute_update("retry", json_to_raw(event_id), id=update_id),
        )
        return events_from_json(sent)

    async def requests(self, subject: str) -> list[OpenRequest]:
        """Return the requests of an orchestration that are open or have failed: what can be retried or resolved.

        Those to nested orchestrations are not among them: they have records of their own. Nor are those that have left
        the app and wait for somebody outside: `pending_requests` has them.

        Args:
            subject: The orchestration, as `find` takes it.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If no worker answers.
        """
        return await self._reader.requests(await self.find(subject))

    async def resolve(
        self,
        subject: str,
        type: str,
        data: Mapping[str, Any],
        *,
        request: str | None = None,
        by: str = OPERATOR,
        timeout: Timeout = None,
    ) -> ExecuteResult:
        """Answer a request of an orchestration in the place of its service, whether it is open or has failed.

        All but type and data follows from the request. The event is marked by the CloudEvents extension `resolvedby`.
        From now on nothing else answers this request: its emission is cancelled, it is no longer kept as failed, and
        what its service answers later all the same is a `duplicate`. It is one decision of the orchestration: where it
        refuses, nothing has changed. A repetition with the same request is a `duplicate` as well.

        Args:
            subject: The orchestration's subject, or its workflow id.
            type: The type of the answer: one that the service emits, or its system error, to let the request fail.
            data: The payload of the answer.
            request: The id of the request; may be left out where only one is answered by such an event.
            by: Who answers, in at most 200 characters.
            timeout: Longest time to wait, in seconds or as a timedelta; the answer may have been taken when it is over.

        Raises:
            ExecutionViolation: There is no such request, the event does not answer it, the machine does not take it in
                its present state, or it is no event.
            ContractViolation: The data does not fit the service's contract.
            OrchestrationNotFoundError: If the server has no such orchestration, or it is closed.
            OrchestrationSilentError: If no worker answers.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        identity = await self.find(subject)
        async with within(timeout, self.client, identity, f"the outcome of the answer '{type}'"):
            await self._reader.require_readable(identity)
            wanted = _resolution(request or await self._only_request(identity, type), type, data, by)
            handle = self._reading.get_workflow_handle(identity)
            answer: dict[str, Any] = await update(
                self._reading,
                identity,
                lambda update_id: handle.execute_update("resolve", json_to_raw(wanted.model_dump()), id=update_id),
            )
        return ExecuteResult(Fate(answer["fate"]), tuple(events_from_json(answer["events"])), answer["reason"])

    async def nudge(self, subject: str, *, reset: bool = False) -> list[NudgeResult]:
        """Let what an orchestration waits for its next try with be tried now: handlers, deliveries, publishers.

        Activities between two tries are tried at once, and have all tries of their policy again; paused ones go on.
        A workflow task that fails is handed out again by the server when it sees fit, after at most ten minutes, and
        a nested orchestration is one of its own: both are named. Of a closed orchestration, what it had left to send.

        Args:
            subject: The orchestration's subject, or its workflow id.
            reset: Whether to reset a run whose workflow task fails to its last workflow task, so that a worker has it
                at once. What came of activities since then is done again, at least once as always.

        Returns:
            What was nudged and what could not be; nothing where nothing waits for a next try.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            RPCError: If the server does not answer.
        """
        return await self._nudger.nudge(await self.find(subject), reset=reset)

    async def troubles(self, subject: str) -> list[Trouble]:
        """Return what keeps an orchestration from going on as it should, oldest first, as far as it knows itself.

        Args:
            subject: The orchestration's subject, or its workflow id.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If no worker answers.
        """
        return await self._reader.troubles(await self.find(subject))

    async def dismiss(
        self, subject: str, event_id: str | None = None, *, kind: TroubleKind | str | None = None
    ) -> list[Trouble]:
        """End troubles of an orchestration that need no cure, such as that of a refused event nobody wants any more.

        What they are about is not sent again by `redrive` or `retry`, unless an event is named there. The ledger keeps
        it, as `dismissed`.

        Args:
            subject: The orchestration's subject, or its workflow id.
            event_id: The id of the event, or of the request, that they are about; all by default.
            kind: Their kind: `refused`, `unhandled` or `failed`; any by default.

        Returns:
            The troubles that are over, as far as they were kept one by one.

        Raises:
            AppError: There is no such kind.
            ExecutionViolation: There is no such trouble: it was cured, or dismissed already.
            OrchestrationNotFoundError: If the server has no such orchestration, or it is closed.
            OrchestrationSilentError: If no worker answers.
        """
        if kind is not None and kind not in tuple(TroubleKind):
            raise AppError(f"There is no trouble {kind!r} to dismiss: it is one of {', '.join(TroubleKind)}.")
        identity = await self.find(subject)
        await self._reader.require_readable(identity)
        wanted = json_to_raw({"id": event_id, "kind": kind})
        handle = self._reading.get_workflow_handle(identity)
        dismissed: list[dict[str, Any]] = await update(
            self._reading, identity, lambda update_id: handle.execute_update("dismiss", wanted, id=update_id)
        )
        return [Trouble.model_validate(trouble) for trouble in dismissed]

    async def between_tries(self, subject: str) -> list[str]:
        """Return in words what `nudge` would let be tried now.

        Raises:
            RPCError: If the server does not answer.
        """
        return await self._nudger.waiting(await self.find(subject))

    async def _only_request(self, identity: str, type: str) -> str | None:
        """Return the id of the request that an event of this type answers, if there is one only.

        It is named in the update, which may have to be sent again: then it must not answer the next one.
        """
        ids = {pending.id for pending in await self._reader.requests(identity) if type in pending.answers}
        return ids.pop() if len(ids) == 1 else None


def _resolution(request: str | None, type: str, data: Mapping[str, Any], by: str) -> Resolution:
    try:
        return Resolution(request=request, type=type, data=dict(data), by=by)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise AppError(f"That is no answer: {problems}.") from error
