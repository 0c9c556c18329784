"""Runs one event through a machine: state and event in, state, events and timers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from arvo.errors import ExecutionViolation
from arvo.events import ArvoEvent
from arvo.orchestration import journal
from arvo.orchestration.machine import ArvoMachine, QueuedEvent
from arvo.orchestration.memory import storable
from arvo.orchestration.step import Timer
from arvo.statechart import (
    Cancel,
    ContextError,
    DelayError,
    Effect,
    Emit,
    RestoreError,
    Schedule,
    Snapshot,
    initial_transition,
    transition,
)
from arvo.telemetry import open_span


class MachineExecution(NamedTuple):
    """What one event did to a machine.

    Attributes:
        state: The new snapshot in XState's persisted shape.
        events: Events to send, as the machine wrote them: those of `emit`, then the enqueued ones.
        final_output: Output of the machine if this event completed it, else None.
        timers: Delayed events to schedule and to cancel, in order.
        handled: False if no transition was enabled.
    """

    state: dict[str, Any]
    events: list[Mapping[str, Any]]
    final_output: Any
    timers: tuple[Timer, ...]
    handled: bool


class IMachineExecutionEngine(Protocol):
    """Runs machines; stateless."""

    def execute(
        self, machine: ArvoMachine, state: Mapping[str, Any] | None, event: ArvoEvent | Mapping[str, Any], /
    ) -> MachineExecution:
        """Start a machine (`state` is None), or hand it the next event."""


class MachineExecutionEngine:
    """Runs machines on the statechart engine."""

    def execute(
        self, machine: ArvoMachine, state: Mapping[str, Any] | None, event: ArvoEvent | Mapping[str, Any], /
    ) -> MachineExecution:
        """Start a machine (`state` is None), or hand it the next event.

        Args:
            machine: The machine to run.
            state: Its snapshot after the previous event, in XState's persisted shape.
            event: The init event, which the machine's context reads as `input`; a later event, which its
                callables read as `event`; or the mapping of a delayed event.

        Raises:
            ExecutionViolation: The machine is to be started by an event that is not its own, or its context or
                output hold what JSON cannot carry, or a delay is computed as what is none.
            RestoreError: The state is not one of this machine.
            Exception: Whatever the machine's own code raises.
        """
        with open_span("Execute Machine") as span:
            journal.machine_entered(span, machine, state, event)
            try:
                snapshot, effects, handled = _run(machine, state, event)
            except DelayError as error:
                raise ExecutionViolation(f"Machine '{machine.id}' cannot wait: {error}") from error
            return _collect(snapshot, effects, state, handled)


def _run(
    machine: ArvoMachine, state: Mapping[str, Any] | None, event: ArvoEvent | Mapping[str, Any]
) -> tuple[Snapshot[Any], tuple[Effect, ...], bool]:
    if state is None:
        return *initial_transition(machine.logic, _init_event(machine, event)), True
    previous = _restore(machine, state)
    snapshot, effects = transition(machine.logic, previous, event)
    return snapshot, effects, snapshot is not previous or bool(effects) or _is_enabled(previous, event)


def _restore(machine: ArvoMachine, state: Mapping[str, Any]) -> Snapshot[Any]:
    try:
        return machine.logic.restore(state)
    except RestoreError:
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise RestoreError(
            f"The stored state does not fit machine '{machine.id}' at {machine.version}: {problem}. "
            f"To fix: give a changed machine a new version, so that what is under way goes on with the old one."
        ) from error


def _is_enabled(snapshot: Snapshot[Any], event: ArvoEvent | Mapping[str, Any]) -> bool:
    return snapshot.status == "active" and snapshot.can(event)


def _init_event(machine: ArvoMachine, event: ArvoEvent | Mapping[str, Any]) -> ArvoEvent:
    if isinstance(event, ArvoEvent) and event.type == machine.source:
        return event
    type_ = event.type if isinstance(event, ArvoEvent) else event.get("type")
    raise ExecutionViolation(
        f"Invalid initialization event: machine '{machine.id}' is started by '{machine.source}', not by '{type_}'."
    )


def _collect(
    snapshot: Snapshot[Any], effects: tuple[Effect, ...], previous: Mapping[str, Any] | None, handled: bool
) -> MachineExecution:
    state = _json_state(snapshot)
    emitted = [effect.event for effect in effects if isinstance(effect, Emit)]
    queued = [event for event in emitted if isinstance(event, QueuedEvent)]
    if queued:
        emitted = [event for event in emitted if not isinstance(event, QueuedEvent)]
        _mark_queue(snapshot, state)
    return MachineExecution(
        state=state,
        events=[*emitted, *queued],
        final_output=_final_output(state, previous),
        timers=tuple(effect for effect in effects if isinstance(effect, Schedule | Cancel)),
        handled=handled,
    )


def _json_state(snapshot: Snapshot[Any]) -> dict[str, Any]:
    try:
        state = snapshot.to_json()
    except ContextError as error:
        raise ExecutionViolation(f"Machine '{snapshot.machine.id}': {error}.") from error
    for part in ("context", "output"):
        if part in state:
            state[part] = storable(state[part], part, f"machine '{snapshot.machine.id}'")
    return state


def _mark_queue(snapshot: Snapshot[Any], state: dict[str, Any]) -> None:
    # Arvo keeps its queue in the context, and leaves this behind: records are to be the same.
    if isinstance(snapshot.context, dict):
        state["context"] = {**state["context"], "arvo$$": {}}


def _final_output(state: dict[str, Any], previous: Mapping[str, Any] | None) -> Any:
    output = state.get("output")
    if not output and not isinstance(output, list):
        return None
    return None if previous is not None and previous.get("output") == output else output
