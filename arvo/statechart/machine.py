"""Machines, and the two functions that run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar, cast, get_args, overload

from pydantic import BaseModel

from arvo.statechart import analysis
from arvo.statechart.build import TreeBuilder
from arvo.statechart.config import Actions, Delay, Guard
from arvo.statechart.configuration import Configuration, Configurations
from arvo.statechart.context import ContextType
from arvo.statechart.definition import definition
from arvo.statechart.effects import Effect
from arvo.statechart.errors import DefinitionError, ReferenceProblem, RestoreError
from arvo.statechart.history import Histories
from arvo.statechart.implementations import Implementations
from arvo.statechart.macrostep import INIT, Macrostep
from arvo.statechart.mermaid import to_mermaid
from arvo.statechart.microstep import Microstep, initial_microstep
from arvo.statechart.node import StateNode, Transition
from arvo.statechart.problems import Problems
from arvo.statechart.purity import Trace, compare
from arvo.statechart.resolve import Resolver, history_loops
from arvo.statechart.snapshot import Snapshot, Status
from arvo.statechart.targets import Targets
from arvo.statechart.value import StateValue, initial_nodes

C = TypeVar("C")
Result: TypeAlias = tuple[Snapshot[C], tuple[Effect, ...]]
M = TypeVar("M", bound=BaseModel)

STATUSES = get_args(Status)


class StateMachine(Generic[C]):
    """A validated, compiled definition. Make one with `create_machine`.

    Attributes:
        id: Id of the machine.
        config: The definition as it was given.
        root: The root of its state nodes.
        nodes: All state nodes in document order.
        max_microsteps: How many microsteps an event may take.
    """

    def __init__(
        self, config: Mapping[str, Any], implementations: Implementations, problems: Problems, max_microsteps: int
    ) -> None:
        self.id = str(config.get("id") or "(machine)")
        self.config = config
        self.max_microsteps = max_microsteps
        self.check_purity = implementations.check_purity
        self.context_type = implementations.context
        builder = TreeBuilder(self.id, problems)
        self.root: StateNode = builder.build(config)
        self.nodes = tuple(builder.nodes)
        self.targets = implementations.targets = Targets(self.nodes)
        resolver = Resolver(self.targets, implementations, problems)
        for node in self.nodes:
            resolver.resolve(node)
        for node in history_loops(self.nodes):
            problems.add(node.path, "its default leads back to itself", "give it a default 'target' of its own")
        self._first_context = self._context_factory(problems)
        if problems.found:
            raise DefinitionError(self.id, problems.found)
        self.configurations = Configurations(self.root)
        self.histories = Histories(self.targets, self.nodes)

    @cached_property
    def initial_plan(self) -> Microstep:
        """The compiled microstep that starts the machine."""
        start = Transition(self.root, INIT, tuple(initial_nodes(self.root)), reenter=True)
        return initial_microstep(self.configurations.of((self.root,)), start, self.histories.empty)

    def first_context(self, input: Any) -> C:
        """The context of a new execution."""
        return cast(C, self._first_context(input))

    def restore(self, data: Mapping[str, Any]) -> Snapshot[C]:
        """The snapshot that `Snapshot.to_json()` wrote, in this machine or in XState.

        Raises:
            RestoreError: It does not fit this machine.
        """
        try:
            status, value, context = data["status"], data["value"], data["context"]
        except (KeyError, TypeError):
            raise RestoreError(
                f"No snapshot of {self.id!r}: it needs 'status', 'value' and 'context', as to_json() writes them"
            ) from None
        if status not in STATUSES:
            raise RestoreError(f"{status!r} is no status: it is one of {', '.join(STATUSES)}")
        configuration = self.configurations.of_value(value)
        history = self.histories.restore(data.get("historyValue"))
        context = self.context_type.read(context)
        return Snapshot(self, status, configuration, context, history, data.get("output"), data.get("error"))

    def to_json(self) -> dict[str, Any]:
        """The definition as XState's machine config in JSON, callables by name."""
        return {"id": self.id, **definition(self.config)}

    def to_mermaid(self, highlight: Snapshot[Any] | StateValue | None = None) -> str:
        """The machine as a Mermaid state diagram.

        Args:
            highlight: A snapshot or a state value whose states are coloured.
        """
        active = () if highlight is None else self._configuration(highlight).nodes
        return to_mermaid(self, active)

    def states(self) -> tuple[StateNode, ...]:
        """All states in document order, the root first."""
        return self.nodes

    def transitions(self) -> tuple[Transition, ...]:
        """All transitions in document order."""
        return tuple(analysis.transitions(self))

    def reachable(self, limit: int = 10_000) -> analysis.Reachable:
        """The configurations it can come to rest in; guards count as able to pass and to fail.

        Args:
            limit: How many configurations (with different histories) to look at.
        """
        return analysis.reachable(self, limit)

    def unreachable_states(self) -> tuple[StateNode, ...]:
        """States that can never be entered, whatever guards say."""
        return analysis.unreachable_states(self)

    def dead_ends(self) -> tuple[StateNode, ...]:
        """States that can never be left although they are not final."""
        return analysis.dead_ends(self)

    def accepted_events(self, where: Snapshot[Any] | StateValue) -> tuple[str, ...]:
        """Event types, or wildcards, that can have an effect in a snapshot or state value, innermost first."""
        return analysis.accepted_events(self._configuration(where))

    def _configuration(self, where: Snapshot[Any] | StateValue) -> Configuration:
        if isinstance(where, Snapshot):
            return where._configuration
        return self.configurations.of_value(where)

    def _context_factory(self, problems: Problems) -> Callable[[Any], Any]:
        try:
            return self.context_type.factory(self.config.get("context"))
        except ReferenceProblem as error:
            problems.add_reference("context", error)
            return lambda input: None

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
    max_microsteps: int = ...,
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
    max_microsteps: int = ...,
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
    max_microsteps: int = 1000,
    check_purity: bool = False,
    strict: bool = True,
) -> StateMachine[Any]:
    """Validate and compile a definition.

    Args:
        config: XState's machine config as a mapping, with XState's own keys.
        context: The pydantic model of the context, if it has one.
        actions: Implementations of named actions: functions, built-ins, or lists of these.
        guards: Implementations of named guards.
        delays: Named delays: milliseconds, or callables that compute them.
        max_microsteps: How many microsteps one event may take before it is taken for an endless loop.
        check_purity: Compute each step twice and report callables that are no functions of their arguments.
        strict: Also refuse what XState tolerates although it cannot work: unknown keys, unknown actions, guards
            and delays, transitions of final states and the like.

    Raises:
        DefinitionError: With all problems of the definition.
    """
    problems = Problems(strict=strict)
    checked = problems.mapping(config, "", "a machine config")
    kind = ContextType.of(context, checked.get("context"))
    implementations = Implementations(
        actions or {}, guards or {}, delays or {}, kind, strict=strict, check_purity=check_purity
    )
    return StateMachine(checked, implementations, problems, max_microsteps)


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
    if machine.check_purity:
        return _twice(lambda trace: _start(machine, input, trace))
    return _start(machine, input, None)


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
    if snapshot._status == "done" or snapshot._status == "error":
        return snapshot, ()
    if machine.check_purity:
        return _twice(lambda trace: _advance(machine, snapshot, event, trace))
    return _advance(machine, snapshot, event, None)


