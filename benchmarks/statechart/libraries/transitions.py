"""`transitions`: its flat machine, with callbacks on a model."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.statechart.libraries import Work
from benchmarks.statechart.machines import Subject, edges

IMPORTED = "transitions"


class Model:
    """What the machine moves; the machine adds the trigger `T`."""

    n = 0
    T: Any
    told: dict[str, Any]

    def count(self) -> None:
        self.n += 1

    def tell(self) -> None:
        self.told = {"type": "told", "n": self.n}


def live(subject: Subject) -> Work | None:
    """One model takes all events."""
    if not subject.flat:
        return None
    library, model = import_module("transitions"), Model()
    arrows = [
        {"trigger": one.event, "source": one.source[0], "dest": one.target[0], "after": list(one.actions)}
        for one in edges(subject)
    ]
    library.Machine(
        model,
        states=list(subject.config["states"]),
        initial=subject.config["initial"],
        transitions=arrows,
        auto_transitions=False,
    )

    def run(count: int) -> int:
        for _ in range(count):
            model.T()
        return model.n

    return run
