"""Which states and transitions of machines were reached, and how often: as data that processes can hand on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

from arvo.statechart.inspecting import config_json, state_name, transition_name, transitions
from arvo.statechart.running import CompiledMachine, Microstep

MOST_MACHINES: Final = 1_000
"""Machines that are told apart at most, so that tests which make many at random do not fill the memory."""


@dataclass
class Reached:
    """What was reached of one machine.

    Attributes:
        id: Id of the machine.
        states: How often each state was entered, by its id; history states are not among them.
        transitions: How often each transition was taken, by its path in the config.
        histories: How often a history state was the target of a transition that was taken, by its id.
        names: Names for people, by id and path.
        definition: The machine's config as JSON text.
    """

    id: str
    states: dict[str, int]
    transitions: dict[str, int]
    histories: dict[str, int]
    names: dict[str, str]
    definition: str

    @classmethod
    def of(cls, machine: CompiledMachine[Any]) -> Self:
        """Return a machine of which nothing was reached."""
        inner = machine.nodes[1:]
        every = list(transitions(machine))
        return cls(
            id=machine.id,
            states={node.id: 0 for node in inner if node.type != "history"},
            transitions={one.path: 0 for one in every},
            histories={node.id: 0 for node in inner if node.type == "history"},
            names={
                **{node.id: state_name(node) for node in inner},
                **{one.path: transition_name(one) for one in every},
            },
            definition=json.dumps(config_json(machine.root.config), default=repr),
        )

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from other machines: its id, its states and its transitions."""
        return (self.id, *self.states, "", *self.names.values())

    @property
    def counts(self) -> dict[str, int]:
        """All counts, as a picture takes them."""
        return {**self.states, **self.histories, **self.transitions}

    @property
    def total(self) -> int:
        """How many states and transitions it has."""
        return len(self.states) + len(self.transitions)

    @property
    def reached(self) -> int:
        """How many of them were reached."""
        return sum(map(bool, (*self.states.values(), *self.transitions.values())))

    def missing(self, counts: Mapping[str, int]) -> list[str]:
        """Return the names of what has no count."""
        return [self.names[key] for key, count in counts.items() if not count]

    def note(self, microsteps: Sequence[Microstep]) -> None:
        """Count what a step has reached."""
        for step in microsteps:
            for node in step.entered:
                if node.id in self.states:
                    self.states[node.id] += 1
            for transition in step.transitions:
                self.transitions[transition.path] += 1
                for target in transition.target or ():
                    if target.id in self.histories:
                        self.histories[target.id] += 1

    def add(self, other: Reached) -> None:
        """Add the counts of the same machine from somewhere else."""
        for mine, theirs in (
            (self.states, other.states),
            (self.transitions, other.transitions),
            (self.histories, other.histories),
        ):
            for key, count in theirs.items():
                mine[key] += count


class Collection:
    """What was reached of all machines. Of machines that are the same but for being made anew, the counts add up."""

    def __init__(self) -> None:
        self.left_out = 0
        self._by_key: dict[tuple[str, ...], Reached] = {}
        self._by_machine: WeakKeyDictionary[CompiledMachine[Any], Reached | None] = WeakKeyDictionary()
        self._lock = Lock()

    @property
    def machines(self) -> list[Reached]:
        """All machines, by their ids."""
        return sorted(self._by_key.values(), key=lambda one: one.id)

    def observe(self, machine: CompiledMachine[Any], microsteps: Sequence[Microstep]) -> None:
        """Count what a step has reached. Workers run several at once: each thread on its turn."""
        with self._lock:
            reached = self._of(machine)
            if reached is not None:
                reached.note(microsteps)

    def know(self, machines: Iterable[CompiledMachine[Any]]) -> None:
        """Count machines among those to reach, though nothing may have run them."""
        with self._lock:
            for machine in machines:
                self._of(machine)

    def to_json(self) -> str:
        """Return it as text for another process."""
        return json.dumps({"machines": [asdict(one) for one in self.machines], "left_out": self.left_out})

    def add_json(self, text: str) -> None:
        """Add what another process has counted."""
        data = json.loads(text)
        self.left_out += data["left_out"]
        for one in data["machines"]:
            other = Reached(**one)
            mine = self._keep(Reached(**{**one, **_zeros(other)}))
            if mine is not None:
                mine.add(other)

    def _of(self, machine: CompiledMachine[Any]) -> Reached | None:
        if machine not in self._by_machine:
            self._by_machine[machine] = self._keep(Reached.of(machine))
        return self._by_machine[machine]

    def _keep(self, reached: Reached) -> Reached | None:
        if reached.key not in self._by_key and len(self._by_key) >= MOST_MACHINES:
            self.left_out += 1
            return None
        return self._by_key.setdefault(reached.key, reached)


def _zeros(reached: Reached) -> dict[str, dict[str, int]]:
    counts = {"states": reached.states, "transitions": reached.transitions, "histories": reached.histories}
    return {name: dict.fromkeys(given, 0) for name, given in counts.items()}
