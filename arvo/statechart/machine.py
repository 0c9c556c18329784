"""Machines, and the two functions that run them: a face for authors above the compiled machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, overload
from warnings import warn

from pydantic import BaseModel

from arvo.statechart import inspecting
from arvo.statechart.authoring import Actions, Delay, Guard
from arvo.statechart.callers import stack_level
from arvo.statechart.compiling import compile_machine
from arvo.statechart.errors import DefinitionWarning
from arvo.statechart.observing import observers, tell
from arvo.statechart.running import (
    CompiledMachine,
    Configuration,
    Effect,
    Microstep,
    Snapshot,
    StateNode,
    StateValue,
    Transition,
    advance,
    names_states,
    noted_step,
    restore,
    start,
)
from arvo.statechart.showing import svg_of

C = TypeVar("C")
M = TypeVar("M", bound=BaseModel)


class StateMachine(Generic[C]):
    """A validated, compiled definition. Make one with `create_machine`.

    Attributes:
        id: Id of the machine.
        config: The definition as it was given.
        root: The root of its state nodes.
        nodes: All state nodes in document order.
        max_microsteps: How many microsteps an event may take.
        actions: Implementations of the actions that the definition names.
        compiled: What runs it.
    """

    def __init__(self, config: Mapping[str, Any], compiled: CompiledMachine[C], actions: Mapping[str, Actions]) -> None:
        self.id = compiled.id
        self.config = config
        self.actions = actions
        self.root = compiled.root
        self.nodes = compiled.nodes
        self.max_microsteps = compiled.max_microsteps
        self.compiled = compiled

    def restore(self, data: Mapping[str, Any]) -> Snapshot[C]:
        """The snapshot that `Snapshot.to_json()` wrote, in this machine or in XState.

        Raises:
            RestoreError: It does not fit this machine.
        """
        return restore(self.compiled, data)

    def to_json(self) -> dict[str, Any]:
        """The definition as XState's machine config in JSON, callables by name."""
        return {"id": self.id, **inspecting.config_json(self.config)}

    def to_mermaid(self, highlight: Snapshot[Any] | StateValue | None = None) -> str:
        """The machine as a Mermaid state diagram.

        Args:
            highlight: A snapshot or a state value whose states are coloured.
        """
        active = () if highlight is None else self._configuration(highlight).nodes
        return inspecting.to_mermaid(self.compiled, active)

    def states(self) -> tuple[StateNode, ...]:
        """All states in document order, the root first."""
        return self.nodes

    def transitions(self) -> tuple[Transition, ...]:
        """All transitions in document order."""
        return tuple(inspecting.transitions(self.compiled))

    def has_states(self, value: StateValue) -> bool:
        """Whether a path such as `"payment.pending"`, or a partial value, names states of this machine."""
        return names_states(self.root, value)

    def tags(self, where: Snapshot[Any] | StateValue) -> frozenset[str]:
        """The tags of the active states in a snapshot or state value."""
        return self._configuration(where).tags

    def reachable(self, limit: int = 10_000) -> inspecting.Reachable:
        """The configurations it can come to rest in; guards count as able to pass and to fail.

        Args:
            limit: How many configurations (with different histories) to look at.
        """
        return inspecting.reachable(self.compiled, limit)

    def unreachable_states(self) -> tuple[StateNode, ...]:
        """States that can never be entered, whatever guards say."""
        return inspecting.unreachable_states(self.compiled)

    def dead_ends(self) -> tuple[StateNode, ...]:
        """States that can never be left although they are not final."""
        return inspecting.dead_ends(self.compiled)

    def accepted_events(self, where: Snapshot[Any] | StateValue) -> tuple[str, ...]:
        """Event types, or wildcards, that can have an effect in a snapshot or state value, innermost first."""
        return inspecting.accepted_events(self._configuration(where))

    def _configuration(self, where: Snapshot[Any] | StateValue) -> Configuration:
        if isinstance(where, Snapshot):
            return where._configuration
        return self.compiled.configurations.of_value(where)

    def _repr_svg_(self) -> str | None:
        return svg_of(self)

    def __repr__(self) -> str:
        return f"<StateMachine {self.id}: {len(self.nodes)} states>"


@overload
def create_machine(
    config: Mapping[str, Any],
    *,
    context: type[M],
    actions: Mapping[str, Actions] | None = ...,
    guards: Mapping[str, Guard] | None = ...,
    delays: Mapping[str, Delay] | None = ...,
    max_microsteps: int | None = ...,
    check_purity: bool = ...,
    strict: bool = ...,
) -> StateMachine[M]: ...


