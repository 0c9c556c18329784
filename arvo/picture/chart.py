"""What a picture shows: states, arrows and their texts, before anything has a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["atomic", "compound", "parallel", "final", "history"]
ArrowKind: TypeAlias = Literal["event", "after", "always", "done", "error", "initial", "default"]
Role: TypeAlias = Literal["action", "entry", "exit", "emit", "nested", "invoke", "own", "forbidden", "note"]
Change: TypeAlias = Literal["", "added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line in the box of a state, or in the label of an arrow.

    Attributes:
        role: What it is about.
        text: What it says.
        ref: Path in the config of the transition that it stands for, if it does.
    """

    role: Role
    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state.

    Attributes:
        id: Its id in the machine.
        path: Where in the config.
        parent: Id of the state that holds it; empty for the root.
        deep: Whether a history state records everything below it.
        collapsed: Whether what it holds is left out.
        change: What happened to it between two versions.
    """

    id: str
    key: str
    kind: Kind
    path: str
    parent: str
    lines: tuple[Line, ...] = ()
    tags: tuple[str, ...] = ()
    description: str = ""
    deep: bool = False
    collapsed: bool = False
    change: Change = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow: a transition and one of its targets, an initial transition, or the default of a history state.

    Attributes:
        id: Path of the transition in the config; with `#2` and so on for its further targets.
        path: Path of the transition in the config.
        source: Id of a state; of the holding one for an initial arrow.
        event: What triggers it, in words.
        guard: Its guard, without brackets; `else` for the last of several without one.
        turn: Which one it is of several for the same event, counted from 1; 0 if there are no others.
        actions: What is done, and which events that emits.
        reenters: Whether source and target are left and entered again.
    """

    id: str
    path: str
    kind: ArrowKind
    source: str
    target: str
    event: str = ""
    guard: str = ""
    turn: int = 0
    actions: tuple[Line, ...] = ()
    reenters: bool = False
    description: str = ""
    change: Change = ""


@dataclass(frozen=True)
class Chart:
    """A machine as it is drawn.

    Attributes:
        id: Id of the machine.
        states: In document order, the root first.
        arrows: In document order.
        compared: Whether it shows two versions.
    """

    id: str
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]
    compared: bool = False

    @property
    def root(self) -> State:
        """The state that holds all others."""
        return self.states[0]

    def children(self) -> dict[str, list[State]]:
        """States by the id of the one that holds them."""
        held: dict[str, list[State]] = {state.id: [] for state in self.states}
        for state in self.states[1:]:
            held[state.parent].append(state)
        return held

    def ancestors(self, state_id: str) -> Iterator[str]:
        """Ids of the states that hold one, innermost first."""
        parents = {state.id: state.parent for state in self.states}
        while state_id := parents[state_id]:
            yield state_id
