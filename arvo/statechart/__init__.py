"""XState v5 statecharts as pure functions over immutable values.

    machine = create_machine(config, actions={...}, guards={...})
    snapshot, effects = initial_transition(machine, input)
    snapshot, effects = transition(machine, snapshot, {"type": "START"})

Nothing is performed here: emitted events and timers come back as data, and the caller acts on them.
"""

from arvo.statechart.authoring import (
    Enqueue,
    MachineConfig,
    StateConfig,
    TransitionConfig,
    and_,
    assign,
    cancel,
    emit,
    enqueue_actions,
    log,
    not_,
    or_,
    raise_,
    state_in,
)
from arvo.statechart.durations import Duration, duration_words, milliseconds
from arvo.statechart.errors import (
    ActionError,
    ContextError,
    DefinitionError,
    DefinitionWarning,
    DelayError,
    EventError,
    GuardError,
    LoopError,
    Problem,
    PurityError,
    RestoreError,
    StatechartError,
    TraversalError,
)
from arvo.statechart.machine import StateMachine, create_machine, initial_transition, transition, transitions_taken
from arvo.statechart.observing import Observer, observed_by
from arvo.statechart.running import Cancel, Effect, Emit, Schedule, Snapshot, StateNode, StateValue, Transition, matches
from arvo.statechart.showing import svg_of

__all__ = [
    "ActionError",
    "and_",
    "assign",
    "Cancel",
    "cancel",
    "ContextError",
    "create_machine",
    "DefinitionError",
    "DefinitionWarning",
    "DelayError",
    "Duration",
    "duration_words",
    "Effect",
    "emit",
    "Emit",
    "Enqueue",
    "enqueue_actions",
    "EventError",
    "GuardError",
    "initial_transition",
    "log",
    "LoopError",
    "MachineConfig",
    "matches",
    "milliseconds",
    "not_",
    "observed_by",
    "Observer",
    "or_",
    "Problem",
    "PurityError",
    "raise_",
    "RestoreError",
    "Schedule",
    "Snapshot",
    "state_in",
    "StatechartError",
    "StateConfig",
    "StateMachine",
    "StateNode",
    "StateValue",
    "svg_of",
    "transition",
    "Transition",
    "TransitionConfig",
    "transitions_taken",
    "TraversalError",
]
