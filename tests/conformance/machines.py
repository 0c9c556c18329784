"""Turns the machines of the vectors, whose logic is written in expressions, into machines of this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import ExecutionViolation
from arvo.orchestration.machine import ArvoMachine, enqueue_arvo_event, setup_arvo_machine
from arvo.statechart import assign, emit, raise_
from tests.conformance.expressions import MISSING, as_text, evaluate, make_error, truthy

Json = dict[str, Any]


def build_machine(spec: Json, contracts: Mapping[str, ArvoContract], *, setup: Json | None = None) -> ArvoMachine:
    """Set up and create one machine; `setup` holds the names of actions and guards, and actors and delays."""
    options = setup or {}
    return setup_arvo_machine(
        contracts={
            "self": pick(spec["self"], contracts),
            "services": {key: pick(service, contracts) for key, service in spec["services"].items()},
        },
        actions=_named(options.get("actions"), lambda: None),
        guards=_named(options.get("guards"), lambda: True),
        delays=options.get("delays"),
        actors=options.get("actors"),
        allow_delays=False,
    ).create_machine(build_config(spec["config"]))


def pick(reference: Json, contracts: Mapping[str, ArvoContract]) -> VersionedArvoContract:
    """The contract version that a reference names."""
    return contracts[reference["contract"]].version(reference["version"])


def build_config(config: Json) -> Json:
    """The statechart config with expressions turned into callables."""
    built = _build_state(config)
    if "context" in config:
        built["context"] = _from_input(config["context"])
    return built


def _named(names: list[str] | None, implementation: Callable[..., Any]) -> dict[str, Any] | None:
    return None if names is None else dict.fromkeys(names, implementation)


def _from_input(expression: Any) -> Callable[..., Any]:
    return lambda input: evaluate(expression, {"input": input})


def _value(expression: Any) -> Callable[..., Any]:
    def compute(context: Any, event: Any) -> Any:
        value = evaluate(expression, {"ctx": context, "event": event})
        return None if value is MISSING else value

    return compute


def _build_state(state: Json) -> Json:
    built = dict(state)
    for key in ("entry", "exit"):
        if key in state:
            built[key] = _build_actions(state[key])
    for key in ("on", "after"):
        if key in state:
            built[key] = {event: _build_transitions(target) for event, target in state[key].items()}
    for key in ("always", "onDone"):
        if key in state:
            built[key] = _build_transitions(state[key])
    if "output" in state:
        built["output"] = _value(state["output"])
    if "states" in state:
        built["states"] = {name: _build_state(child) for name, child in state["states"].items()}
    return built


def _build_transitions(transitions: Any) -> Any:
    if isinstance(transitions, list):
        return [_build_transitions(transition) for transition in transitions]
    if not isinstance(transitions, dict):
        return transitions
    built = dict(transitions)
    if "guard" in transitions:
        built["guard"] = _guard(transitions["guard"])
    if "actions" in transitions:
        built["actions"] = _build_actions(transitions["actions"])
    return built


def _guard(expression: Any) -> Callable[..., bool]:
    return lambda context, event: truthy(evaluate(expression, {"ctx": context, "event": event}))


def _build_actions(actions: Any) -> Any:
    if isinstance(actions, list):
        return [_build_action(action) for action in actions]
    return _build_action(actions)


def _build_action(action: Any) -> Any:
    match action:
        case {"do": "assign", "set": assignments}:
            return assign(_assignments(assignments))
        case {"do": "emit", "event": event}:
            return emit(_value(event))
        case {"do": "enqueue", "event": event}:
            return enqueue_arvo_event(_value(event))
        case {"do": "raise", "event": event}:
            return raise_(_value(event))
        case {"do": "throw"}:
            return _throw(action)
        case {"do": "throwValue", "value": value}:
            return _throw_value(value)
        case {"do": "named"}:
            return {key: value for key, value in action.items() if key != "do"}
    return action


def _assignments(assignments: Json) -> Callable[..., Json]:
    def compute(context: Any, event: Any) -> Json:
        scope = {"ctx": context, "event": event}
        values = {key: evaluate(expression, scope) for key, expression in assignments.items()}
        return {key: value for key, value in values.items() if value is not MISSING}

    return compute


def _throw(action: Json) -> Callable[..., None]:
    def throw(context: Any, event: Any) -> None:
        scope = {"ctx": context, "event": event}
        if truthy(evaluate(action.get("if", True), scope)):
            raise make_error(action.get("name", "Error"), as_text(evaluate(action["message"], scope)))

    return throw


def _throw_value(value: Any) -> Callable[..., None]:
    def throw() -> None:
        raise thrown(value)

    return throw


def thrown(value: Any) -> Exception:
    """What Python can raise in place of a value that is no error.

    With a message it passes for an error in Arvo; otherwise Arvo answers with an ExecutionViolation. Python
    raises nothing but exceptions, so the second kind is the violation itself.
    """
    if isinstance(value, dict) and "message" in value:
        return make_error(value.get("name", "Error"), value["message"])
    return ExecutionViolation(f"Non-Error object thrown during machine execution: {value!r}")
