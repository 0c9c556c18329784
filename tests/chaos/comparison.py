"""What should have happened, by a run in this process without any faults, and what differs from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.exceptions import TemporalError

from arvo import ArvoEvent, SimpleEventBroker
from arvo_temporal import ArvoClient, Fate, LedgerSnapshot, OrchestrationSilentError
from examples.orders.approvals import ApprovalDesk
from tests.chaos.app import create_handlers, create_orchestrators
from tests.chaos.notes import GARBAGE, RECEIVED, notes
from tests.chaos.plan import READERS, Plan
from tests.chaos.poison import Poison, Refusals
from tests.chaos.questions import ANSWERED, ASKED
from tests.examples.produced import produced_on_temporal, shapes
from tests.resumables import output_of

_ASKED_AGAIN = 2


@dataclass(slots=True)
class Findings:
    """What a run came to.

    Attributes:
        orchestrations: How many orchestrations ended, nested ones included.
        continued: How many runs of their workflows continued as new.
        consumed: How many events they consumed.
        duplicates: How many deliveries repeated another one.
        large: How many large events there were, sent once or more often.
        refused: How many refusals they have entered.
        garbage: How often another team has answered with garbage.
        unanswered: How many requests have come to nothing because of it, and were asked again.
        produced: How many events they produced, the answers of handlers included.
        received: How many of these were for handlers and publishers, and reached them.
        received_again: How often one of these was received again.
        differences: What is not as it should be; empty if all is well.
    """

    orchestrations: int = 0
    continued: int = 0
    consumed: int = 0
    duplicates: int = 0
    large: int = 0
    refused: int = 0
    garbage: int = 0
    unanswered: int = 0
    produced: int = 0
    received: int = 0
    received_again: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Expected:
    """What the run without faults came to: its outputs by subject, what was produced, how many events were consumed."""

    outputs: dict[str, Any]
    produced: list[ArvoEvent]
    consumed: int


async def run_in_process(plan: Plan) -> Expected:
    """Run the plan in this process."""
    orchestrators = create_orchestrators()
    memory = {orchestrator.source: orchestrator.memory for orchestrator in orchestrators}

    async def decide(request: ArvoEvent, broker: SimpleEventBroker) -> None:
        await broker.publish(ApprovalDesk().decide(request))

    broker = SimpleEventBroker([*orchestrators, *create_handlers()], on_domained_event=decide, max_events=1_000_000)
    outputs = {}
    for event in [*plan.starts, *plan.signals]:
        await broker.publish(event)
    for start in plan.starts:
        record = await memory[start.type].read(start.subject)
        outputs[start.subject] = output_of(record) if record else None
    sent = {event.id for event in [*plan.starts, *plan.signals]}
    consumed = [event for event in broker.events if event.domain is None and (event.to or event.type) in memory]
    decisions = [event for event in broker.events if event.type == "evt.approval.decided"]
    produced = [event for event in broker.events if event.id not in sent]
    return Expected(outputs, produced, len(consumed) + len(decisions))


async def compare(client: ArvoClient, plan: Plan, poison: Poison, task_queue: str, folder: Path) -> Findings:
    """Compare what the server has, and what handlers have received, with the run without faults.

    Args:
        client: A client of the server.
        plan: What was sent.
        poison: What strangers have sent.
        task_queue: The task queue of the orchestrations.
        folder: Where handlers and publishers have written down what they took.
    """
    findings = Findings(large=len(plan.large))
    async for run in client.client.list_workflows(f"TaskQueue = '{task_queue}' AND ExecutionStatus = 'Running'"):
        findings.differences.append(f"{run.id} was forgotten: it is still running")
    if findings.differences:
        return findings
    expected = await run_in_process(plan)
    await _compare_outputs(client, plan, expected, findings)
    sent = {event.id for event in [*plan.starts, *plan.signals]} | poison.ids
    on_temporal = [event for event in await produced_on_temporal(client, task_queue) if event.id not in sent]
    unanswered = _unanswered(on_temporal, notes(GARBAGE, folder), findings)
    produced = [event for event in on_temporal if not {event.id, event.parentid} & unanswered]
    findings.produced = len(produced)
    wanted, found = (shapes(_without_order(event) for event in events) for events in (expected.produced, produced))
    findings.differences.extend(_difference("produced", wanted, found))
    received = [line.split() for line in notes(RECEIVED, folder)]
    _compare_received(expected, [(id, type) for id, type in received if id not in unanswered], findings)
    subjects = {event.subject for event in [*plan.starts, *produced] if event.type.startswith("arvo.orc.")}
    await _count_fates(client, subjects, poison, findings)
    if findings.consumed != expected.consumed:
        findings.differences.append(f"{findings.consumed} events were consumed, not {expected.consumed}")
    findings.continued = (await client.client.count_workflows("ExecutionStatus = 'ContinuedAsNew'")).count
    return findings


def _unanswered(produced: list[ArvoEvent], garbage: list[str], findings: Findings) -> set[str]:
    """Return the ids of the requests that were answered with garbage, and therefore asked again.

    One of those may have an answer as well, which has come with the end of a run: the next run has sent it once more.
    """
    answered = {event.parentid for event in produced if event.type == ANSWERED}
    rounds: dict[tuple[str, int], list[str]] = {}
    for event in produced:
        if event.type == ASKED:
            rounds.setdefault((event.subject, event.data["number"]), []).append(event.id)
    spoiled = {line.split()[0] for line in garbage}
    unanswered = set[str]()
    for ids in rounds.values():
        *others, _ = sorted(ids, key=lambda id: (id in answered, id not in spoiled))
        unanswered.update(others)
    findings.garbage, findings.unanswered = len(garbage), len(unanswered)
    for id in unanswered - spoiled:
        findings.differences.append(f"The request {id} was asked again, though it was not answered with garbage")
    return unanswered


def _compare_received(expected: Expected, received: list[tuple[str, str]], findings: Findings) -> None:
    orchestrators = {orchestrator.source for orchestrator in create_orchestrators()}
    handlers = {handler.source for handler in create_handlers()}
    wanted = [
        event.type
        for event in expected.produced
        if event.to in handlers or (event.domain is not None and event.to not in orchestrators)
    ]
    once = dict(received)
    findings.received = len(once)
    findings.received_again = len(received) - len(once)
    findings.differences.extend(_difference("received", wanted, list(once.values())))


async def _compare_outputs(client: ArvoClient, plan: Plan, expected: Expected, findings: Findings) -> None:
    for start in plan.starts:
        output = output_of(await client.result(start.subject))
        wanted = expected.outputs[start.subject]
        if start.type in READERS:
            output["checksum"] = wanted["checksum"]
        if output != wanted:
            findings.differences.append(f"{start.type} {start.id} came to {output}, not to {wanted}")


async def _count_fates(client: ArvoClient, subjects: Iterable[str], poison: Poison, findings: Findings) -> None:
    """Count what became of the events, without the system errors that garbage has come to."""
    for subject in sorted(subjects):
        try:
            ledger = await _ledger(client, subject)
        except (OrchestrationSilentError, TemporalError) as error:
            findings.differences.append(f"{subject} cannot be asked: {error}")
            continue
        findings.orchestrations += 1
        findings.consumed += ledger.counts.get(Fate.APPLIED, 0)
        findings.duplicates += ledger.counts.get(Fate.DUPLICATE, 0)
        refused, expected = ledger.counts.get(Fate.REFUSED, 0), poison.refusals.get(subject, Refusals())
        findings.refused += refused
        if not expected.least <= refused <= expected.most:
            findings.differences.append(
                f"{subject}: {refused} refusals, not {expected.least} to {expected.most} as of the poison"
            )
        for fate in (Fate.UNHANDLED, Fate.FAILED):
            if count := ledger.counts.get(fate):
                findings.differences.append(f"{subject}: {count} events are {fate}")
    findings.consumed -= findings.unanswered


async def _ledger(client: ArvoClient, subject: str) -> LedgerSnapshot:
    """Ask an orchestration for its ledger, and again where a worker that was killed has taken the question along."""
    for _ in range(_ASKED_AGAIN):
        with suppress(OrchestrationSilentError):
            return await client.ledger(subject)
    return await client.ledger(subject)


def _without_order(event: ArvoEvent) -> ArvoEvent:
    """Return the event without the checksum of what was read: it tells the order of signals, and that is shuffled."""
    if event.type.removesuffix(".done") not in READERS:
        return event
    return ArvoEvent.from_json({**event.to_json(), "data": {**event.data, "checksum": 0}})


def _difference(verb: str, expected: list[str], actual: list[str]) -> list[str]:
    missing, surplus = Counter(expected) - Counter(actual), Counter(actual) - Counter(expected)
    return [f"{count} times not {verb}: {shape}" for shape, count in missing.items()] + [
        f"{count} times too often {verb}: {shape}" for shape, count in surplus.items()
    ]
