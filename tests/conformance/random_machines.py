"""Random machines in the format of the vectors: deep, with many regions, many history states and every operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

EVENTS = ("A", "B", "C", "D", "x.y", "x.z", "x.z.w")
RAISED = ("R", "R", "S", "x.z.s", "A", "x.y")
DESCRIPTORS = (*EVENTS, *EVENTS, "R", "S", "*", "x.*", "x.z.*")
KEYS = "abcdefg"
DELAYS = {"soon": 15, "later": 2500}
T = TypeVar("T")


@dataclass
class State:
    """A state of the machine to be.

    Attributes:
        path: Keys from the root down.
        config: Its config, filled in as the machine grows.
    """

    path: tuple[str, ...]
    config: dict[str, Any]
    kind: str
    children: list[State] = field(default_factory=list)
    parent: State | None = None

    @property
    def id(self) -> str:
        """The id that targets name it by."""
        return str(self.config.get("id") or ".".join(("m", *self.path)))


class RandomMachine:
    """Makes one case: a machine, and events to send.

    Attributes:
        states: All states, the root first.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.states: list[State] = []
        self.most = self.random.choice((8, 14, 25, 45))
        self.deepest = self.random.randint(2, 6)
        self.parallel = self.random.choice((0.1, 0.35, 0.6))
        self.always = self.random.choice((0, 0.1, 0.3))
        self.regionless = self.random.choice((0, 0, 0.1))
        self.labels = 0

    def case(self) -> dict[str, Any]:
        """The case, without what XState does."""
        root = self._state((), None)
        root.config["id"] = "m"
        for state in self.states:
            self._fill(state)
        events = [self._event() for _ in range(self.random.randint(4, 12))]
        return {
            "name": f"fuzz/{self.seed}",
            "tags": ["random"],
            "config": root.config,
            "delays": DELAYS,
            "input": None,
            "context": {"n": 0, "m": self.random.randint(0, 2), "f": None, "log": []},
            "logPerStep": True,
            "mostMicrosteps": 60,
            "steps": [{"event": event} for event in (None, *events)],
        }

    def _state(self, path: tuple[str, ...], parent: State | None) -> State:
        state = State(path, {}, self._kind(path, parent), parent=parent)
        self.states.append(state)
        if state.kind in ("parallel", "final"):
            state.config["type"] = state.kind
        elif state.kind == "atomic" and self._chance(self.regionless):
            state.config["type"] = "parallel"
        if path and self._chance(0.1):
            state.config["id"] = f"k{len(self.states)}"
        if state.kind in ("compound", "parallel"):
            keys = self.random.sample(KEYS, self.random.randint(2, 4))
            if self._chance(0.03):
                keys[-1] = str(self.random.randint(0, 20))
            state.children = [self._state((*path, key), state) for key in keys]
            state.children += [self._history((*path, key), state) for key in self._history_keys(state)]
            self.random.shuffle(state.children)
            state.config["states"] = {child.path[-1]: child.config for child in state.children}
        if state.kind == "compound":
            self._initial(state)
        return state

    def _kind(self, path: tuple[str, ...], parent: State | None) -> str:
        if parent is not None and self._chance(0.12 if parent.kind == "compound" else 0.04):
            return "final"
        if parent is not None and (len(path) >= self.deepest or len(self.states) > self.most or self._chance(0.35)):
            return "atomic"
        return "parallel" if self._chance(self.parallel) else "compound"

    def _history_keys(self, state: State) -> list[str]:
        return ["h", "i"][: self.random.choice((0, 1, 1, 2))] if self.always != 0.1 or state.parent else []

    def _history(self, path: tuple[str, ...], parent: State) -> State:
        state = State(path, {"type": "history"}, "history", parent=parent)
        self.states.append(state)
        if self._chance(0.5):
            state.config["history"] = self.random.choice(("deep", "deep", "shallow"))
        return state

    def _initial(self, state: State) -> None:
        key = self._pick([child for child in state.children if child.kind != "history"]).path[-1]
        state.config["initial"] = {"target": key, "actions": self._actions()} if self._chance(0.15) else key

    def _fill(self, state: State) -> None:
        """Add what refers to other states."""
        config = state.config
        if state.kind == "history":
            parent = state.parent
            assert parent is not None
            inner = [one for one in self._below(parent) if one.kind != "history"]
            if parent.kind == "parallel" or self._chance(0.5):
                config["target"] = ".".join(self._pick(inner).path[len(parent.path) :])
            return
        where = ".".join(state.path) or "m"
        if self._chance(0.7):
            config["entry"] = [f"+{where}", *self._actions(0.2)]
        if self._chance(0.7):
            config["exit"] = [f"-{where}", *self._actions(0.2)]
        if self._chance(0.2):
            config["tags"] = self.random.sample(["t", "u", "w"], self.random.randint(1, 2))
        if self._chance(0.1):
            config["meta"] = {"at": where}
        if (state.kind == "final" or state.parent is None) and self._chance(0.5):
            config["output"] = self._pick([{"n": {"$ctx": "n"}}, {"of": {"$event": "type"}}, where])
        if state.kind != "final":
            self._fill_transitions(state)

    def _fill_transitions(self, state: State) -> None:
        config = state.config
        # A dict, not a set: the order of a set of strings differs between processes.
        chosen = dict.fromkeys(self.random.choices(DESCRIPTORS, k=self._few(5)))
        on = {name: self._transitions(state) for name in chosen}
        if self._chance(0.05):
            on[f"xstate.done.state.{self._pick(self.states).id}"] = self._transitions(state)
        if on:
            config["on"] = {name: on[name] for name in sorted(on, key=lambda name: self.random.random())}
        if self._chance(self.always):
            config["always"] = [self._eventless(state) for _ in range(self.random.randint(1, 2))]
        if self._chance(0.15):
            keys = self.random.sample(["0", "10", "250", "soon", "later"], self.random.randint(1, 2))
            config["after"] = {key: self._after(state) for key in keys}
        if state.kind != "atomic" and self._chance(0.4):
            config["onDone"] = self._transitions(state)

    def _after(self, state: State) -> Any:
        """Without plain strings in a list, which XState drops."""
        given = self._transitions(state)
        return [one for one in given if not isinstance(one, str)] if isinstance(given, list) else given

    def _transitions(self, state: State) -> Any:
        if self._chance(0.04):
            return self._pick([None, {}, []])
        if self._chance(0.15):
            return self._target(state)
        if self._chance(0.6):
            return self._transition(state)
        return [self._transition(state) for _ in range(self.random.randint(1, 3))]

    def _transition(self, state: State, *, guarded: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self._chance(0.85):
            made["target"] = self._targets(state)
        if guarded or self._chance(0.35):
            made["guard"] = self._guard()
        if self._chance(0.5):
            made["actions"] = self._actions()
        if self._chance(0.2):
            made["reenter"] = True
        return made

    def _eventless(self, state: State) -> dict[str, Any]:
        """An `always`, which mostly comes to an end."""
        made = self._transition(state, guarded=True)
        if self._chance(0.97):
            bound = {"type": "lt", "params": {"key": "n", "value": self.random.randint(1, 6)}}
            made["guard"] = {"type": "and", "params": {"guards": [bound, made["guard"]]}}
            made["actions"] = [{"type": "inc", "params": {"key": "n", "by": 1}}, *made.get("actions", [])]
        return made

    def _targets(self, state: State) -> Any:
        """One target, or several in different regions of a parallel state."""
        parallels = [one for one in self.states if one.kind == "parallel"]
        if not parallels or not self._chance(0.2):
            target = self._target(state)
            return [target] if self._chance(0.1) else target
        regions = [child for child in self._pick(parallels).children if child.kind != "history"]
        chosen = self.random.sample(regions, self.random.randint(1, len(regions)))
        return [f"#{self._pick([region, *self._below(region)]).id}" for region in chosen]

    def _target(self, state: State) -> str:
        near = [one for one in (state.parent.children if state.parent else ()) if one is not state or self._chance(0.3)]
        inner = self._below(state)
        choice = self.random.random()
        if choice < 0.4 and near:
            return self._pick(near).path[-1]
        if choice < 0.55 and inner:
            return "." + ".".join(self._pick(inner).path[len(state.path) :])
        if choice < 0.65 and near:
            sibling = self._pick(near)
            return ".".join(self._pick([sibling, *self._below(sibling)]).path[len(sibling.path) - 1 :])
        histories = [one for one in self.states if one.kind == "history"]
        return f"#{self._pick(histories if histories and self._chance(0.3) else self.states).id}"

    def _guard(self, depth: int = 0) -> Any:
        choice = self.random.randrange(11 if depth < 2 else 8)
        key = self._pick(["n", "m"])
        if choice < 3:
            return {"type": self._pick(["lt", "gt", "eq"]), "params": {"key": key, "value": self.random.randint(0, 5)}}
        if choice < 5:
            return {"type": "eventEq", "params": {"path": "data.v", "value": self.random.randint(0, 2)}}
        if choice == 5:
            return self._pick(["yes", "yes", "no"])
        if choice < 8:
            return {"type": "stateIn", "params": {"value": self._state_value()}}
        if choice == 8:
            return {"type": "not", "params": {"guard": self._guard(depth + 1)}}
        if choice == 9 and self._chance(0.05):
            return {"type": "throw", "params": {"message": "guard"}}
        guards = [self._guard(depth + 1) for _ in range(2)]
        return {"type": self._pick(["and", "or"]), "params": {"guards": guards}}

    def _state_value(self) -> Any:
        state = self._pick([one for one in self.states if one.path])
        if self._chance(0.4):
            return f"#{state.id}"
        if self._chance(0.6):
            return ".".join(state.path)
        value: Any = state.path[-1]
        for key in reversed(state.path[:-1]):
            value = {key: value}
        return value

    def _actions(self, often: float = 1.0) -> list[Any]:
        return [self._action() for _ in range(self._few(3))] if self._chance(often) else []

    def _action(self, depth: int = 0) -> Any:
        self.labels += 1
        label, key = f"l{self.labels}", self._pick(["n", "m"])
        made: list[Callable[[], Any]] = [
            lambda: label,
            lambda: {"type": "log", "params": {"label": label, "event": True}},
            lambda: {"type": "log", "params": {"label": label, "ctx": key, "path": "data.v"}},
            lambda: {"type": "inc", "params": {"key": key, "by": self._pick([1, 1, 1, -1])}},
            lambda: {"type": "set", "params": {"key": "f", "value": self.labels}},
            lambda: {"type": "copyEvent", "params": {"key": "f", "path": "data.v"}},
            lambda: {"type": "emit", "params": {"type": "o." + label, **self._data()}},
            lambda: {"type": "raise", "params": {"type": self._pick(RAISED), **self._data()}},
            lambda: {"type": "raise", "params": {"type": self._pick(EVENTS), **self._delay()}},
            lambda: {"type": "cancel", "params": {"id": self._pick(["one", "two"])}},
            lambda: {"type": "enqueue", "params": {"ops": self._enqueued(depth)}},
        ]
        if self._chance(0.003):
            return {"type": self._pick(["throw", "throwAssign"]), "params": {"message": label}}
        return self._pick(made if depth < 2 else made[:-1])()

    def _enqueued(self, depth: int) -> list[Any]:
        ops: list[Any] = []
        for _ in range(self.random.randint(1, 3)):
            if self._chance(0.3):
                branch = {"check": self._guard(1), "then": [self._action(depth + 1)]}
                ops.append({**branch, "else": [self._action(depth + 1)]} if self._chance(0.5) else branch)
            else:
                ops.append(self._action(depth + 1))
        return ops

    def _data(self) -> dict[str, Any]:
        if self._chance(0.4):
            return {}
        return {"data": {"v": self.random.randint(0, 2)}, **({"fromContext": {"m": "m"}} if self._chance(0.3) else {})}

    def _delay(self) -> dict[str, Any]:
        named = {"id": self._pick(["one", "two"])} if self._chance(0.6) else {}
        return {"delay": self._pick([0, 30, "soon"]), **named}

    def _event(self) -> dict[str, Any]:
        timers = [f"xstate.after.{key}.{state.id}" for state in self.states for key in state.config.get("after", ())]
        if timers and self._chance(0.15):
            return {"type": self._pick(timers)}
        event: dict[str, Any] = {"type": self._pick([*EVENTS, *EVENTS, "x.q", "Q"])}
        return {**event, "data": {"v": self.random.randint(0, 2)}} if self._chance(0.5) else event

    def _below(self, state: State) -> list[State]:
        return [one for child in state.children for one in (child, *self._below(child))]

    def _few(self, most: int) -> int:
        return min(self.random.randint(0, most), self.random.randint(0, most))

    def _pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability
