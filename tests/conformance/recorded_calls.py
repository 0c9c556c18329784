"""Machines whose functions are numbers: each call is compared with the one that was recorded, and answers as it did."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from arvo.statechart import (
    StateMachine,
    and_,
    assign,
    cancel,
    create_machine,
    emit,
    enqueue_actions,
    log,
    not_,
    or_,
    raise_,
    state_in,
)

Json = Any
ACTION_LISTS: Final = ("entry", "exit", "actions")


class Differs(AssertionError):
    """What was seen is not what was recorded."""


class Thrown(Exception):
    """What a function of the recording threw."""


def compare(what: str, seen: Json, recorded: Json) -> None:
    """Compare two values; null is as good as a key that is not there."""
    one, other = _without_nulls(seen), _without_nulls(recorded)
    if one != other:
        raise Differs(f"{what}: {json.dumps(one, default=repr)}, recorded {json.dumps(other)}")


def _without_nulls(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list | tuple) else value


class RecordedMachine:
    """The machine of a vector. What `calls` holds is used up by the calls that the machine makes.

    Attributes:
        machine: The machine.
        calls: The calls that are still to come in the present step.
    """

    def __init__(self, vector: Json) -> None:
        self.calls: deque[Json] = deque()
        actions = {name: self._named(name) for name in set(_action_names(vector))}
        actions |= {name: self._action(action) for name, action in vector["actions"].items()}
        self.machine: StateMachine[Any] = create_machine(
            self._config(vector["config"]),
            actions=actions,
            guards={name: self._guard(guard) for name, guard in vector["guards"].items()},
            delays={name: self._value(delay) for name, delay in vector["delays"].items()},
            strict=False,
        )

    def _call(self, kind: str, number: int | None, **given: Json) -> Json:
        recorded = self.calls.popleft() if self.calls else {"kind": "nothing"}
        if (recorded["kind"], recorded.get("fn")) != (kind, number):
            raise Differs(f"{kind} {number} is called, recorded {recorded['kind']} {recorded.get('fn')}")
        compare(f"what {kind} {number} is given", given, {key: recorded.get(key) for key in given})
        if "throws" in recorded:
            raise Thrown(recorded["throws"])
        return recorded.get("ops" if kind == "collect" else "result")

    def _function(self, kind: str, number: int) -> Callable[..., Json]:
        return lambda context, event, params: self._call(kind, number, context=context, event=event, params=params)

    def _named(self, name: str) -> Callable[..., Json]:
        """An action that nobody implements: XState hands out its name."""
        return lambda context, event, params: self._call("action", None, context=context, event=event, params=params)

    def _value(self, given: Json) -> Json:
        if isinstance(given, Mapping) and "$fn" in given:
            return self._function("value", given["$fn"])
        return given["$value"] if isinstance(given, Mapping) else given

    def _params(self, given: Json) -> Json:
        if given is None or "$fn" not in given:
            return given and given["$value"]
        return lambda context, event: self._call("params", given["$fn"], context=context, event=event)

    def _action(self, given: Json) -> Json:
        if isinstance(given, str):
            return given
        match given.get("$action"):
            case None:
                return {"type": given["type"], "params": self._params(given.get("params"))}
            case "function":
                return self._function("action", given["fn"])
            case "assign" if "fn" in given:
                return assign(self._function("assign", given["fn"]))
            case "assign":
                return assign({key: self._value(value) for key, value in given["keys"].items()})
            case "raise":
                return raise_(self._value(given["event"]), delay=self._value(given.get("delay")), id=given.get("id"))
            case "emit":
                return emit(self._value(given["event"]))
            case "cancel":
                return cancel(self._value(given["id"]))
            case "log":
                value = given["value"]
                return log(
                    self._function("log", value["$fn"]) if "$fn" in value else value["$value"], given.get("label")
                )
            case "enqueueActions":
                return self._collector(given["fn"])
        raise ValueError(f"A vector has an action that this player does not know: {given}")

    def _collector(self, number: int) -> Json:
        def collect(context: Json, event: Json, params: Json, enqueue: Json, check: Json) -> None:
            for operation in self._call("collect", number, context=context, event=event, params=params):
                if "check" in operation:
                    compare("check", check(self._guard(operation["check"])), operation.get("result"))
                else:
                    enqueue(self._action(operation["enqueue"]))

        return enqueue_actions(collect)

    def _guard(self, given: Json) -> Json:
        if isinstance(given, str):
            return given
        match given.get("$guard"):
            case None:
                return {"type": given["type"], "params": self._params(given.get("params"))}
            case "function":
                return self._function("guard", given["fn"])
            case "stateIn":
                return state_in(given["value"])
            case kind:
                guards = [self._guard(guard) for guard in given["guards"]]
                return not_(guards[0]) if kind == "not" else {"and": and_, "or": or_}[kind](guards)

    def _config(self, config: Json) -> Json:
        built = self._state(config)
        if "context" in config:
            given = config["context"]
            number = given.get("$fn")
            built["context"] = given.get("$value")
            if number is not None:
                built["context"] = lambda input: self._call("context", number, input=input)
        return built

    def _state(self, state: Json) -> Json:
        built = {**state, **{key: self._actions(state[key]) for key in ("entry", "exit") if key in state}}
        for key in ("on", "after"):
            if key in state:
                built[key] = {event: self._transitions(one) for event, one in state[key].items()}
        for key in ("always", "onDone", "initial"):
            if key in state:
                built[key] = self._transitions(state[key])
        if "output" in state:
            built["output"] = self._value(state["output"])
        if "states" in state:
            built["states"] = {key: self._state(one) for key, one in state["states"].items()}
        return built

    def _transitions(self, given: Json) -> Json:
        if isinstance(given, list):
            return [self._transitions(one) for one in given]
        if not isinstance(given, Mapping):
            return given
        built = {**given}
        if "actions" in given:
            built["actions"] = self._actions(given["actions"])
        if "guard" in given:
            built["guard"] = self._guard(given["guard"])
        return built

    def _actions(self, given: Json) -> Json:
        return [self._action(one) for one in given] if isinstance(given, list) else given and self._action(given)


def _action_names(part: Json, here: bool = False) -> Iterator[str]:
    """Names of actions in a vector, those that code has enqueued among them."""
    if isinstance(part, str) and here:
        yield part
    elif isinstance(part, list):
        for one in part:
            yield from _action_names(one, here)
    elif isinstance(part, Mapping):
        if here and "$action" not in part and isinstance(part.get("type"), str):
            yield part["type"]
        for key, inner in part.items():
            if key not in ("context", "params", "$value", "meta", "event", "expected"):
                yield from _action_names(inner, key in ACTION_LISTS or key == "enqueue")
