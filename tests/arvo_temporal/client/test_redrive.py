"""Refused and late events are sent again, whole, and each sender learns what became of its own."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import (
    Client,
    FetchWorkflowHistoryEventsInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowHistoryEventAsyncIterator,
)

from adapter.ledger import LedgerEntry
from arvo import ArvoEvent
from arvo.errors import ContractViolation
from arvo_temporal import ArvoClient, ExecuteResult, Fate, OrchestrationNotFoundError, RedriveResult
from arvo_temporal.client.redrive import redrive, stopped
from arvo_temporal.dev_server.server import DevServer
from tests.apps import counted, start_count
from tests.conftest import Serve
from tests.resumables import Kind, as_machine_and_function, counter_app

NOWHERE = "arvo.orc.counter/1.0.0/absent/absent"


@as_machine_and_function
@pytest.mark.parametrize(("size", "reads"), [(10, 0), (9_000, 1)], ids=["kept whole", "cut by the ledger"])
async def test_the_history_is_read_once_at_most_for_any_number_of_events(
    serve: Serve, size: int, reads: int, kind: Kind
) -> None:
    init = start_count(goal=1)
    events = [wrong(init.subject, note="x" * size) for _ in range(3)]
    async with serve(counter_app(kind=kind)) as client:
        await client.execute(init)
        for event in events:
            await client.deliver(event)
        counting = CountsReads()
        config = client.client.config()
        config["interceptors"] = [*config["interceptors"], counting]
        results = await ArvoClient(Client(**config)).redrive(init.subject)
    assert [(result.id, result.fate) for result in results] == [(event.id, Fate.REFUSED) for event in events]
    assert all("by" in (result.reason or "") for result in results)
    assert counting.reads == reads


def test_what_was_dismissed_is_not_stopped_until_it_comes_again() -> None:
    first, second, again = (entry(id, Fate.REFUSED) for id in ("a", "b", "a"))
    over = again.model_copy(update={"dismissed": True})
    assert [one.id for one in stopped([first, second])] == ["a", "b"]
    assert [one.id for one in stopped([first, second, over])] == ["b"]
    assert [one.id for one in stopped([over])] == []
    assert stopped([over, second, again]) == [second, again]


async def test_what_was_consumed_since_is_not_sent_again(server: DevServer) -> None:
    ledger = [
        entry("a", Fate.REFUSED),
        entry("b", Fate.REFUSED),
        entry("a", Fate.APPLIED),
        entry("c", Fate.REFUSED),
        entry("c", Fate.APPLIED),
        entry("e", Fate.UNHANDLED),
        entry("f", Fate.UNHANDLED),
        entry("f", Fate.APPLIED),
        entry("b", Fate.DUPLICATE),
        entry("d", Fate.LATE),
    ]
    sent = Sent()
    await redrive(sent.execute, await Client.connect(server.address), NOWHERE, ledger)
    assert sent.ids == ["b", "e", "d"]


@pytest.mark.parametrize(
    ("outcome", "fate", "accepted"),
    [
        (ExecuteResult(Fate.APPLIED, ()), Fate.APPLIED, True),
        (ExecuteResult(Fate.UNHANDLED, (), "no transition"), Fate.UNHANDLED, True),
        (ExecuteResult(Fate.DUPLICATE, (), "again"), Fate.DUPLICATE, True),
        (ExecuteResult(Fate.LATE, (), "closed"), Fate.LATE, False),
        (ContractViolation("no sum"), Fate.REFUSED, False),
        (OrchestrationNotFoundError("closed", workflow_id=NOWHERE), Fate.LATE, False),
    ],
)
async def test_the_new_fate_is_told(
    server: DevServer, outcome: ExecuteResult | Exception, fate: Fate, accepted: bool
) -> None:
    sent = Sent(outcome)
    client = await Client.connect(server.address)
    (result,) = await redrive(sent.execute, client, NOWHERE, [entry("a", Fate.REFUSED)])
    assert (result.id, result.fate, result.accepted) == ("a", fate, accepted)
    assert (result.reason is None) == (fate is Fate.APPLIED)


async def test_what_the_ledger_does_not_know_has_no_fate(server: DevServer) -> None:
    sent = Sent()
    client = await Client.connect(server.address)
    ledger = [entry("a", Fate.APPLIED), entry("b", Fate.REFUSED)]
    results = await redrive(sent.execute, client, NOWHERE, ledger, ["absent", "b", "a", "b"])
    reason = "The ledger of this orchestration has no such refused, unhandled or late event."
    assert results == [
        RedriveResult("absent", None, None, reason),
        RedriveResult("b", "evt.tally.counted", Fate.APPLIED),
        RedriveResult("a", None, None, reason),
    ]
    assert [result.accepted for result in results] == [False, True, False]


async def test_what_is_no_event_is_not_sent(server: DevServer) -> None:
    sent = Sent()
    nothing = LedgerEntry(fate=Fate.REFUSED, time="", reason="not JSON", payload="{", complete=True)
    (result,) = await redrive(sent.execute, await Client.connect(server.address), NOWHERE, [nothing])
    assert result == RedriveResult(None, None, Fate.REFUSED, "It cannot be sent again: not JSON")
    assert sent.ids == []


def wrong(subject: str, **extensions: Any) -> ArvoEvent:
    """Return an event that its contract refuses."""
    event = counted(subject, extensions=extensions)
    return ArvoEvent.from_json({**event.to_json(), "data": {"by": "one"}})


def entry(event_id: str, fate: Fate) -> LedgerEntry:
    """Return an entry that has the whole text of its event."""
    text = counted(start_count(goal=1).subject, id=event_id).to_json_text()
    return LedgerEntry(
        id=event_id, type="evt.tally.counted", fate=fate, time="", reason="", payload=text, complete=True
    )


class Sent:
    """Stands for the client: notes what is sent, and answers as it is told."""

    def __init__(self, outcome: ExecuteResult | Exception | None = None) -> None:
        self.ids: list[str] = []
        self.outcome = outcome or ExecuteResult(Fate.APPLIED, ())

    async def execute(self, event: Any) -> ExecuteResult:
        self.ids.append(ArvoEvent.from_json(event).id)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class CountsReads(Interceptor):
    """Counts how often a history is read."""

    reads = 0

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Counting(self, next)


class _Counting(OutboundInterceptor):
    def __init__(self, counts: CountsReads, next: OutboundInterceptor) -> None:
        super().__init__(next)
        self._counts = counts

    def fetch_workflow_history_events(
        self, input: FetchWorkflowHistoryEventsInput
    ) -> WorkflowHistoryEventAsyncIterator:
        self._counts.reads += 1
        return super().fetch_workflow_history_events(input)
