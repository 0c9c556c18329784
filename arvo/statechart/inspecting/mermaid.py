"""Draw a machine as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from arvo.statechart.authoring import name_of
from arvo.statechart.inspecting.analysis import transitions
from arvo.statechart.inspecting.definition import config_json
from arvo.statechart.inspecting.mermaid_text import mermaid_text
from arvo.statechart.keys import number_of
from arvo.statechart.running import CompiledMachine, StateNode, Transition


def to_mermaid(machine: CompiledMachine[Any], active: Collection[StateNode]) -> str:
    """The diagram, with the active states highlighted.

    What happens without an arrow is written into the state's title. So is a transition between a state and one that
    holds it, since Mermaid draws no arrow from a box into itself, and one between regions, since Mermaid would move
    its target into the other region.
    """
    drawing = _Drawing(machine)
    root = machine.root
    boxed = bool(drawing.titles.get(root)) or root.type == "parallel"  # only a box can have regions
    lines = [f"    {line}" for line in (drawing.box(root) if boxed else drawing.inside(root))]
    leaves = [f"s{node.order}" for node in machine.nodes if node in active and not node.children]
    if leaves:
        lines += ["    classDef active fill:#ffd54f,stroke:#f57f17", f"    class {','.join(leaves)} active"]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


class _Drawing:
    """The parts of a diagram.

    Attributes:
        arrows: Lines of arrows by the state that holds both ends.
        titles: Lines for the title of a state: what it does without an arrow.
    """

    def __init__(self, machine: CompiledMachine[Any]) -> None:
        self.arrows: dict[StateNode, list[str]] = {}
        self.titles: dict[StateNode, list[str]] = {}
        for transition in transitions(machine):
            self._add(transition)
        for node in machine.nodes:
            for target in node.default or ():
                self._arrow(node, target, "default")

    def box(self, node: StateNode) -> Iterator[str]:
        """A state with everything in it."""
        yield f'state "{_label(node, self.titles.get(node, []))}" as s{node.order}'
        if node.states:
            yield f"state s{node.order} {{"
            yield from (f"    {line}" for line in self.inside(node))
            yield "}"

    def inside(self, node: StateNode) -> Iterator[str]:
        """What is in a state: children, initial and final arrows, transitions between children."""
        regions = 0
        for child in node.states.values():
            if node.type == "parallel" and child.type != "history":
                if regions:
                    yield "--"
                regions += 1
            yield from self.box(child)
        for initial in node.initial:
            yield f"[*] --> s{initial.order}"
        for child in node.states.values():
            if child.type == "final":
                yield f"s{child.order} --> [*]"
        yield from self.arrows.get(node, ())

    def _add(self, transition: Transition) -> None:
        source, text = transition.source, _text(transition)
        if not transition.target:
            forbidden = transition.target is None and not transition.actions
            self.titles.setdefault(source, []).append(f"{text} ignored" if forbidden else text)
        for target in transition.target or ():
            others = [mermaid_text(one.key) for one in transition.target or () if one is not target]
            self._arrow(source, target, f"{text} (with {', '.join(others)})" if others else text)

    def _arrow(self, source: StateNode, target: StateNode, text: str) -> None:
        level = next((one for one in source.ancestors if one in target.ancestors), None)
        if level is None or source in target.ancestors or target in source.ancestors or level.type == "parallel":
            self.titles.setdefault(source, []).append(f"{text} → {mermaid_text(target.key)}")
        else:
            self.arrows.setdefault(level, []).append(f"s{source.order} --> s{target.order}: {text}")


def _label(node: StateNode, lines: Collection[str]) -> str:
    name = mermaid_text(node.key) if node.type != "history" else "H*" if node.deep else "H"
    return "<br/>".join([name, *lines])


def _text(transition: Transition) -> str:
    node, event = transition.source, transition.event
    if event == f"xstate.done.state.{node.id}":
        event = "done"
    elif event.startswith("xstate.after."):
        delay = event.removeprefix("xstate.after.").removesuffix(f".{node.id}")
        event = f"after {delay} ms" if number_of(delay) is not None else f"after {delay}"
    guard, actions = transition.config.get("guard"), transition.config.get("actions") or ()
    text = mermaid_text(event) or "always"
    if transition.reenter:
        text += " (reenters)"
    if guard is not None:
        text += f" [{_name(guard)}]"
    if actions:
        listed = actions if isinstance(actions, list | tuple) else (actions,)
        text += " / " + ", ".join(map(_name, listed))
    return text


def _name(reference: Any) -> str:
    if callable(reference):
        return mermaid_text(name_of(reference))
    plain = config_json(reference)
    return mermaid_text(str(plain.get("type", "")).removeprefix("xstate.") if isinstance(plain, dict) else str(plain))
