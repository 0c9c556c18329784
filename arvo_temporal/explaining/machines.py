"""What would become of an event that comes to a machine: its candidates, its guards, and the step that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from adapter.limits import Limits, check_step
from arvo.errors import ArvoError
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine, ArvoOrchestrator, OrchestrationRecord, Step
from arvo.statechart import Cancel, Snapshot
from arvo.statechart.inspecting import (
    Candidate,
    Consideration,
    GuardVerdict,
    consider,
    delayed_words,
    does_something,
    guard_words,
    state_name,
)
from arvo.statechart.running import candidates, covers, microstep_of
from arvo.wire import is_system_error_type
from arvo_temporal.explaining.explanation import Considered, Explanation, Verdict
from arvo_temporal.explaining.probing import UnknownEvent, event_for, unknown_type

_LIVE = (GuardVerdict.PASSES, GuardVerdict.UNDECIDED)


def explain_machine(
    orchestrator: ArvoOrchestrator,
    machine: ArvoMachine,
    record: OrchestrationRecord,
    event_type: str,
    data: Mapping[str, Any] | None,
    limits: Limits,
) -> Explanation:
    """Tell what a machine would do with an event.

    Args:
        orchestrator: The orchestrator that has the machine.
        machine: The machine of the orchestration's version.
        record: The orchestration's present record.
        event_type: The event's type.
        data: The event's data, if it is known.
        limits: How large a step may be.
    """
    snapshot = machine.logic.restore(record["state"])
    accepted = machine.inputs.get(event_type)
    told = Explanation(
        event_type,
        Verdict.REFUSED,
        "",
        state=snapshot.value,
        accepts=tuple(_accepted_now(machine, snapshot)),
        accepted_in=tuple(_states_for(machine, event_type)),
    )
    if accepted is None and not is_system_error_type(event_type):
        return replace(told, reason=unknown_type(event_type, machine.inputs))
    event = event_for(record["subject"], machine.source, event_type, accepted, data or {})
    if data is None:
        return _without_data(told, machine, snapshot, event)
    return _with_data(told, orchestrator, machine, snapshot, event, record, limits)


def _without_data(told: Explanation, machine: ArvoMachine, snapshot: Snapshot[Any], event: ArvoEvent) -> Explanation:
    asked = consider(snapshot, UnknownEvent(event))
    shown = tuple(_shown(asked, machine, snapshot))
    emits = tuple(dict.fromkeys(kind for one in shown if one.verdict in _LIVE for kind in one.emits))
    told = replace(told, candidates=shown)
    if asked.raised is not None:
        return replace(told, verdict=Verdict.FAILED, reason=_failed(asked.raised))
    if asked.accepts is None:
        reason = "That depends on its data: a guard reads it. Give the data to know."
        return replace(told, verdict=Verdict.UNDECIDED, reason=reason, emits=emits)
    if not asked.accepts:
        return _unhandled(told)
    reason = "It is accepted, if its data fits the contract."
    return replace(told, verdict=Verdict.ACCEPTED, reason=reason, emits=emits)


def _with_data(
    told: Explanation,
    orchestrator: ArvoOrchestrator,
    machine: ArvoMachine,
    snapshot: Snapshot[Any],
    event: ArvoEvent,
    record: OrchestrationRecord,
    limits: Limits,
) -> Explanation:
    try:
        orchestrator.check(event, record)
    except ArvoError as error:
        return replace(told, reason=str(error))
    told = replace(told, candidates=tuple(_shown(consider(snapshot, event), machine, snapshot)))
    try:
        step = orchestrator.step(event, record)
        check_step(step, limits)
    except ArvoError as error:
        return replace(told, reason=str(error))
    if step.error is not None:
        return replace(told, verdict=Verdict.FAILED, reason=_failed(f"{type(step.error).__name__}: {step.error}"))
    return _taken(told, machine, step) if step.handled else _unhandled(told)


def _taken(told: Explanation, machine: ArvoMachine, step: Step) -> Explanation:
    return replace(
        told,
        verdict=Verdict.ACCEPTED,
        reason="It is accepted.",
        leads_to=step.record.get("value") if step.record else None,
        emits=tuple(event.type for event in step.events),
        timers=tuple(
            f"cancels {delayed_words(machine.logic.compiled, timer.id)}"
            if isinstance(timer, Cancel)
            else f"starts {delayed_words(machine.logic.compiled, str(timer.event['type']))}"
            for timer in step.timers
        ),
    )


def _unhandled(told: Explanation) -> Explanation:
    why = "no guard lets it pass" if told.candidates else "no active state has a transition for it"
    if any(one.verdict == GuardVerdict.PASSES for one in told.candidates):
        why = "the machine forbids it there: its transition does nothing"
    return replace(told, verdict=Verdict.UNHANDLED, reason=f"The contracts accept it, and nothing happens: {why}.")


def _failed(error: str) -> str:
    return f"The machine throws, and the orchestration fails: {error}"


def _shown(asked: Consideration, machine: ArvoMachine, snapshot: Snapshot[Any]) -> Iterator[Considered]:
    for one in asked.candidates:
        transition = one.transition
        yield Considered(
            source=state_name(transition.source),
            event=transition.event,
            guard=guard_words(transition.config.get("guard")) or None,
            verdict=one.verdict,
            reason=one.reason,
            targets=tuple(map(state_name, transition.target or ())),
            emits=tuple(_emitted(one, machine, snapshot)),
            path=transition.path,
        )


def _emitted(candidate: Candidate, machine: ArvoMachine, snapshot: Snapshot[Any]) -> Iterable[str]:
    compiled = machine.logic.compiled
    step = microstep_of(snapshot.configuration, candidate.transition.alone, snapshot.history, compiled.histories)
    found = machine.checked.behaviour.emitted_in(step)
    return dict.fromkeys(one.type for one in found if one.type is not None)


def _accepted_now(machine: ArvoMachine, snapshot: Snapshot[Any]) -> Iterator[str]:
    """Yield what can have an effect now and is an event that contracts know, or a wildcard for such."""
    for descriptor in machine.logic.accepted_events(snapshot):
        if descriptor in machine.inputs or any(covers(descriptor, known) for known in machine.inputs):
            yield descriptor


def _states_for(machine: ArvoMachine, event_type: str) -> Iterator[str]:
    for node in machine.logic.nodes:
        if any(does_something(one) for one in candidates(node, event_type)):
            yield state_name(node)