@overload
def create_machine(
    config: Mapping[str, Any],
    *,
    context: None = ...,
    actions: Mapping[str, Actions] | None = ...,
    guards: Mapping[str, Guard] | None = ...,
    delays: Mapping[str, Delay] | None = ...,
    max_microsteps: int | None = ...,
    check_purity: bool = ...,
    strict: bool = ...,
) -> StateMachine[dict[str, Any]]: ...


def create_machine(
    config: Mapping[str, Any],
    *,
    context: type[BaseModel] | None = None,
    actions: Mapping[str, Actions] | None = None,
    guards: Mapping[str, Guard] | None = None,
    delays: Mapping[str, Delay] | None = None,
    max_microsteps: int | None = None,
    check_purity: bool = False,
    strict: bool = True,
) -> StateMachine[Any]:
    """Validate and compile a definition.

    Args:
        config: XState's machine config as a mapping, with XState's own keys.
        context: The pydantic model of the context, if it has one.
        actions: Implementations of named actions: functions, built-ins, or lists of these.
        guards: Implementations of named guards.
        delays: Named delays: milliseconds, `timedelta`, texts such as `"5 minutes"` or `"PT5M"`, or callables that
            compute one of these.
        max_microsteps: How many microsteps one event may take before it is taken for an endless loop. Unset: what
            the config says as XState's `options: {maxIterations}`, or 1000.
        check_purity: Compute each step twice and report callables that are no functions of their arguments.
        strict: Also refuse what XState tolerates although it cannot work: unknown keys, unknown actions, guards
            and delays, transitions of a state that ends the machine and the like. What XState ignores, and the machine
            works without, is told as a `DefinitionWarning`.

    Raises:
        DefinitionError: With all problems of the definition.
    """
    compiled = compile_machine(
        config,
        context=context,
        actions=actions or {},
        guards=guards or {},
        delays=delays or {},
        max_microsteps=max_microsteps,
        check_purity=check_purity,
        strict=strict,
    )
    for problem in compiled.ignored:
        warn(DefinitionWarning(compiled.id, problem), stacklevel=stack_level())
    return StateMachine(config, compiled, actions or {})


def initial_transition(machine: StateMachine[C], input: Any = None) -> tuple[Snapshot[C], tuple[Effect, ...]]:
    """Start a machine.

    Args:
        machine: The machine.
        input: What callables named `input` get; the first event is `{"type": "xstate.init", "input": input}`.

    Returns:
        The first snapshot, and what to do, in order.

    Raises:
        StatechartError: A guard threw, or the machine does not come to rest. What other callables raise passes
            through unchanged.
    """
    noted: list[Microstep] | None = [] if observers else None
    result = start(machine.compiled, input, noted=noted)
    if noted is not None:
        tell(machine.compiled, noted)
    return result


def transition(machine: StateMachine[C], snapshot: Snapshot[C], event: Any) -> tuple[Snapshot[C], tuple[Effect, ...]]:
    """Take one event. All or nothing: if it raises, nothing happened.

    Args:
        machine: The machine.
        snapshot: Where it stands. Not changed.
        event: A mapping with a `type`, or any object with such an attribute.

    Returns:
        The next snapshot, and what to do, in order. A machine that is done or failed ignores events.

    Raises:
        StatechartError: A guard threw, or the machine does not come to rest. What other callables raise passes
            through unchanged.
    """
    noted: list[Microstep] | None = [] if observers else None
    result = advance(machine.compiled, snapshot, event, noted=noted)
    if noted is not None:
        tell(machine.compiled, noted)
    return result


def transitions_taken(machine: StateMachine[C], snapshot: Snapshot[C] | None, event: Any) -> tuple[Transition, ...]:
    """The transitions that `transition` takes for an event, found by taking it once more.

    Args:
        machine: The machine.
        snapshot: Where it stands. None for its start, of which `event` is the input.
        event: What `transition` takes.

    Returns:
        In the order in which they are taken: those of the event, one for each region that has one, then those of
        `always` and of raised events. Empty if the event enables none. Each has a `source`, a `target`, its `event`
        and its `path` in the config, by which `arvo.picture.draw(machine, path=...)` numbers it.

    Raises:
        StatechartError: As `transition` does.
    """
    return noted_step(machine.compiled, snapshot, event).transitions
