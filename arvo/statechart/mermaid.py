"""Draw a machine as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from arvo.statechart.analysis import transitions
from arvo.statechart.callables import name_of
from arvo.statechart.definition import definition
from arvo.statechart.node import StateNode, Transition

if TYPE_CHECKING:
    from arvo.statechart.machine import StateMachine

ESCAPES = str.maketrans({":": "#58;", ";": "#59;", "#": "#35;", "\n": " "})
"""Mermaid's way to write characters that mean something to it."""


def to_mermaid(machine: StateMachine[Any], active: Collection[StateNode]) -> str:
    """The diagram, with the active states highlighted."""
    names = {node: f"s{node.order}" for node in machine.nodes}
    arrows: dict[StateNode, list[str]] = {}
    for transition in transitions(machine):
        for level, line in _arrows(transition, names):
            arrows.setdefault(level, []).append(line)
    lines = ["stateDiagram-v2", *_inside(machine.root, names, arrows, "    ")]
    leaves = [names[node] for node in machine.nodes if node in active and node.is_leaf]
    if leaves:
        lines += ["    classDef active fill:#ffd54f,stroke:#f57f17", f"    class {','.join(leaves)} active"]
    return "\n".join(lines) + "\n"


def _inside(
    node: StateNode, names: Mapping[StateNode, str], arrows: Mapping[StateNode, list[str]], indent: str
) -> Iterator[str]:
    regions = node.type == "parallel"
    for index, child in enumerate(node.states.values()):
        if regions and index and child.type != "history":
            yield f"{indent}--"
        yield f'{indent}state "{_label(child)}" as {names[child]}'
        if child.states:
            yield f"{indent}state {names[child]} {{"
            yield from _inside(child, names, arrows, indent + "    ")
            yield f"{indent}}}"
    for initial in node.initial:
        yield f"{indent}[*] --> {names[initial]}"
    for child in node.states.values():
        if child.type == "final":
            yield f"{indent}{names[child]} --> [*]"
    yield from (indent + line for line in arrows.get(node, ()))


def _label(node: StateNode) -> str:
    if node.type == "history":
        return "H*" if node.deep else "H"
    return node.key.replace('"', "'")


def _arrows(transition: Transition, names: Mapping[StateNode, str]) -> Iterator[tuple[StateNode, str]]:
    """One arrow per target, at the level of the state that holds both ends."""
    source = transition.source
    for target in transition.target or (source,):
        if source.parent is None or target.parent is None:
            continue
        level = next(one for one in source.ancestors if one in target.ancestors)
        yield level, f"{names[source]} --> {names[target]}: {_text(transition)}"


def _text(transition: Transition) -> str:
    node, event = transition.source, transition.event
    if event == f"xstate.done.state.{node.id}":
        event = "done"
    elif event.startswith("xstate.after."):
        event = "after " + event.removeprefix("xstate.after.").removesuffix(f".{node.id}")
    guard, actions = transition.config.get("guard"), transition.config.get("actions") or ()
    text = event or "always"
    if guard is not None:
        text += f" [{_name(guard)}]"
    if actions:
        listed = actions if isinstance(actions, list | tuple) else (actions,)
        text += " / " + ", ".join(map(_name, listed))
    return text.translate(ESCAPES)


def _name(reference: Any) -> str:
    if callable(reference):
        return name_of(reference)
    plain = definition(reference)
    return str(plain.get("type", "")).removeprefix("xstate.") if isinstance(plain, dict) else str(plain)
