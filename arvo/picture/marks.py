"""What is shown on a picture: classes and badges by state and by transition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from arvo.picture.chart import Arrow, Chart
from arvo.picture.errors import PictureError
from arvo.statechart import Snapshot
from arvo.statechart.running import CompiledMachine, StateNode, Transition

SIGNS: Final = {"added": "+", "removed": "\N{MINUS SIGN}", "changed": "~"}


@dataclass(frozen=True, slots=True)
class Badge:
    """A small sign on a state or an arrow.

    Attributes:
        kind: `step`, `count`, `find`, or a change.
        hint: What the sign means, as hover text.
    """

    text: str
    kind: str
    hint: str = ""


@dataclass
class Marks:
    """Classes and badges, by id of a state and by path of a transition.

    Attributes:
        legend: Kinds of marks that a reader has to be told of, with their meaning.
    """

    states: dict[str, list[str]] = field(default_factory=dict)
    transitions: dict[str, list[str]] = field(default_factory=dict)
    state_badges: dict[str, list[Badge]] = field(default_factory=dict)
    transition_badges: dict[str, list[Badge]] = field(default_factory=dict)
    legend: dict[str, str] = field(default_factory=dict)

    def state(self, state_id: str, *classes: str) -> None:
        """Give a state classes."""
        self.states.setdefault(state_id, []).extend(classes)

    def transition(self, path: str, *classes: str) -> None:
        """Give a transition classes."""
        self.transitions.setdefault(path, []).extend(classes)

    @property
    def any(self) -> bool:
        """Whether anything is shown."""
        return bool(self.states or self.transitions or self.state_badges or self.transition_badges)


def mark_snapshot(marks: Marks, machine: CompiledMachine[Any], at: Any) -> None:
    """Light the active states, and what is accepted now.

    Args:
        marks: Where to write it.
        machine: The machine.
        at: A Snapshot, its JSON, or a state value.

    Raises:
        RestoreError: It names states that the machine does not have.
    """
    active = active_nodes(machine, at)
    for node in active:
        marks.state(node.id, "within" if node.children else "active")
    ended = any(node.type == "final" and node.parent is machine.root for node in active)
    for node in () if ended else active:
        for found in node.transitions.values():
            for one in _reachable(found):
                if _awaits(one) and not _shadowed(one, active):
                    marks.transition(one.path, "open")
    marks.legend |= {"active": "active", "open": "accepted now"}


def active_nodes(machine: CompiledMachine[Any], at: Any) -> tuple[StateNode, ...]:
    """The active states of a snapshot, of its JSON, or of a state value.

    Raises:
        RestoreError: It names states that the machine does not have.
    """
    value = at.value if isinstance(at, Snapshot) else at
    if isinstance(value, Mapping) and "status" in value and "value" in value:
        value = value["value"]
    return machine.configurations.of_value(value).nodes


def mark_path(marks: Marks, machine: CompiledMachine[Any], path: Iterable[Any]) -> None:
    """Number the transitions taken, and dim what was never visited.

    Args:
        marks: Where to write it.
        machine: The machine.
        path: Transitions, or their paths in the config, in the order in which they were taken.

    Raises:
        PictureError: The machine has no such transition.
    """
    by_path = {one.path: one for one in _all(machine)}
    steps = [one.path if isinstance(one, Transition) else one for one in path]
    for number, step in enumerate(steps, 1):
        if step not in by_path:
            raise PictureError(f"{machine.id!r} has no transition at {step!r}: write its path in the config")
        marks.transition_badges.setdefault(step, []).append(Badge(str(number), "step", f"step {number}"))
    taken = dict.fromkeys(steps)
    for one in by_path:
        marks.transition(one, "taken" if one in taken else "dim")
    if steps:
        marks.transition(steps[-1], "last")
    visited = set(machine.initial_microstep.target.nodes)
    for transition in map(by_path.__getitem__, taken):
        for target in (transition.source, *(transition.target or ())):
            visited |= {target, *target.ancestors, *_entered(target)}
    for node in machine.nodes:
        marks.state(node.id, "visited" if node in visited else "dim")
    marks.legend |= {"step": "taken, in this order", "dim": "never visited"}


def mark_counts(marks: Marks, machine: CompiledMachine[Any], counts: Mapping[str, int]) -> None:
    """Write how often onto states and transitions, and dim what has no count.

    Args:
        marks: Where to write it.
        machine: The machine.
        counts: By the id of a state or the path of a transition. What has none is dimmed: states if any count is
            about a state, transitions if any is about a transition.

    Raises:
        PictureError: A count for something that is not there.
    """
    states = {node.id for node in machine.nodes}
    paths = {one.path for one in _all(machine)}
    for key, count in counts.items():
        if key not in states and key not in paths:
            raise PictureError(f"{key!r} is no state or transition of {machine.id!r}: counts go by id or by path")
        if count:
            badges = marks.state_badges if key in states else marks.transition_badges
            badges.setdefault(key, []).append(Badge(short(count), "count", f"{count} times"))
    if not states.isdisjoint(counts):
        for node in machine.nodes[1:]:
            if not counts.get(node.id) and not any(counts.get(one.id) for one in node.walk()):
                marks.state(node.id, "dim")
    if not paths.isdisjoint(counts):
        for path in sorted(paths):
            if not counts.get(path):
                marks.transition(path, "dim")
    marks.legend |= {"count": "how often", "dim": "never"}


def mark_findings(marks: Marks, chart: Chart, findings: Iterable[Any]) -> None:
    """Put findings where they belong: the nearest state or transition that their path leads to.

    Args:
        marks: Where to write it.
        chart: What is drawn.
        findings: What has a `path` in the config and a `problem`, such as the Problems of a DefinitionError.
    """
    states = {state.path: state.id for state in chart.states}
    paths = {arrow.path for arrow in chart.arrows}
    for finding in findings:
        where = finding.path
        while where not in states and where not in paths:
            cut = max(where.rfind("."), where.rfind("["))
            where = where[:cut] if cut > 0 else ""
        badge = Badge("!", "find", str(finding))
        if where in paths:
            marks.transition_badges.setdefault(where, []).append(badge)
        else:
            marks.state_badges.setdefault(states[where], []).append(badge)
        marks.legend["find"] = "finding"


def mark_changes(marks: Marks, chart: Chart) -> None:
    """Show what differs between two versions."""
    for state in chart.states:
        if state.change:
            marks.state(state.id, state.change)
            marks.state_badges.setdefault(state.id, []).append(Badge(SIGNS[state.change], state.change, state.change))
    for arrow in chart.arrows:
        if arrow.change:
            marks.transition(arrow.path, arrow.change)
    for path, arrow in _first(chart.arrows).items():
        if arrow.change:
            marks.transition_badges.setdefault(path, []).append(Badge(SIGNS[arrow.change], arrow.change, arrow.change))
    marks.legend |= {change: change for change in SIGNS}


def short(count: int) -> str:
    """A count in at most four letters: 950, 1.2k, 34k, 5.6M."""
    if count < 1_000:
        return str(count)
    size, letter = (1_000_000, "M") if count >= 1_000_000 else (1_000, "k")
    number = count / size
    return f"{number:.1f}".removesuffix(".0") + letter if number < 10 else f"{number:.0f}{letter}"


def _first(arrows: Iterable[Arrow]) -> dict[str, Arrow]:
    found: dict[str, Arrow] = {}
    for arrow in arrows:
        found.setdefault(arrow.path, arrow)
    return found


def _all(machine: CompiledMachine[Any]) -> list[Transition]:
    return [one for node in machine.nodes for found in (*node.transitions.values(), node.always) for one in found]


def _entered(node: StateNode) -> list[StateNode]:
    """States below one that are entered with it."""
    below = node.children if node.type == "parallel" else node.initial
    return [one for child in below for one in (child, *_entered(child))]


def _awaits(transition: Transition) -> bool:
    """Whether it waits for something from outside or for time to pass, and does something then."""
    inner = not transition.event or transition.event.startswith("xstate.done.state.")
    return not inner and bool(transition.target or transition.actions)


def _reachable(found: Iterable[Transition]) -> list[Transition]:
    """Transitions up to the first one that always passes."""
    reached = []
    for one in found:
        reached.append(one)
        if one.guard is None:
            break
    return reached


def _shadowed(transition: Transition, active: tuple[StateNode, ...]) -> bool:
    """Whether states inside take the event first, whatever their guards say."""
    source = transition.source
    leaves = [node for node in active if not node.children and source in node.ancestors]
    return bool(transition.event) and bool(leaves) and all(_takes(leaf, source, transition.event) for leaf in leaves)


def _takes(leaf: StateNode, below: StateNode, event: str) -> bool:
    inner = (leaf, *leaf.ancestors[: leaf.ancestors.index(below)])
    return any(one.guard is None for node in inner for one in node.transitions.get(event, ()))
