"""Make the chart of a machine: which boxes and arrows there are, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, cast

from arvo.picture.chart import Arrow, ArrowKind, Chart, Line, Role, State
from arvo.picture.emissions import emitted_types
from arvo.picture.source import Source
from arvo.statechart.inspecting import action_words, event_words, guarded, listed, transitions, turn_guard, turn_of
from arvo.statechart.running import StateNode, Transition

NESTED = "arvo.orc."
"""How types of events begin that start an orchestration."""


def chart_of(source: Source, collapse: Collection[str] = (), notes: bool = False) -> Chart:
    """The chart of a machine.

    Args:
        source: The machine.
        collapse: Ids, paths of keys, or keys of states whose inside is left out.
        notes: Whether descriptions are written into the boxes.
    """
    return _Charting(source, collapse, notes).chart()


class _Charting:
    def __init__(self, source: Source, collapse: Collection[str], notes: bool) -> None:
        self.source = source
        self.notes = notes
        nodes = source.machine.nodes
        self.collapsed = {node for node in nodes if node.states and collapse and _is_named(node, collapse)}
        self.shown = [node for node in nodes if self.collapsed.isdisjoint(node.ancestors)]

    def chart(self) -> Chart:
        machine = self.source.machine
        return Chart(machine.id, tuple(map(self.state, self.shown)), tuple(self.arrows()))

    def state(self, node: StateNode) -> State:
        return State(
            id=node.id,
            key=node.key,
            kind=node.type,
            path=node.path,
            parent=node.parent.id if node.parent else "",
            lines=tuple(self.lines(node)),
            tags=node.tags,
            description=_text(node.config.get("description")),
            deep=node.deep,
            collapsed=node in self.collapsed,
        )

    def lines(self, node: StateNode) -> Iterator[Line]:
        if self.notes and node.config.get("description"):
            yield Line("note", _text(node.config["description"]))
        for name in self.source.invoked.get(_keys(node), ()):
            yield Line("invoke", name)
        yield from self.performed("entry", listed(node.config.get("entry")))
        yield from self.performed("exit", listed(node.config.get("exit")))
        for transition in self.transitions(node):
            if transition.target or self.inside_collapsed(transition):
                continue
            role: Role = "own" if transition.actions or transition.target is not None else "forbidden"
            yield Line(role, _sentence(transition), transition.path)
            for action in listed(transition.config.get("actions")):
                yield from self.emissions(action)

    def transitions(self, node: StateNode) -> Iterator[Transition]:
        for found in node.transitions.values():
            yield from found
        yield from node.always

    def performed(self, role: Role, actions: tuple[Any, ...]) -> Iterator[Line]:
        for action in actions:
            words, sent = action_words(action), list(self.emissions(action))
            if [f"emit {line.text.partition(' ')[0]}" for line in sent if line.role == "emit"] == [words]:
                yield Line(role, f"emit {sent[0].text}")
            else:
                yield Line(role, words)
                yield from sent

    def emissions(self, action: Any) -> Iterator[Line]:
        for kind in emitted_types(action, self.source.services, self.source.actions):
            yield Line("nested" if kind.startswith(NESTED) else "emit", self.sent(kind))

    def sent(self, kind: str) -> str:
        service = self.source.services.get(kind)
        return f"{kind} → {service}" if service else kind

    def arrows(self) -> Iterator[Arrow]:
        for node in self.shown:
            if node in self.collapsed:
                continue
            for target in node.initial:
                actions = node.config.get("initial")
                given = listed(actions.get("actions")) if isinstance(actions, dict) else ()
                path = f"{node.path}.initial" if node.path else "initial"
                yield Arrow(path, path, "initial", node.id, target.id, actions=tuple(self.performed("action", given)))
            for number, target in enumerate(node.default or ()):
                path = f"{node.path}.target"
                yield Arrow(_numbered(path, number), path, "default", node.id, self.visible(target).id)
        for transition in transitions(self.source.machine):
            if not self.inside_collapsed(transition):
                yield from self.transition_arrows(transition)

    def transition_arrows(self, transition: Transition) -> Iterator[Arrow]:
        kind, event = event_words(transition)
        actions = listed(transition.config.get("actions"))
        turn = turn_of(transition)
        for number, target in enumerate(dict.fromkeys(map(self.visible, transition.target or ()))):
            yield Arrow(
                id=_numbered(transition.path, number),
                path=transition.path,
                kind=cast(ArrowKind, kind),
                source=self.visible(transition.source).id,
                target=target.id,
                event=event,
                guard=turn_guard(transition),
                turn=turn,
                actions=tuple(self.performed("action", actions)) if not number else (),
                reenters=transition.reenter,
                description=_text(transition.config.get("description")),
            )

    def visible(self, node: StateNode) -> StateNode:
        """The state that stands for one: itself, or the collapsed one that holds it."""
        return next((one for one in reversed(node.ancestors) if one in self.collapsed), node)

    def inside_collapsed(self, transition: Transition) -> bool:
        """Whether a transition happens within a collapsed state."""
        source = self.visible(transition.source)
        if source is transition.source:
            return False
        return all(self.visible(target) is source for target in transition.target or ())


def _is_named(node: StateNode, names: Collection[str]) -> bool:
    return bool({node.id, node.key, ".".join(_keys(node))} & set(names))


def _keys(node: StateNode) -> tuple[str, ...]:
    """Keys of the states from the root, which has none, down to one."""
    return tuple(one.key for one in (*reversed(node.ancestors[:-1]), node)) if node.parent else ()


def _numbered(path: str, number: int) -> str:
    return f"{path}#{number + 1}" if number else path


def _sentence(transition: Transition) -> str:
    """A transition without a target: `KNOCK [guard] / actions`."""
    turn, actions = turn_of(transition), listed(transition.config.get("actions"))
    guard = turn_guard(transition)
    done = f" / {', '.join(map(action_words, actions))}" if actions else ""
    return event_words(transition)[1] + (f" {guarded(turn, guard)}" if guard else "") + done


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
