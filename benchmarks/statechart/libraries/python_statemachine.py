"""`python-statemachine`: a `StateChart` whose attributes are states; events call methods by name."""

from __future__ import annotations

from importlib import import_module
from itertools import cycle, islice
from typing import Any

from benchmarks.statechart.libraries import Work
from benchmarks.statechart.machines import Path, Subject, edges, states

IMPORTED = "statemachine"


def live(subject: Subject) -> Work:
    """One machine takes all events."""
    machine = _chart(subject)()
    events = cycle(subject.events)

    def run(count: int) -> int:
        for event in islice(events, count):
            machine.send(event)
        return int(machine.n)

    return run


class Implementations:
    """What the transitions call."""

    n = 0
    told: dict[str, Any]

    def count(self) -> None:
        self.n += 1

    def tell(self) -> None:
        self.told = {"type": "told", "n": self.n}

    def even(self) -> bool:
        return self.n % 2 == 0


def _chart(subject: Subject) -> Any:
    library = import_module("statemachine")
    made: dict[Path, Any] = {}
    for path, config in reversed(list(states(subject.config))):
        made[path] = _state(library, path, config, subject, made)
    for edge in edges(subject):
        conditions = {"cond": edge.guard} if edge.guard else {}
        made[edge.source].to(made[edge.target], event=edge.event, on=list(edge.actions), **conditions)
    top = {_name(path): state for path, state in reversed(made.items()) if len(path) == 1}
    return type(library.StateChart)("Chart", (Implementations, library.StateChart), top)


def _state(library: Any, path: Path, config: dict[str, Any], subject: Subject, made: dict[Path, Any]) -> Any:
    if config.get("type") == "history":
        return library.HistoryState(type="deep")
    children = {_name((*path, key)): made[*path, key] for key in config.get("states", {})}
    state: Any = library.State(initial=_is_initial(path, subject))
    if children:
        kind = library.State.Parallel if config.get("type") == "parallel" else library.State.Compound
        state = type(kind)(_name(path), (kind,), children)
        state._initial = _is_initial(path, subject)
    return state


def _name(path: Path) -> str:
    """Ids of states have to differ in the whole chart."""
    return "_".join(path)


def _is_initial(path: Path, subject: Subject) -> bool:
    around: dict[str, Any] = subject.config
    for key in path[:-1]:
        around = around["states"][key]
    return bool(around.get("initial") == path[-1])
