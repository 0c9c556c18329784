"""What an orchestration tells of itself, made when somebody asks: nothing of it is made before.

It reads the orchestration and asks nothing of the workflow's surroundings, so it is the same in a replay.
"""

from __future__ import annotations

from datetime import UTC, datetime

from adapter.cures import cure_of
from adapter.definition import find_machine
from adapter.delays import delay_words, delaying_state
from adapter.identity import workflow_id
from adapter.plain_text import shortened
from adapter.routing import Route
from adapter.summaries import parent_content, title_of
from adapter.troubles import Trouble
from adapter.view import (
    AwaitedView,
    EmissionView,
    OrchestrationView,
    StateView,
    StepView,
    TimerView,
    TroubleView,
)
from arvo.contracts import PARENT_SUBJECT
from arvo.events import ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine, OrchestrationRecord
from workflows.chronicle import Chronicle, PastStep
from workflows.emission import OpenEmission
from workflows.instance import OrchestrationInstance
from workflows.state_views import StateViews, iso_time
from workflows.timers import ArmedTimer

_EMISSIONS = 50
_TROUBLES = 20
_TIMERS = 50
_TYPES = 100
_TEXT = 300
"""Characters of a text: an answer to a query has 2 MB at most."""


def view_of(orchestration: OrchestrationInstance) -> OrchestrationView:
    """Return what an orchestration tells of itself now."""
    steps, init, chronicle = orchestration.steps, orchestration.init, orchestration.chronicle
    content = ArvoOrchestrationSubject.parse(init.subject)
    identity = workflow_id(init.subject)
    orchestrator, version = orchestration.orchestrator, content.orchestrator.version
    machine = find_machine(orchestrator, version)
    record = steps.record
    emissions = orchestration.emission.open()
    troubles = orchestration.troubles.kept()
    return OrchestrationView(
        workflow_id=identity,
        key=content.execution.id,
        orchestrator=content.orchestrator.name,
        version=version,
        title=shortened(title_of(orchestrator, version) or "", _TEXT) or None,
        parent=workflow_id(init.data[PARENT_SUBJECT]) if parent_content(init) else None,
        status=_status(record),
        since=iso_time(chronicle.changed),
        states=_states(machine, record, chronicle),
        accepts=() if steps.closed else _accepted(machine, record),
        awaits=() if steps.closed else _awaited(record),
        timers=tuple(_timer(machine, one) for one in orchestration.timers.armed()[:_TIMERS]),
        emissions=tuple(map(_emission, emissions[:_EMISSIONS])),
        more_emissions=max(0, len(emissions) - _EMISSIONS),
        steps=tuple(_step(machine, step) for step in chronicle.steps()),
        waiting=len(orchestration.inbox),
        fates=dict(orchestration.ledger.counts),
        troubles=tuple(_trouble(one, identity) for one in troubles[-_TROUBLES:]),
        more_troubles=sum(orchestration.troubles.older().values()) + max(0, len(troubles) - _TROUBLES),
    )


def _trouble(trouble: Trouble, identity: str) -> TroubleView:
    return TroubleView(
        kind=trouble.kind,
        event=trouble.type,
        event_id=trouble.id,
        reason=trouble.code,
        since=trouble.since,
        cure=cure_of(trouble.kind, identity, trouble.id),
    )


def _status(record: OrchestrationRecord | None) -> str:
    if record is None:
        return "beginning"
    return "failed" if record["executionStatus"] == "failure" else record.get("status") or "active"


def _states(
    machine: ArvoMachine | None, record: OrchestrationRecord | None, chronicle: Chronicle
) -> tuple[StateView, ...]:
    if machine is None or record is None:
        return ()
    return StateViews(chronicle.since).within(machine.logic.root, record.get("value"))


def _accepted(machine: ArvoMachine | None, record: OrchestrationRecord | None) -> tuple[str, ...]:
    value = record.get("value") if record else None
    if machine is None or value is None:
        return ()
    return tuple(shortened(type_, _TEXT) for type_ in machine.logic.accepted_events(value)[:_TYPES])


def _awaited(record: OrchestrationRecord | None) -> tuple[AwaitedView, ...]:
    events = record.get("events") if record else None
    expected = (events.get("expected") if events else None) or {}
    types = {event["id"]: event["type"] for event in events["produced"]} if events else {}
    return tuple(
        AwaitedView(id=id_, type=types.get(id_), answers=tuple(answer["type"] for answer in answers))
        for id_, answers in list(expected.items())[:_TYPES]
    )


def _timer(machine: ArvoMachine | None, armed: ArmedTimer) -> TimerView:
    schedule = armed.timer.schedule
    event_type = str(schedule.event["type"])
    state = delaying_state(machine, event_type)
    due = datetime.fromtimestamp(armed.due, UTC).isoformat()
    return TimerView(
        state=state and shortened(state, _TEXT),
        event=shortened(event_type, _TEXT) if state is None else None,
        delay_ms=schedule.delay_ms,
        due=due,
    )


def _emission(emission: OpenEmission) -> EmissionView:
    event, is_child = emission.event, emission.way is Route.CHILD
    return EmissionView(
        id=event.id,
        type=event.type,
        to=event.to,
        domain=event.domain,
        way=emission.way.name.lower(),
        since=iso_time(emission.since),
        place=shortened(emission.place, _TEXT) or None,
        child=workflow_id(event.subject) if is_child else None,
    )


def _step(machine: ArvoMachine | None, step: PastStep) -> StepView:
    return StepView(
        number=step.number,
        event=shortened(delay_words(machine, step.type), _TEXT),
        before=step.before,
        after=step.after,
        time=iso_time(step.time) or "",
        produced=tuple(step.produced),
        more_produced=step.more_produced,
        fate=step.fate,
    )
