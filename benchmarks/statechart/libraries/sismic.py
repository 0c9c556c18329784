"""`sismic`: a statechart in YAML, whose actions and guards are Python text."""

from __future__ import annotations

import json
from importlib import import_module
from itertools import cycle, islice
from typing import Any

from benchmarks.statechart.libraries import Work
from benchmarks.statechart.machines import Edge, Path, Subject, edges

ACTIONS = {"count": "n += 1", "tell": "notify('told', n=n)"}
GUARDS = {"even": "n % 2 == 0"}

IMPORTED = "sismic"


def live(subject: Subject) -> Work:
    """One interpreter takes all events."""
    io, library = import_module("sismic.io"), import_module("sismic.interpreter")
    root = _state((), subject.config, list(edges(subject)))
    chart = {"statechart": {"name": "m", "preamble": "n = 0", "root state": root}}
    interpreter = library.Interpreter(io.import_from_yaml(json.dumps(chart)))
    interpreter.attach(lambda event: None)
    interpreter.execute()
    events = cycle(subject.events)

    def run(count: int) -> int:
        for event in islice(events, count):
            interpreter.queue(event).execute()
        return int(interpreter.context["n"])

    return run


def _state(path: Path, config: dict[str, Any], arrows: list[Edge]) -> dict[str, Any]:
    children = {key: _state((*path, key), child, arrows) for key, child in config.get("states", {}).items()}
    state: dict[str, Any] = {"name": _name(path), "transitions": [_arrow(one) for one in arrows if one.source == path]}
    if config.get("type") == "history":
        return {"name": _name(path), "type": "deep history", "memory": _name((*path[:-1], "regions"))}
    if config.get("type") == "parallel":
        return {**state, **_regions(path, config, children)}
    if children:
        return {**state, "states": list(children.values()), "initial": _name((*path, config["initial"]))}
    return state


def _regions(path: Path, config: dict[str, Any], children: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Regions and their history: it has to stand beside the parallel state, in a compound one."""
    histories = [key for key, child in config["states"].items() if child.get("type") == "history"]
    regions = [child for key, child in children.items() if key not in histories]
    inner = {"name": _name((*path, "regions")), "parallel states": regions}
    return {"initial": inner["name"], "states": [inner, *(children[key] for key in histories)]}


def _arrow(edge: Edge) -> dict[str, str]:
    arrow = {"event": edge.event, "target": _name(edge.target)}
    if edge.actions:
        arrow["action"] = "\n".join(ACTIONS[name] for name in edge.actions)
    if edge.guard:
        arrow["guard"] = GUARDS[edge.guard]
    return arrow


def _name(path: Path) -> str:
    return "_".join(("m", *path))
