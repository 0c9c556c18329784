"""Resolve what state nodes refer to: initial states, targets, guards, actions, delays, outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from arvo.statechart.authoring import cancel, raise_
from arvo.statechart.compiling.implementations import Implementations
from arvo.statechart.compiling.problems import INITIAL_KEYS, REFERENCE_KEYS, TRANSITION_KEYS, Problems, at
from arvo.statechart.compiling.targets import Targets
from arvo.statechart.durations import HOW_TO_WRITE, milliseconds
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.keys import items, number_of, number_text
from arvo.statechart.running import Call, StateNode, Transition


class Resolver:
    """Resolves the nodes of one definition."""

    def __init__(self, targets: Targets, implementations: Implementations, problems: Problems) -> None:
        self.targets = targets
        self.implementations = implementations
        self.problems = problems

    def resolve(self, node: StateNode) -> None:
        """Fill in everything that a node refers to, except its descendants."""
        config, path = node.config, node.path
        node.entry = self._actions(config.get("entry"), at(path, "entry"))
        node.exit = self._actions(config.get("exit"), at(path, "exit"))
        if "output" in config and (node.type == "final" or node.parent is None):
            node.output = self._expression(config["output"], at(path, "output"))
        if node.type == "compound" or config.get("initial"):
            self._initial(node, config.get("initial"), at(path, "initial"))
        if node.type == "history" and node.parent is not None:
            self._default(node, config.get("target"), at(path, "target"))
        self._events(node)
        always = config.get("always")
        if always is not None:
            node.always = list(self._transitions(node, "", always, at(path, "always")))

    def _events(self, node: StateNode) -> None:
        """Collect transitions per descriptor: `on`, then `onDone`, which replaces, then `after`, which adds."""
        config, path = node.config, node.path
        handlers = config.get("on")
        on = self.problems.mapping(handlers, at(path, "on"), "'on'") if handlers is not None else {}
        for descriptor, transitions in items(on):
            where = at(at(path, "on"), descriptor)
            if not descriptor:
                self.problems.add(where, "'' is no event type", "use 'always' for eventless transitions")
            node.transitions[descriptor] = list(self._transitions(node, descriptor, transitions, where))
        on_done = config.get("onDone")
        if on_done is not None and on_done != "":
            done = f"xstate.done.state.{node.id}"
            node.transitions[done] = list(self._transitions(node, done, on_done, at(path, "onDone")))
        delayed = config.get("after")
        after = self.problems.mapping(delayed, at(path, "after"), "'after'") if delayed is not None else {}
        usable = {key: after[key] for key in after if self._may_be_delay(key, at(path, "after"))}
        for key, transitions in items(usable):
            self._after(node, key, transitions, at(at(path, "after"), key))

    def _may_be_delay(self, key: object, path: str) -> bool:
        if isinstance(key, str) or milliseconds(key) is not None:
            return True
        self.problems.add(at(path, str(key)), f"{key!r} is no delay", f"write {HOW_TO_WRITE}")
        return False

    def _after(self, node: StateNode, key: str, transitions: Any, path: str) -> None:
        number = number_of(key)
        if number is None and key not in self.implementations.delays:
            number = milliseconds(key)
        event = f"xstate.after.{key if number is None else number_text(number)}.{node.id}"
        if not key.strip():
            self.problems.doubt(path, f"{key!r} is no delay", f"write {HOW_TO_WRITE}")
        for index, one in enumerate(transitions if isinstance(transitions, list | tuple) else ()):
            if isinstance(one, str):
                self.problems.doubt(
                    at(path, index), f"XState drops the target {one!r} here", f'write {{"target": {one!r}}}'
                )
                transitions = [{} if isinstance(other, str) else other for other in transitions]
        found = list(self._transitions(node, event, transitions, path)) if transitions is not None else []
        if found:
            node.transitions.setdefault(event, []).extend(found)
        delay = key if number is None else number
        node.entry += self._actions(raise_({"type": event}, delay=delay, id=event), path)
        node.exit += self._actions(cancel(event), path)

    def _transitions(self, node: StateNode, event: str, configs: Any, path: str) -> Iterator[Transition]:
        single = not isinstance(configs, list | tuple)
        for index, config in enumerate([configs] if single else configs):
            where = path if single else at(path, index)
            if isinstance(config, str):
                yield self._transition(node, event, {"target": config}, where, where)
                continue
            config = self.problems.mapping(config, where, "a transition") if config is not None else {}
            yield self._transition(node, event, config, where, at(where, "target"))

    def _transition(
        self, node: StateNode, event: str, config: Mapping[str, Any], path: str, target_path: str
    ) -> Transition:
        self.problems.keys(config, path, TRANSITION_KEYS)
        guard, params = self._guard(config.get("guard"), at(path, "guard"))
        reenter = config.get("reenter")
        if reenter is not None and not isinstance(reenter, bool):
            self.problems.add(at(path, "reenter"), f"{reenter!r} is no boolean", "write True or False")
        return Transition(
            source=node,
            event=event,
            target=self._target(node, config.get("target"), target_path),
            reenter=bool(reenter),
            guard=guard,
            guard_params=params,
            guard_name=_guard_name(config.get("guard")),
            actions=tuple(self._actions(config.get("actions"), at(path, "actions"))),
            path=path,
            config=config,
        )

    def _target(self, node: StateNode, target: Any, path: str) -> tuple[StateNode, ...] | None:
        if target is None or target == "":
            return None
        single = isinstance(target, str)
        found = []
        for index, one in enumerate([target] if single else self._list(target, path)):
            where = path if single else at(path, index)
            if self.problems.text(one, where, "a target"):
                try:
                    found.append(self.targets.resolve(node, one))
                except ReferenceProblem as error:
                    self.problems.add_reference(where, error)
        for one, other in combinations(found, 2):
            if _exclude(one, other):
                self.problems.doubt(
                    path,
                    f"'#{one.id}' and '#{other.id}' cannot be active together",
                    "name one of them, or targets in different regions of a parallel state",
                )
        return tuple(found)

    def _list(self, value: Any, path: str) -> Sequence[Any]:
        if isinstance(value, list | tuple):
            return value
        self.problems.add(path, f"{value!r} is no target", "write a string, or a list of strings")
        return ()

    def _initial(self, node: StateNode, initial: Any, path: str) -> None:
        detailed = isinstance(initial, Mapping)
        target = initial.get("target") if detailed else initial
        if detailed:
            self.problems.keys(initial, path, INITIAL_KEYS)
            node.initial_actions = tuple(self._actions(initial.get("actions"), at(path, "actions")))
            path = at(path, "target")
        if isinstance(target, list | tuple) and len(target) == 1:
            target = target[0]
        if isinstance(target, str) and target in node.states:
            node.initial = (node.states[target],)
        elif node.type == "compound":
            children = ", ".join(repr(key) for key in node.states)
            problem = (
                f"{target!r} is no child of this state" if target else "a state with children needs an initial one"
            )
            self.problems.add(path, problem, f"name one of its children: {children}")
        elif target:
            self.problems.doubt(path, f"{target!r} is no child of this state", "remove it, or add this child")

    def _default(self, node: StateNode, target: Any, path: str) -> None:
        if not target:
            return
        parent = node.parent
        assert parent is not None
        found = []
        for one in [target] if isinstance(target, str) else self._list(target, path):
            if not self.problems.text(one, path, "a target"):
                continue
            try:
                default = self.targets.by_path(parent, one)
            except ReferenceProblem as error:
                self.problems.add_reference(path, error)
                continue
            if parent not in default.ancestors:
                cure = f"write a path from {parent.key!r} downwards"
                self.problems.doubt(path, f"{one!r} does not lie inside {parent.id!r}", cure)
            found.append(default)
        node.default = tuple(found)

    def _actions(self, actions: Any, path: str) -> list[Call]:
        if actions is None:
            return []
        single = not isinstance(actions, list | tuple)
        compiled = []
        for index, action in enumerate([actions] if single else actions):
            where = path if single else at(path, index)
            self._reference_keys(action, where)
            try:
                with self.implementations.placed(where):
                    compiled.append(self.implementations.action(action))
            except ReferenceProblem as error:
                self.problems.add_reference(where, error)
        return compiled

    def _guard(self, guard: Any, path: str) -> Call | tuple[None, None]:
        if guard is None:
            return None, None
        self._reference_keys(guard, path)
        try:
            return self.implementations.guard(guard)
        except ReferenceProblem as error:
            self.problems.add_reference(path, error)
            return None, None

    def _reference_keys(self, reference: Any, path: str) -> None:
        if isinstance(reference, Mapping):
            self.problems.keys(reference, path, REFERENCE_KEYS)

    def _expression(self, value: Any, path: str) -> Call | None:
        try:
            return self.implementations.expression(value), None
        except ReferenceProblem as error:
            self.problems.add_reference(path, error)
            return None


def history_loops(nodes: Sequence[StateNode]) -> Iterator[StateNode]:
    """History states whose default leads back to themselves."""
    for node in nodes:
        seen, queue = set(), [node] if node.type == "history" else []
        while queue:
            current = queue.pop()
            if current in seen:
                yield node
                break
            seen.add(current)
            initial = current.parent.initial if current.parent else ()
            queue += [one for one in current.default or initial if one.type == "history"]


def _exclude(one: StateNode, other: StateNode) -> bool:
    """Whether two states are alternatives: neither holds the other, and what holds both is not parallel."""
    if one in (other, *other.ancestors) or other in one.ancestors:
        return False
    shared = next(ancestor for ancestor in one.ancestors if ancestor in other.ancestors)
    return shared.type != "parallel"


def _guard_name(guard: Any) -> str:
    if isinstance(guard, Mapping):
        return str(guard.get("type", ""))
    return guard if isinstance(guard, str) else ""
