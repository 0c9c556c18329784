"""The part of the client that waits for orchestrations and reads what they have come to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

from adapter.errors import AppError
from adapter.ledger import Fate, LedgerEntry
from adapter.observation import HistoryEntry
from adapter.places import Place
from adapter.queries import LedgerSnapshot
from arvo.orchestration import OrchestrationRecord
from arvo.statechart import StateValue
from arvo_temporal.client.arriving import Arrival
from arvo_temporal.client.connected import ConnectedClient
from arvo_temporal.client.pending import PendingRequest, pending_requests
from arvo_temporal.client.showing import Showing
from arvo_temporal.client.shown import ShownOrchestration
from arvo_temporal.client.waiting import Timeout, seconds, within
from arvo_temporal.costs import Spent, spent
from arvo_temporal.explaining import Explanation, Verdict, explain
from arvo_temporal.replay import replayed_steps, runs_backwards


class ReadingClient(ConnectedClient):
    """Waits for orchestrations, and reads what they have come to."""

    async def result(self, subject: str, *, timeout: Timeout = None) -> OrchestrationRecord:
        """Wait for the end of an orchestration and return its last record.

        Args:
            subject: Its subject, its workflow id, or what else `find` takes.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationFailedError: If it failed, was cancelled, terminated or timed out.
            OrchestrationTimeoutError: If that has taken longer than `timeout`; the message says what holds it up.
        """
        identity = await self.find(subject)
        async with within(timeout, self.client, identity, "its end"):
            return await self._reader.result(identity)

    async def wait_for(
        self,
        orchestration: str,
        *,
        state: StateValue | None = None,
        tag: str | None = None,
        done: bool = False,
        timeout: Timeout = None,
    ) -> Arrival:
        """Wait until an orchestration is in a state, has a tag, or is done; one of the three is given.

        It answers as soon as a step has brought it there, and at once if it is there. A place that it has left before
        this is called, or that it passes in the moment between two updates by which this asks, is not seen. An end is
        waited for without a trace in the history, a state or a tag costs some events (`docs/command-line.md`).

        Args:
            orchestration: As `find` takes it.
            state: As XState's `matches` takes it: a path such as `payment.pending`, or a part of a state value.
            tag: A tag of a state.
            done: Wait for the end.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            AppError: Not one of the three is given, or several are; or the timeout is none.
            ExecutionViolation: Its machine has no such state or tag, or it is a function, which has none.
            OrchestrationEndedError: It has completed without getting there.
            OrchestrationFailedError: It failed, was cancelled, terminated or timed out.
            OrchestrationNotFoundError: The server knows no such orchestration.
            OrchestrationSilentError: No worker answers, or its workflow task fails again and again.
            OrchestrationTimeoutError: That has taken longer than `timeout`; the message says what holds it up.
        """
        if (state is not None) + (tag is not None) + done != 1:
            raise AppError("wait_for(...) takes one of state=, tag= and done=True.")
        place = None if done else Place.of(state, tag)
        identity = await self.find(orchestration)
        if place is None:
            async with within(timeout, self.client, identity, "its end"):
                return await self._arrivals.end(identity)
        async with within(timeout, self.client, identity, str(place)):
            return await self._arrivals.place(identity, place, seconds(timeout))

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
        identity = await self.find(subject)
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
        identity = await self.find(subject)
        async with within(timeout, self.client, identity, "its ledger"):
            return await self._reader.ledger(identity)

    async def show(self, subject: str, *, timeout: Timeout = None) -> ShownOrchestration:
        """Return all that can be told of an orchestration, without anything of its events' data.

        That is where it stands and since when, what it takes and waits for, its last steps, and its troubles with their
        cures, by its own word; what is tried for it, a workflow task that keeps failing, and the lack of a worker, by
        that of the server; and the same of its children, 50 of all below it at most. Where nobody answers for it, the
        view is rebuilt from its history, if this client has an app.

        Args:
            subject: Its subject, or its workflow id.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
            EncodedPayloadError: What it tells cannot be decoded here.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        identity = await self.find(subject)
        async with within(timeout, self.client, identity, "what is to be shown of it"):
            return await Showing(self._reading, self._reader, self._app).show(identity)

    async def violations(self, subject: str, *, timeout: Timeout = None) -> list[LedgerEntry]:
        """Return the refused deliveries of an orchestration, oldest first, with their reasons.

        Raises:
            ArvoError: As `ledger` does.
        """
        ledger = await self.ledger(subject, timeout=timeout)
        return [entry for entry in ledger.entries if entry.fate is Fate.REFUSED]

    async def explain(
        self,
        subject: str,
        event_type: str,
        data: Mapping[str, Any] | None = None,
        *,
        event_id: str | None = None,
        source: str | None = None,
    ) -> Explanation:
        """Tell what would become of an event if it came now: accepted or not, by which transition, which guards decide.

        Nothing is sent. The app's machine of this process is asked, with the orchestration's present record.

        Args:
            subject: The orchestration's subject, or its workflow id.
            event_type: The event's type.
            data: The event's data; without it, guards that read it are undecided.
            event_id: The event's id, if one is known: an event that has come already is a duplicate.
            source: The event's source, which names it together with the id; any by default.

        Raises:
            AppError: This client has no app, or one that lacks the orchestration's version.
            OrchestrationNotFoundError: If the server knows no such orchestration.
            OrchestrationSilentError: If it takes a worker, and none answers.
        """
        if self._app is None:
            raise AppError("An event is explained by the app's machines: give it, as in ArvoClient(client, app).")
        if event_id is not None and (seen := await self._seen(subject, event_id, source)) is not None:
            reason = f"An event of this id has come before, and was {seen.fate} at {seen.time}."
            return Explanation(event_type, Verdict.DUPLICATE, reason)
        if await self._reader.is_closed(await self.find(subject)):
            reason = "The orchestration is closed. It consumes nothing any more."
            return Explanation(event_type, Verdict.LATE, reason)
        record = await self.record(subject)
        if record is None:
            reason = "The orchestration has not consumed its init event yet: this one waits until it has."
            return Explanation(event_type, Verdict.UNDECIDED, reason)
        return explain(self._app, record, event_type, data)

    async def _seen(self, subject: str, event_id: str, source: str | None) -> LedgerEntry | None:
        """Return the entry of an event that was consumed."""
        entries = (await self.ledger(subject)).entries
        consumed = (one for one in entries if one.fate in (Fate.APPLIED, Fate.UNHANDLED, Fate.FAILED))
        return next((one for one in consumed if one.id == event_id and source in (None, one.source)), None)

    async def cost(self, subject: str) -> Spent:
        """Return what an orchestration has cost so far: history events, and billable actions of Temporal Cloud.

        Args:
            subject: The orchestration's subject, or its workflow id.

        Raises:
            OrchestrationNotFoundError: If the server knows no such orchestration.
        """
        runs = runs_backwards(self.client, await self.find(subject))
        each = [spent(run) async for run in runs]
        return reduce(add, each)

    async def history(self, subject: str, *, timeout: Timeout = None) -> list[HistoryEntry]:
        """Return each step of an orchestration with the record after it, oldest first: time travel.

        It is rebuilt by the app's machines from the histories that the server has, in this process: no worker takes
        part. So it ends with what a worker has worked off, begins where the server's retention begins, and needs code
        that does what was done then. Refused and repeated events are no steps; the ledger has them.

        Args:
            subject: The orchestration, as `find` takes it.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            AppError: If this client has no app.
            OrchestrationNotFoundError: If the server knows no such orchestration.
            HistoryDiffersError: If the app's code does not do what the history says was done.
            OrchestrationTimeoutError: If that has taken longer than `timeout`.
        """
        if self._app is None:
            raise AppError("A history is rebuilt by the app's machines: give it, as in ArvoClient(client, app).")
        identity = await self.find(subject)
        async with within(timeout, self.client, identity, "its history"):
            return await replayed_steps(self.client, self._app, identity)

    async def pending_requests(self, subject: str, *, timeout: Timeout = None) -> list[PendingRequest]:
        """Return the requests that an orchestration has sent out of its app and that nobody has answered, oldest first.

        They are found in its history, as `history` rebuilds it; one that has ended waits for nothing. `answer` takes
        one of them. What is still on its way, or has failed, is among those of `requests`.

        Args:
            subject: The orchestration, as `find` takes it.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            ArvoError: As `history` does.
        """
        steps = await self.history(subject, timeout=timeout)
        assert self._app is not None, "a history takes the app"
        return pending_requests(self._app, steps)
