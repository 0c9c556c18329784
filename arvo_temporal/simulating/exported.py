"""Machines that Stately Studio, or anybody, has exported as JSON: played without their code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from arvo.errors import ConfigViolation
from arvo.picture import OPAQUE, as_v5, guards_in, plain_config
from arvo.statechart import StateMachine, create_machine, emit, milliseconds
from arvo_temporal.simulating.simulation import Performed

Choice = Callable[[str], bool]
"""Says whether a guard passes, by its name."""

_CODE = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs")
_UNKNOWN_DELAY = 1000
"""How long a named delay is that only code knows, in milliseconds."""


def exported_machine(text: str, name: str, choose: Choice) -> StateMachine[Any]:
    """Make a machine of XState's config in JSON.

    Named actions are effects of the kind `Performed`, named guards are chosen, and a named delay is one second.

    Args:
        text: The JSON.
        name: The name of its file.
        choose: Says whether a guard passes.

    Raises:
        ConfigViolation: It is no JSON object, or code.
        DefinitionError: It is no statechart.
    """
    given = _read(text, name)
    try:
        return _machine(given, choose)
    except RecursionError:
        raise ConfigViolation(f"'{name}' has too many states within each other: no machine needs so many.") from None


def _machine(given: Mapping[str, Any], choose: Choice) -> StateMachine[Any]:
    config, _ = plain_config(as_v5(given))
    if "output" in given:
        config["output"] = given["output"]  # a picture needs none
    if isinstance(given.get("context"), Mapping):
        config["context"] = given["context"]
    guards = [one for guard in _values(given, ("guard", "cond")) for one in guards_in(guard)]
    return create_machine(
        config,
        actions={action: _performed(action) for action in _names(_values(config, ("entry", "exit", "actions")))},
        guards={guard: _chosen(guard, choose) for guard in _names(guards)},
        delays=dict.fromkeys([*_delays(config), *_delays_of_actions(given)], _UNKNOWN_DELAY),
        strict=False,
    )


def _read(text: str, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if name.lower().endswith(_CODE) or "createMachine(" in text:
            raise ConfigViolation(
                f"'{name}' is code, and only JSON is read. In Stately Studio, open the panel Code, choose JSON, and "
                "save that: what createMachine(...) gets, with its keys in quotation marks."
            ) from None
        raise ConfigViolation(
            f"'{name}' is no JSON: {error}. Save what Stately Studio exports as JSON (panel Code)."
        ) from None
    if not isinstance(found, Mapping) or not {"states", "on", "initial", "type"} & set(found):
        raise ConfigViolation(f"'{name}' is no machine: it needs 'initial' and 'states', as XState's config has them.")
    return found


def _values(value: Any, places: tuple[str, ...], key: str = "") -> Iterator[Any]:
    """Yield what stands in some places of a config; a state or event may have the name of one."""
    if isinstance(value, list):
        for one in value:
            yield from _values(one, places, key)
    elif isinstance(value, Mapping):
        named = key in ("states", "on", "after")
        for name, inner in value.items():
            if not named and name in places:
                yield from inner if isinstance(inner, list) else [inner]
            elif named or name not in OPAQUE:
                yield from _values(inner, places, "" if named else name)


def _names(references: Iterable[Any]) -> Iterator[str]:
    for one in references:
        name = one.get("type") if isinstance(one, Mapping) else one
        if isinstance(name, str):
            yield name


def _delays(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        after = value.get("after")
        for key in after if isinstance(after, Mapping) else ():
            if milliseconds(key) is None and not str(key).replace(".", "", 1).isdigit():
                yield str(key)
        for inner in value.values():
            yield from _delays(inner)


def _delays_of_actions(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the named delays of what a machine sends to itself."""
    for action in _values(given, ("entry", "exit", "actions", "onEntry", "onExit")):
        if isinstance(action, Mapping):
            params = action.get("params")
            delay = action.get("delay", params.get("delay") if isinstance(params, Mapping) else None)
            if isinstance(delay, str) and milliseconds(delay) is None:
                yield delay


def _performed(name: str) -> Any:
    def perform(params: Any) -> Performed:
        return Performed(type=name, **({"params": params} if params else {}))

    return emit(perform)


def _chosen(name: str, choose: Choice) -> Callable[..., bool]:
    return lambda: choose(name)