def _start(machine: StateMachine[C], input: Any, trace: Trace | None) -> Result[C]:
    before = machine.configurations.of((machine.root,))
    event = {"type": INIT, "input": input}
    step = Macrostep(machine, before, machine.first_context(input), machine.histories.empty, event)
    step.trace = trace
    step.start(machine.initial_plan)
    return _settled(machine, step), tuple(step.effects)


def _advance(machine: StateMachine[C], snapshot: Snapshot[C], event: Any, trace: Trace | None) -> Result[C]:
    configuration, context, history = snapshot._configuration, snapshot._context, snapshot._history
    step = Macrostep(machine, configuration, context, history, event, snapshot._status)
    step.trace = trace
    step.run()
    if (
        step.context is context
        and step.configuration is configuration
        and step.history is history
        and step.status == snapshot._status
    ):
        return snapshot, tuple(step.effects)
    return _settled(machine, step), tuple(step.effects)


def _settled(machine: StateMachine[C], step: Macrostep) -> Snapshot[C]:
    return Snapshot(
        machine,
        cast(Status, step.status),
        step.configuration.resting,
        step.context,
        machine.histories.settled(step.history),
        step.output,
        step.error,
    )


def _twice(run: Callable[[Trace], Result[C]]) -> Result[C]:
    first: Trace = []
    second: Trace = []
    result = run(first)
    run(second)
    compare(first, second)
    return result
