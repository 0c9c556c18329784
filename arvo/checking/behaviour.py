"""Which events a machine emits and raises, as far as its definition and the code of its actions say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from arvo.statechart import StateMachine
from arvo.statechart.authoring import UNREAD, BuiltInAction, Reading, escapes, read
from arvo.statechart.compiling import at
from arvo.statechart.running import Microstep, StateNode

_DEEPEST = 8
_QUEUE = "enqueueArvoEvent"
_EMITTERS = ("emit", "enqueue_arvo_event")


@dataclass(frozen=True, slots=True)
class Emission:
    """An event that an action emits.

    Attributes:
        type: Its type; None if only running tells.
        fields: What is known of its fields, `UNREAD` for a value that is computed; None if not even the keys are.
        path: Where the action is, in the config.
        node: The state whose action it is.
        waiting: The states that are entered with it, or in which it happens; none where that is not known.
    """

    type: str | None
    fields: Mapping[str, Any] | None
    path: str
    node: StateNode
    waiting: tuple[StateNode, ...]


@dataclass(slots=True)
class Behaviour:
    """What a machine emits and raises.

    Attributes:
        emissions: Its emissions, in document order.
        raised: Types of the events that it sends to itself.
        delayed: Types and places of those of them that it sends after a delay.
        raises_unknown: Whether it may send itself events whose type only running tells.
        mentioned: Texts that its emitting code mentions.
    """

    emissions: list[Emission] = field(default_factory=list)
    raised: set[str] = field(default_factory=set)
    delayed: list[tuple[str, str]] = field(default_factory=list)
    raises_unknown: bool = False
    mentioned: set[str] = field(default_factory=set)

    @property
    def emits_unknown(self) -> bool:
        """Whether it may emit events whose type only running tells."""
        return any(one.type is None and (one.fields is None or "type" in one.fields) for one in self.emissions)

    @property
    def receivers(self) -> set[str]:
        """Those to whom it is known to send events, where it says more than their type."""
        return {to for to in self._receivers if isinstance(to, str)}

    @property
    def sends_to_unknown(self) -> bool:
        """Whether it may send events to somebody whom only running tells."""
        return self.emits_unknown or any(not isinstance(to, str | None) for to in self._receivers)

    def emitted_in(self, step: Microstep) -> list[Emission]:
        """Return what may be emitted in one microstep: by what is left, by its transitions, and by what is entered.

        Where it ends the machine, everything is left.
        """
        return [one for place in _places(step) for one in self.emissions if one.path == place]

    def delayed_in(self, step: Microstep) -> list[str]:
        """Return the types of the events that the machine may send to itself, after a delay, in one microstep."""
        return [type_ for place in _places(step) for type_, path in self.delayed if path == place]

    @property
    def _receivers(self) -> list[Any]:
        return [one.fields.get("to") for one in self.emissions if one.fields is not None]

    @property
    def emitted(self) -> set[str]:
        """The types that it is known to emit."""
        return {one.type for one in self.emissions if one.type is not None}


def _places(step: Microstep) -> Iterator[str]:
    """Yield where the actions of a microstep stand in the config."""
    for node in (*step.left, *(step.target.nodes if step.ends else ())):
        yield at(node.path, "exit")
    for one in step.transitions:
        yield at(one.path, "actions")
    for node in step.entered:
        yield at(node.path, "entry")
        yield at(at(node.path, "initial"), "actions")


def behaviour_of(logic: StateMachine[Any]) -> Behaviour:
    """Read what a machine emits and raises, without running it."""
    reader = _Reader(logic.actions)
    for node in logic.nodes:
        reader.note(node.config.get("entry"), at(node.path, "entry"), node, (node,))
        reader.note(node.config.get("exit"), at(node.path, "exit"), node, ())
        initial = node.config.get("initial")
        if isinstance(initial, Mapping):
            reader.note(initial.get("actions"), at(at(node.path, "initial"), "actions"), node, node.initial)
    for one in logic.transitions():
        waiting = (one.source,) if one.target is None else one.target
        reader.note(one.config.get("actions"), at(one.path, "actions"), one.source, waiting)
    return reader.found


class _Reader:
    """Reads actions, one place after the other."""

    def __init__(self, actions: Mapping[str, Any]) -> None:
        self.found = Behaviour()
        self._actions = actions
        self._open: list[BuiltInAction] = []

    def note(self, actions: Any, path: str, node: StateNode, waiting: tuple[StateNode, ...]) -> None:
        """Note what the actions of one place do."""
        for action in _single(actions, self._actions, 0):
            if isinstance(action, Mapping):
                self._emit(action.get("params"), path, node, waiting)
            elif action.type == "xstate.emit":
                self._emit(getattr(action, "event", None), path, node, waiting)
            elif action.type == "xstate.raise":
                self._raise(
                    getattr(action, "event", None), path if getattr(action, "delay", None) is not None else None
                )
            elif action.type == "xstate.enqueueActions" and action not in self._open:
                self._open.append(action)
                self._enqueue(getattr(action, "collect", None), path, node, waiting)
                self._open.remove(action)

    def _emit(self, event: Any, path: str, node: StateNode, waiting: tuple[StateNode, ...]) -> None:
        fields = self._fields(event)
        self.found.emissions.append(Emission(_type_in(fields), fields, path, node, waiting))

    def _raise(self, event: Any, delayed_at: str | None = None) -> None:
        type_ = _type_in(self._fields(event)) or _text(getattr(event, "type", None))
        if type_ is None:
            self.found.raises_unknown = True
        else:
            self.found.raised.add(type_)
            if delayed_at is not None:
                self.found.delayed.append((type_, delayed_at))

    def _fields(self, event: Any) -> Mapping[str, Any] | None:
        if isinstance(event, Mapping):
            return event
        if not callable(event):
            return None
        reading = read(event)
        self._mention(reading)
        return reading.returned

    def _enqueue(self, collect: Any, path: str, node: StateNode, waiting: tuple[StateNode, ...]) -> None:
        """Note what a function enqueues: what it writes down, and what it names."""
        reading = read(collect)
        self._mention(reading)
        emitted = [one for one in reading.written if one.taker in _EMITTERS]
        raised = [one for one in reading.written if one.taker == "raise_"]
        for one in emitted:
            self.found.emissions.append(Emission(_type_in(one.fields), one.fields, path, node, waiting))
        for one in raised:
            self._raise(one.fields)
        lost = not reading.readable or escapes(collect, "enqueue")
        if lost or sum(reading.names.get(name, 0) for name in _EMITTERS) > len(emitted):
            self.found.emissions.append(Emission(None, None, path, node, waiting))
        if lost or reading.names.get("raise_", 0) > len(raised):
            self.found.raises_unknown = True
        # A text may be the name of an action and mean something else, so that nobody waits here for what comes of it.
        for named in (*(text for text in sorted(reading.texts) if text in self._actions), *_built_in(reading.values)):
            self.note(named, path, node, ())

    def _mention(self, reading: Reading) -> None:
        self.found.mentioned |= reading.texts
        for value in reading.values:
            if callable(value):
                self.found.mentioned |= read(value).texts


def _single(actions: Any, known: Mapping[str, Any], depth: int) -> Iterator[Any]:
    """The built-in actions among actions, names followed."""
    if depth > _DEEPEST:
        return
    if isinstance(actions, list | tuple):
        for one in actions:
            yield from _single(one, known, depth + 1)
    elif isinstance(actions, str):
        yield from _single(known.get(actions), known, depth + 1)
    elif isinstance(actions, Mapping) and actions.get("type") == _QUEUE:
        yield actions
    elif isinstance(actions, Mapping):
        yield from _single(known.get(str(actions.get("type"))), known, depth + 1)
    elif isinstance(actions, BuiltInAction):
        yield actions


def _built_in(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, BuiltInAction)]


def _type_in(fields: Mapping[str, Any] | None) -> str | None:
    return None if fields is None else _text(fields.get("type"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value is not UNREAD else None
