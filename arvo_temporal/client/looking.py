"""The part of the client that waits for orchestrations and reads what they have come to."""

from __future__ import annotations

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
from arvo_temporal.client.waiting import Timeout, seconds, within
from arvo_temporal.replay import replayed_steps


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
            AppError: Not one of the three is given, or several are.
            ExecutionViolation: Its machine has no such state or tag, or it is a function, which has none.
            OrchestrationEndedError: It has completed without getting there.
            OrchestrationFailedError: It failed, was cancelled, terminated or timed out.
            OrchestrationNotFoundError: The server knows no such orchestration.
            OrchestrationSilentError: No worker answers, or its workflow task fails again and again.
            OrchestrationTimeoutError: That has taken longer than `timeout`; the message says what holds it up.
        """
        if (state is not None) + (tag is not None) + done != 1:
            raise AppError("wait_for(...) takes one of state=, tag= and done=True.")
        identity = await self.find(orchestration)
        if done:
            async with within(timeout, self.client, identity, "its end"):
                return await self._arrivals.end(identity)
        place = Place(state, tag)
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

        They are found in its history, as `history` rebuilds it; one that has ended waits for nothing.

        Args:
            subject: The orchestration, as `find` takes it.
            timeout: Longest time to wait, in seconds or as a timedelta.

        Raises:
            ArvoError: As `history` does.
        """
        steps = await self.history(subject, timeout=timeout)
        assert self._app is not None, "a history takes the app"
        return pending_requests(self._app, steps)
