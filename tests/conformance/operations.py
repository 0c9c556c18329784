"""The operations that statechart vectors are written in, as actions, guards and expressions of this engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from arvo.statechart import and_, assign, cancel, emit, enqueue_actions, not_, or_, raise_, state_in


class Thrown(Exception):
    """What the operation `throw` throws."""


class Operations:
    """Turns the operations of one case into actions and guards.

    Attributes:
        starting: Whether the machine is being started. XState runs plain actions after the whole initial
            macrostep, so that what they throw is noted here and thrown later.
        deferred: What was thrown while starting.
    """

    def __init__(self) -> None:
        self.starting = False
        self.deferred: list[Thrown] = []
        self.unimplemented: dict[str, Callable[[], bool]] = {}

    def config(self, config: Any) -> Any:
        """A vector's config as a config of this engine."""
        return {key: self._state_value(key, value) for key, value in config.items()}

    def _state_value(self, key: str, value: Any) -> Any:
        if key == "states":
            return {name: self.config(state) for name, state in value.items()}
        if key in ("on", "after"):
            return {name: self._transitions(one) for name, one in value.items()}
        if key in ("always", "onDone"):
            return self._transitions(value)
        if key in ("entry", "exit"):
            return self.actions(value)
        if key == "initial" and isinstance(value, Mapping):
            return self._transition(value)
        return mapper(value) if key == "output" else value

    def _transitions(self, value: Any) -> Any:
        return [self._transition(one) for one in value] if isinstance(value, list) else self._transition(value)

    def _transition(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        changed = dict(value)
        if "actions" in value:
            changed["actions"] = self.actions(value["actions"])
        if "guard" in value:
            changed["guard"] = self.guard(value["guard"])
        return changed

    def actions(self, value: Any) -> Any:
        return [self.action(one) for one in value] if isinstance(value, list) else self.action(value)

    def action(self, op: Any) -> Any:
        if isinstance(op, str):
            return _log(op)
        params = op.get("params", {})
        match op["type"]:
            case "log":
                return _log(**params)
            case "set":
                return assign({params["key"]: lambda: params["value"]})
            case "inc":
                key, by = params["key"], params["by"]
                return assign({key: lambda context: (context.get(key) or 0) + by})
            case "copyEvent":
                return assign({params["key"]: lambda event: walk(event, params["path"])})
            case "emit":
                return emit(_event(params))
            case "raise":
                return raise_(_event(params), delay=params.get("delay"), id=params.get("id"))
            case "cancel":
                return cancel(params["id"])
            case "enqueue":
                return enqueue_actions(self._collector(params["ops"]))
            case "throw":
                return self._thrower(params["message"])
            case "throwAssign":
                return assign(_raiser(params["message"]))
        raise AssertionError(f"unknown operation {op!r}")

    def _collector(self, ops: list[Any]) -> Callable[..., None]:
        def collect(enqueue: Callable[[Any], None], check: Callable[[Any], bool]) -> None:
            self._enqueue(ops, enqueue, check)

        return collect

    def _enqueue(self, ops: list[Any], enqueue: Callable[[Any], None], check: Callable[[Any], bool]) -> None:
        for op in ops:
            if isinstance(op, Mapping) and "check" in op:
                branch = op["then"] if check(self.guard(op["check"])) else op.get("else", [])
                self._enqueue(branch, enqueue, check)
            else:
                enqueue(self.action(op))

    def _thrower(self, message: str) -> Callable[[], None]:
        def throw() -> None:
            if not self.starting:
                raise Thrown(message)
            self.deferred.append(Thrown(message))

        return throw

    def guard(self, op: Any) -> Any:
        kind, params = (op, {}) if isinstance(op, str) else (op["type"], op.get("params", {}))
        match kind:
            case "and":
                return and_([self.guard(one) for one in params["guards"]])
            case "or":
                return or_([self.guard(one) for one in params["guards"]])
            case "not":
                return not_(self.guard(params["guard"]))
            case "stateIn":
                return state_in(params["value"])
            case "yes" | "no" | "eq" | "lt" | "gt" | "eventEq" | "throw":
                return op
        return op

    @property
    def guards(self) -> dict[str, Callable[..., bool]]:
        """The named guards."""
        return {
            "yes": lambda: True,
            "no": lambda: False,
            "eq": lambda context, params: strictly_equal(context.get(params["key"]), params["value"]),
            "lt": lambda context, params: _number(context.get(params["key"]), lambda n: n < params["value"]),
            "gt": lambda context, params: _number(context.get(params["key"]), lambda n: n > params["value"]),
            "eventEq": lambda event, params: strictly_equal(walk(event, params["path"]), params["value"]),
            "throw": lambda params: _raiser(params["message"])(),
        }


def walk(value: Any, path: str) -> Any:
    """The value at a path of own keys and list indexes, or `None`."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def mapper(value: Any) -> Any:
    """A mapper as an expression over context and event, or the literal that it is."""
    if not _has_reference(value):
        return value
    return lambda context, event: fill(value, {"$ctx": context, "$event": event})


def fill(value: Any, sources: Mapping[str, Any]) -> Any:
    """A mapper with its references replaced."""
    if isinstance(value, list):
        return [fill(one, sources) for one in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((key, path),) = value.items()
        if key == "$ctx":
            return sources["$ctx"].get(path)
        if key in ("$event", "$input"):
            return sources[key] if path == "" else walk(sources[key], path)
    return {key: fill(one, sources) for key, one in value.items()}


def strictly_equal(one: Any, other: Any) -> bool:
    """JavaScript's `===` for JSON scalars."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) and not isinstance(one, dict | list)


def _has_reference(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_reference, value))
    if not isinstance(value, Mapping):
        return False
    return (len(value) == 1 and next(iter(value)) in ("$ctx", "$event")) or any(map(_has_reference, value.values()))


def _number(value: Any, test: Callable[[float], bool]) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and test(value)


def _log(label: str, event: bool = False, ctx: str | None = None, path: str | None = None) -> Any:
    sent = event

    def line(context: dict[str, Any], event: dict[str, Any]) -> list[str]:
        text = label + (f":{event['type']}" if sent else "")
        if ctx is not None:
            text += f"={compact(context.get(ctx))}"
        if path is not None:
            text += f"@{compact(walk(event, path))}"
        return [*context.get("log", []), text]

    return assign({"log": line})


def compact(value: Any) -> str:
    """JSON as JavaScript prints it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _event(params: Mapping[str, Any]) -> Any:
    event: dict[str, Any] = {"type": params["type"]}
    if "data" not in params and "fromContext" not in params:
        return event
    data, names = params.get("data", {}), params.get("fromContext", {})
    return lambda context: {**event, "data": {**data, **{f: context.get(k) for f, k in names.items()}}}


def _raiser(message: str) -> Callable[[], Any]:
    def throw() -> Any:
        raise Thrown(message)

    return throw
