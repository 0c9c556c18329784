"""The machines that are measured, in JSON, and the same as a list of arrows for libraries that do not read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]

COUNT_AND_TELL = ["count", "tell"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A machine and the events that it is given in turn.

    Attributes:
        key: What the asks and the JSON call it.
        flat: Whether no state has states.
    """

    key: str
    name: str
    config: dict[str, Any]
    events: tuple[str, ...] = ("T",)
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition between states, named by their keys from the root down."""

    source: Path
    event: str
    target: Path
    actions: tuple[str, ...] = ()
    guard: str | None = None


def edges(subject: Subject) -> Iterator[Edge]:
    """The transitions of a machine."""
    for path, config in states(subject.config):
        for event, given in config.get("on", {}).items():
            one = {"target": given} if isinstance(given, str) else given
            target = (*path[:-1], *one["target"].split("."))
            yield Edge(path, event, target, tuple(one.get("actions", ())), one.get("guard"))


def states(config: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The states of a machine, outer ones first, the root left out."""
    for key, child in config.get("states", {}).items():
        yield (*path, key), child
        yield from states(child, (*path, key))


def toggle() -> Subject:
    """Two states; every event counts in the context and emits."""
    return Subject("a", "(a) toggle", _machine("off", _toggle_states()), flat=True)


def parallel() -> Subject:
    """Fifteen states: three regions, deep history, guards."""

    def region(first: dict[str, Any]) -> dict[str, Any]:
        return {
            "initial": "i",
            "states": {"i": {"on": {"T": first}}, "j": {"on": {"T": "k"}}, "k": {"on": {"T": _to("i")}}},
        }

    regions = {
        "r": region(_to("j")),
        "s": region({"target": "j", "guard": "even"}),
        "t": region({"target": "j", "actions": ["count"]}),
        "h": {"type": "history", "history": "deep", "target": "r"},
    }
    states = {
        "run": {"type": "parallel", "states": regions, "on": {"OFF": _to("off")}},
        "off": {"on": {"ON": {"target": "run.h", "actions": ["count"]}}},
    }
    return Subject("b", "(b) 3 regions, history", _machine("run", states), ("T", "T", "T", "OFF", "ON"))


def ring() -> Subject:
    """Two hundred states in a ring."""
    states = {f"s{n}": {"on": {"T": _to(f"s{(n + 1) % 200}")}} for n in range(200)}
    return Subject("c", "(c) 200 states", _machine("s0", states), flat=True)


def nested() -> Subject:
    """A toggle below twenty levels."""
    inner: dict[str, Any] = {"initial": "off", "states": _toggle_states()}
    for level in range(20, 0, -1):
        inner = {"initial": f"n{level}", "states": {f"n{level}": inner}}
    return Subject("d", "(d) 20 levels", _machine(inner["initial"], inner["states"]))


def plain() -> Subject:
    """Two states and nothing else."""
    states = {"off": {"on": {"T": "on"}}, "on": {"on": {"T": "off"}}}
    return Subject("plain", "toggle, no actions", _machine("off", states), flat=True)


def subjects() -> tuple[Subject, ...]:
    """All machines."""
    return toggle(), parallel(), ring(), nested(), plain()


def _toggle_states() -> dict[str, Any]:
    return {"off": {"on": {"T": _to("on")}}, "on": {"on": {"T": _to("off")}}}


def _to(target: str) -> dict[str, Any]:
    return {"target": target, "actions": COUNT_AND_TELL}


def _machine(initial: str, states: dict[str, Any]) -> dict[str, Any]:
    return {"id": "m", "initial": initial, "context": {"n": 0}, "states": states}
