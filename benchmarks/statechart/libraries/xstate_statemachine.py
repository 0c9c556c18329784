"""`xstate-statemachine` reads the same JSON; its snapshots are text."""

from __future__ import annotations

import json
import logging
from importlib import import_module
from itertools import cycle, islice
from typing import Any

from benchmarks.statechart.libraries import Work
from benchmarks.statechart.machines import Subject

IMPORTED = "xstate_statemachine"


def live(subject: Subject) -> Work:
    """One interpreter takes all events."""
    library, machine = _machine(subject)
    interpreter = library.SyncInterpreter(machine).start()
    interpreter.on("*", lambda event: None)
    events = cycle(subject.events)

    def run(count: int) -> int:
        for event in islice(events, count):
            interpreter.send(event)
        return int(interpreter.context["n"])

    return run


def text(subject: Subject) -> Work:
    """An interpreter per event, from the snapshot of the one before."""
    library, machine = _machine(subject)
    data = library.SyncInterpreter(machine).start().get_snapshot()
    events = cycle(subject.events)

    def run(count: int) -> int:
        nonlocal data
        for event in islice(events, count):
            interpreter = library.SyncInterpreter.from_snapshot(data, machine)
            interpreter.on("*", lambda event: None)
            interpreter.send(event)
            data = interpreter.get_snapshot()
        return int(json.loads(data)["context"]["n"])

    return run


def _machine(subject: Subject) -> tuple[Any, Any]:
    library = import_module("xstate_statemachine")
    logging.getLogger("xstate_statemachine").setLevel(logging.ERROR)
    config = json.loads(json.dumps(subject.config), object_hook=_built_in)
    logic = library.MachineLogic(
        actions={"count": _count}, guards={"even": lambda context, event: context["n"] % 2 == 0}
    )
    return library, library.create_machine(config, logic=logic)


def _count(interpreter: Any, context: dict[str, Any], event: Any, action: Any) -> None:
    context["n"] += 1


def _built_in(part: dict[str, Any]) -> dict[str, Any]:
    """The action that emits is the library's own, which takes a fixed event."""
    if "actions" in part:
        library = import_module("xstate_statemachine")
        part["actions"] = [library.emit({"type": "told"}) if name == "tell" else name for name in part["actions"]]
    return part
