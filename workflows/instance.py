"""One orchestration while its workflow runs: its parts, and how they are put together.

What arrives goes through the reception into the inbox, is given its turn there, makes a step, and the step's effects
are timers and emissions, whose results go into the inbox again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RawValue

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.definition import find_machine
from adapter.delays import delay_summary
from adapter.ledger import Ledger
from adapter.limits import Limits
from adapter.memo import MEMO, memo_of, remembered_limits, remembered_mode, remembers_state
from adapter.packing import pack, unpack
from adapter.payload import events_from_json
from adapter.policies import StepMode
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import ArvoOrchestrator, ArvoResumable, OrchestrationRecord
from arvo.telemetry import TraceHeaders
from workflows.attributes import OwnAttributes
from workflows.calls import Calls
from workflows.carried_context import with_new_values
from workflows.carried_state import CarriedState
from workflows.chronicle import Chronicle
from workflows.clock import WorkflowClock
from workflows.dead_letters import DeadLetters
from workflows.dismissing import Dismissing
from workflows.emission import Emission
from workflows.failed_requests import FailedRequests
from workflows.fates import Fates
from workflows.foresight import Foresight
from workflows.inbox import Inbox
from workflows.length import run_is_long
from workflows.marks import Marks
from workflows.nesting import parent_of
from workflows.reception import Reception
from workflows.reports import Reports
from workflows.resolving import Resolving
from workflows.steps import Steps
from workflows.timers import Timers
from workflows.trace import OrchestrationTrace
from workflows.trouble import Troubles
from workflows.turns import Turns
from workflows.waits import Waits


@dataclass(frozen=True, slots=True)
class OrchestrationInstance:
    """One orchestration while its workflow runs.

    Attributes:
        app: The app of the worker.
        orchestrator: The orchestrator whose machine, or function, it runs.
        init: The event that started it.
        parent: The subject of the parent whose workflow reads how it ends; None if there is none.
        limits: The limits that this run began with.
        ledger: What became of the events that have arrived.
        troubles: What keeps it from going on as it should.
        dead_letters: The refusals on their way to the app's publisher.
        inbox: What waits for its turn.
        timers: The delayed transitions that wait for their time.
        emission: The produced events on their way.
        failed: Those of them that have failed for good.
        steps: The record, and what takes it on.
        chronicle: Since when it is where it stands, and its last steps.
        reports: What logs and metrics are told.
        reception: Where signals and updates arrive.
        dismissing: What ends troubles that need no cure.
        resolving: What answers requests in the place of services.
        waits: Who waits until it gets somewhere.
        turns: What takes the waiting out of the inbox.
        foresight: Where the results of local activities have come in.
        carried: What an earlier run has left.
    """

    app: ArvoApp
    orchestrator: AnyOrchestrator
    init: ArvoEvent
    parent: str | None
    limits: Limits
    ledger: Ledger
    troubles: Troubles
    dead_letters: DeadLetters
    inbox: Inbox
    timers: Timers
    emission: Emission
    failed: FailedRequests
    steps: Steps
    chronicle: Chronicle
    reports: Reports
    reception: Reception
    dismissing: Dismissing
    resolving: Resolving
    waits: Waits
    turns: Turns
    foresight: Foresight
    carried: CarriedState


def put_together(
    app: ArvoApp, orchestrator: AnyOrchestrator, init: ArvoEvent, carried: CarriedState | None
) -> OrchestrationInstance:
    """Return an orchestration as its run begins.

    Args:
        app: The app of the worker.
        orchestrator: The orchestrator whose machine, or function, it runs.
        init: The event that started it.
        carried: What an earlier run has left; None in the first run.
    """
    carried = carried or CarriedState(record=None, inbox=pack([init.to_json_bytes()]))
    memo = memo_of(workflow.memo_value(MEMO, None, type_hint=RawValue))
    limits = remembered_limits(memo, app.limits)
    parent = parent_of(init)
    ledger = Ledger(limits.ledger, carried.ledger, carried.counts)
    dead_letters = DeadLetters(app, init.subject)
    reports = Reports(init.subject)
    troubles = Troubles(carried.troubles, carried.older_troubles, reports)
    fates = Fates(ledger, dead_letters, troubles, reports)
    waiting, remembered = unpack(carried.inbox), limits.remembered_ids
    inbox = Inbox(init.subject, remembered, carried.consumed, waiting, carried.unhandled, carried.resolved)
    machine = find_machine(orchestrator, ArvoOrchestrationSubject.parse(init.subject).orchestrator.version)
    timers = Timers(inbox, WorkflowClock(), partial(delay_summary, machine))
    failed = FailedRequests(troubles)
    failed.restore(events_from_json(carried.failed))
    foresight = Foresight()
    emission = Emission(app, init.subject, orchestrator, inbox, failed, limits, reports, foresight)
    calls = _calls(app, orchestrator, init, remembered_mode(memo, app.step_mode(init.type)), foresight)
    trace = OrchestrationTrace(init, TraceHeaders(carried.traceparent, carried.tracestate))
    chronicle = Chronicle(carried.chronicle, carried.record.get("value") if carried.record else None)
    steps = Steps(
        *(orchestrator, calls, limits, trace, parent, Marks(foresight)),
        inbox=inbox,
        fates=fates,
        timers=timers,
        emission=emission,
        troubles=troubles,
        chronicle=chronicle,
        reports=reports,
    )
    if carried.record is not None:
        steps.restore(_completed(orchestrator, carried.record, init), carried.steps)
    return OrchestrationInstance(
        app=app,
        orchestrator=orchestrator,
        init=init,
        parent=parent,
        limits=limits,
        ledger=ledger,
        troubles=troubles,
        dead_letters=dead_letters,
        inbox=inbox,
        timers=timers,
        emission=emission,
        failed=failed,
        steps=steps,
        chronicle=chronicle,
        reports=reports,
        reception=Reception(init.subject, inbox, steps, emission, failed),
        dismissing=Dismissing(ledger, troubles, failed),
        resolving=Resolving(init.subject, orchestrator, inbox=inbox, steps=steps, emission=emission, failed=failed),
        waits=Waits(orchestrator, init, steps, lambda: run_is_long(inbox, limits, steps, foresight)),
        turns=Turns(inbox, fates, steps, OwnAttributes(troubles, shows_state=remembers_state(memo))),
        foresight=foresight,
        carried=carried,
    )


def resume(orchestration: OrchestrationInstance) -> None:
    """Take up what an earlier run has left under way, as the run begins.

    Not as soon as it is put together: in a replay that has marks, Temporal lets what was begun then go on before what
    has arrived, and otherwise after it.
    """
    carried = orchestration.carried
    orchestration.dead_letters.restore(carried.dead_letters)
    orchestration.timers.restore(carried.timers)
    emissions, children = _unpacked(carried.emissions), _unpacked(carried.children)
    orchestration.emission.restore(emissions, children, carried.emission_marks, carried.child_marks)


def _calls(
    app: ArvoApp, orchestrator: AnyOrchestrator, init: ArvoEvent, mode: StepMode, foresight: Foresight
) -> Calls | None:
    if mode == "inline" or not isinstance(orchestrator, ArvoResumable):
        return None
    return Calls(app, orchestrator, init.subject, mode, foresight)


def _completed(orchestrator: AnyOrchestrator, record: Mapping[str, Any], init: ArvoEvent) -> OrchestrationRecord:
    carried = cast("OrchestrationRecord", record)
    if not isinstance(orchestrator, ArvoOrchestrator):
        return carried
    return with_new_values(orchestrator.registry.resolve(init), carried, init)


def _unpacked(packed: str) -> list[ArvoEvent]:
    return [ArvoEvent.from_json(text) for text in unpack(packed)]
