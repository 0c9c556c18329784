"""The shortest paths: to all that a machine can come to, and to each of its states and transitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from arvo.statechart.errors import TraversalError
from arvo.statechart.graph.path import Path, Target, target_name
from arvo.statechart.graph.reasons import reason_of
from arvo.statechart.graph.traversal import Events, Serialize, Traversal, Visit
from arvo.statechart.machine import StateMachine
from arvo.statechart.running import Snapshot

C = TypeVar("C")
LISTED = 5


@dataclass(frozen=True, slots=True)
class Unreached:
    """A state or a transition that no path leads to.

    Attributes:
        target: The state or transition.
        reason: Why.
    """

    target: Target
    reason: str

    def __str__(self) -> str:
        return f"{target_name(self.target)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Coverage(Generic[C]):
    """Paths that together reach all that can be reached.

    Attributes:
        paths: The shortest path to each state and transition, shortest first; a path that is the shortest to several
            stands for all of them.
        unreached: What no path leads to.
    """

    paths: tuple[Path[C], ...]
    unreached: tuple[Unreached, ...]


def shortest_paths(
    machine: StateMachine[C],
    *,
    events: Events = (),
    input: Any = None,
    to_state: Callable[[Snapshot[C]], bool] | None = None,
    serialize: Serialize | None = None,
    limit: int = 10_000,
) -> list[Path[C]]:
    """The shortest path to each snapshot that a machine can come to, nearest first: XState's `getShortestPaths`.

    Snapshots differ by value, context and history. Timers are events of a path: each comes when it is due.

    Args:
        machine: The machine. Its guards and actions are called.
        events: Events to try, with the data that guards and actions look at; for a descriptor that none of them fits,
            an event of nothing but its type is tried. Or a function from a snapshot to the events to try in it.
        input: What the machine is started with.
        to_state: Tells which snapshots to find paths to; by default all.
        serialize: What tells two snapshots apart, as JSON.
        limit: How many states of affairs to look at: snapshots with their pending timers.

    Raises:
        TraversalError: There are more.
    """
    walk = Traversal(machine, events, (input,), limit, serialize)
    found: dict[str, Path[C]] = {}
    for visit in walk.visits():
        key = walk.snapshot_key(visit.step.snapshot)
        if visit.is_new and key not in found and (to_state is None or to_state(visit.step.snapshot)):
            found[key] = visit.path()
    return list(found.values())


def covering_paths(
    machine: StateMachine[C],
    *,
    events: Events = (),
    inputs: Sequence[Any] = (None,),
    serialize: Serialize | None = None,
    limit: int = 10_000,
    bare: bool = True,
) -> Coverage[C]:
    """The shortest path to each state and each transition of a machine.

    States that are passed through in one step count as entered. The walk ends when all is reached.

    Args:
        machine: The machine. Its guards and actions are called.
        events: As for `shortest_paths`.
        inputs: What the machine is started with: each is a start to try.
        serialize: As for `shortest_paths`.
        limit: As for `shortest_paths`.
        bare: Whether events of nothing but their type are tried; as for `shortest_paths` if they are.

    Raises:
        TraversalError: There are more, and something is not reached.
    """
    walk = Traversal(machine, events, inputs, limit, serialize, bare)
    missing = dict.fromkeys(targets_of(machine))
    found: dict[Visit[C], tuple[Target, ...]] = {}
    try:
        for visit in walk.visits():
            reached = tuple(target for target in visit.step.reached if target in missing)
            if reached:
                found[visit] = reached
            for target in reached:
                del missing[target]
            if not missing:
                break
    except TraversalError as error:
        names = ", ".join(f"'{target_name(target)}'" for target in list(missing)[:LISTED])
        raise TraversalError(f"{error}. Not reached until then: {names}, {len(missing)} in all") from None
    left = tuple(Unreached(target, reason_of(machine, target, missing, walk)) for target in missing)
    return Coverage(tuple(visit.path(reached) for visit, reached in found.items()), left)


def targets_of(machine: StateMachine[Any]) -> list[Target]:
    """All states but the root and history states, and all transitions, in document order."""
    states = [node for node in machine.states() if node.parent is not None and node.type != "history"]
    return [*states, *machine.transitions()]
