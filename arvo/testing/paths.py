"""The shortest paths to each state and transition of a machine, as test cases.

    @pytest.mark.parametrize("path", arvo_paths(order_machine), ids=str)
    def test_every_way_through_an_order(path: ArvoPath) -> None:
        assert path.run().record["status"] in ("active", "done")

They run in the test's own process, with all checks of contracts.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import ArvoMachine, MachineMemoryRecord, create_arvo_orchestrator
from arvo.statechart import Snapshot, StateMachine, StateValue, TraversalError, initial_transition, transition
from arvo.statechart.graph import Coverage, Path, Serialize, Target, covering_paths, value_text
from arvo.surroundings import current
from arvo.testing.path_events import SOURCE, Cases, PathEvents


class UnreachedWarning(UserWarning):
    """States or transitions that none of the paths leads to."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path that was run.

    Attributes:
        event: The event that was consumed; the mapping of a delayed event.
        value: The state value afterwards.
        produced: The events that it produced.
    """

    event: Any
    value: StateValue
    produced: tuple[ArvoEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class PathRun:
    """What came of a path.

    Attributes:
        steps: Its steps; the first one is the start.
        record: The record of the orchestration afterwards.
    """

    steps: tuple[PathStep, ...]
    record: MachineMemoryRecord

    @property
    def value(self) -> StateValue:
        """The state value at the end."""
        return self.steps[-1].value

    @property
    def produced(self) -> tuple[ArvoEvent, ...]:
        """All events that it produced, in order."""
        return tuple(event for step in self.steps for event in step.produced)


@dataclass(frozen=True, eq=False)
class StatePath:
    """A path through a statechart.

    Attributes:
        machine: The machine.
        path: Its events, with what they do.
    """

    machine: StateMachine[Any]
    path: Path[Any]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The states and transitions that it is the shortest path to."""
        return self.path.targets

    def run(self) -> Snapshot[Any]:
        """Run it, and return the last snapshot.

        Raises:
            AssertionError: The machine does otherwise than when the path was found: it depends on more than its events.
        """
        snapshot, _ = initial_transition(self.machine, self.path.steps[0].event["input"])
        for step in self.path.steps[1:]:
            snapshot, _ = transition(self.machine, snapshot, step.event)
            _require(str(self), step.label, step.snapshot.value, snapshot.value)
        return snapshot

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, eq=False)
class ArvoPath:
    """A path through a machine with contracts.

    Attributes:
        machine: The machine.
        path: Its events, with what they do.
    """

    machine: ArvoMachine
    path: Path[Any]
    _events: PathEvents = field(repr=False)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The states and transitions that it is the shortest path to."""
        return self.path.targets

    def events(self) -> list[Any]:
        """Return its events for a new orchestration, the init event first; delayed ones as the mappings that they are.

        Each call makes other ids and another subject.
        """
        own = self.machine.contracts["self"]
        subject = ArvoOrchestrationSubject.new(
            orchestrator=self.machine.source,
            version=own.version,
            initiator=SOURCE,
            execution_id=f"path-{current().new_id()}",
        )
        found = [self.path.steps[0].event["input"], *self.path.events]
        return [
            replace(event, id=current().new_id(), subject=subject) if isinstance(event, ArvoEvent) else event
            for event in found
        ]

    def run(self) -> PathRun:
        """Run it by the orchestrator in this process, with all checks of contracts.

        Raises:
            AssertionError: The machine does otherwise than when the path was found, or raises.
            ViolationError: An event, or one that the machine produces, does not fit its contract.
        """
        orchestrator = create_arvo_orchestrator(executionunits=0, machines=[self.machine])
        record: MachineMemoryRecord | None = None
        steps: list[PathStep] = []
        for number, (expected, event) in enumerate(zip(self.path.steps, self.events(), strict=True)):
            if expected.timer is not None:
                assert record is not None, "the first step is the start"
                step = orchestrator.fire(expected.timer, f"path:{number}", record)
            else:
                step = orchestrator.step(event, record)
            if step.error is not None:
                raise AssertionError(f"The path '{self}' fails at '{expected.label}'") from step.error
            record = step.record or record
            assert record is not None, "an orchestration that has begun has a record"
            _require(str(self), expected.label, expected.snapshot.value, record.get("value"))
            steps.append(PathStep(event, expected.snapshot.value, tuple(step.events)))
        assert record is not None, "a path has a start"
        return PathRun(tuple(steps), record)

    def __str__(self) -> str:
        """Its events, and the state that they lead to: `evt.approval.decided -> shipping`."""
        start, *steps = self.path.steps
        first = self._events.label(start.event["input"])
        labels = [self._events.label(step.event) if step.timer is None else step.label for step in steps]
        begun = () if first == self.machine.source else (first,)
        return " -> ".join((*begun, *labels, value_text(self.path.state.value)))


@overload
def arvo_paths(
    machine: ArvoMachine,
    *,
    events: Cases | None = ...,
    serialize: Serialize | None = ...,
    limit: int = ...,
    partial: bool = ...,
) -> list[ArvoPath]: ...


@overload
def arvo_paths(
    machine: StateMachine[Any],
    *,
    events: Cases | None = ...,
    inputs: Sequence[Any] = ...,
    serialize: Serialize | None = ...,
    limit: int = ...,
    partial: bool = ...,
) -> list[StatePath]: ...


def arvo_paths(
    machine: ArvoMachine | StateMachine[Any],
    *,
    events: Cases | None = None,
    inputs: Sequence[Any] = (None,),
    serialize: Serialize | None = None,
    limit: int = 10_000,
    partial: bool = False,
) -> list[ArvoPath] | list[StatePath]:
    """Return the shortest path to each state and each transition of a machine, shortest first.

    A path that is the shortest to several is there once. `str(path)` names it, for `ids=str`; `path.run()` runs it.

    Args:
        machine: What `setup_arvo_machine(...).create_machine` or `create_machine` returns.
        events: Data of the events to try by their type, the init event included; several of a type are cases that
            guards tell apart. For types that are not in it a few are made up from the contracts: the shortest that fit.
            Of a StateMachine, the other fields of the events.
        inputs: What a StateMachine is started with.
        serialize: What tells two snapshots apart, as JSON, where the context never repeats itself.
        limit: How many states of affairs to look at.
        partial: Whether a warning is enough where there is something that no path leads to.

    Raises:
        TraversalError: There is such a thing, each with the reason; or there are more states of affairs than the limit.
        ValueError: Events are given that the machine does not take.
        InvalidPayloadError: Their data does not fit.
    """
    if isinstance(machine, StateMachine):
        tried = [{**data, "type": type_} for type_, cases in (events or {}).items() for data in cases]
        coverage = covering_paths(machine, events=tried, inputs=inputs, serialize=serialize, limit=limit)
        _tell_unreached(machine.id, coverage, [], partial)
        return [StatePath(machine, path) for path in coverage.paths]
    made = PathEvents(machine, events or {})
    coverage = covering_paths(
        machine.logic, events=made.answers, inputs=made.inits, serialize=serialize, limit=limit, bare=False
    )
    _tell_unreached(machine.id, coverage, made.without_data, partial)
    return [ArvoPath(machine, path, made) for path in coverage.paths]


def _tell_unreached(machine_id: str, coverage: Coverage[Any], without_data: Sequence[str], partial: bool) -> None:
    lines = [f"  {one}" for one in coverage.unreached]
    lines += [f"  no data could be made up for '{type_}'" for type_ in without_data if lines]
    if not lines:
        return
    problem = f"No path through machine '{machine_id}' leads to {len(coverage.unreached)} of its states and transitions"
    text = "\n".join((f"{problem}:", *lines))
    if not partial:
        cure = 'give the data that guards wait for, events={"evt.x": [{...}, {...}]}, or partial=True for the others'
        raise TraversalError(f"{text}\nTo fix: {cure}.")
    warnings.warn(UnreachedWarning(text), stacklevel=3)


def _require(path: str, label: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise AssertionError(
            f"The path '{path}' leads elsewhere: after '{label}' the state is {found!r}, not {expected!r}. The machine "
            "depends on more than its events; check_purity=True names what"
        )
