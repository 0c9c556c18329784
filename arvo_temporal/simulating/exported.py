"""Machines that Stately Studio, or anybody, has exported as JSON: played without their code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from arvo.errors import ConfigViolation
from arvo.picture import plain_config
from arvo.statechart import StateMachine, create_machine, emit, milliseconds
from arvo_temporal.simulating.simulation import Performed

Choice = Callable[[str], bool]
"""Says whether a guard passes, by its name."""

_CODE = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs")
_OPAQUE = ("context", "meta", "params", "input")
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
    config, _ = plain_config(_as_v5(given))
    if isinstance(given.get("context"), Mapping):
        config["context"] = given["context"]
    return create_machine(
        config,
        actions={action: _performed(action) for action in _names(config, ("entry", "exit", "actions"))},
        guards={guard: _chosen(guard, choose) for guard in _names(config, ("guard",))},
        delays=dict.fromkeys(_delays(config), _UNKNOWN_DELAY),
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


def _as_v5(value: Any, key: str = "") -> Any:
    """What XState v4 writes otherwise, as v5 has it: exports may be of both."""
    if isinstance(value, list):
        return [_as_v5(one) for one in value]
    if not isinstance(value, Mapping) or key in _OPAQUE:
        return value
    if key in ("states", "on", "after"):  # its keys are names
        return {name: _as_v5(inner) for name, inner in value.items()}
    found = {str(name): _as_v5(inner, str(name)) for name, inner in value.items()}
    if "cond" in found:
        found["guard"] = found.pop("cond")
    if isinstance(found.get("internal"), bool):
        del found["internal"]
    on = found.get("on")
    if isinstance(on, dict) and "" in on:
        spontaneous = on.pop("")
        found["always"] = [*_listed(found.get("always")), *_listed(spontaneous)]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _names(value: Any, places: tuple[str, ...]) -> Iterator[str]:
    """Yield the names that stand in some places of a config; what XState builds in is none."""
    if isinstance(value, list):
        for one in value:
            yield from _names(one, places)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in places:
                yield from _named(inner)
            if key not in _OPAQUE:
                yield from _names(inner, places)


def _named(reference: Any) -> Iterator[str]:
    for one in reference if isinstance(reference, list) else [reference]:
        name = one.get("type") if isinstance(one, Mapping) else one
        if isinstance(name, str) and not name.startswith("xstate."):
            yield name


def _delays(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        after = value.get("after")
        for key in after if isinstance(after, Mapping) else ():
            if milliseconds(key) is None and not str(key).replace(".", "", 1).isdigit():
                yield str(key)
        for inner in value.values():
            yield from _delays(inner)


def _performed(name: str) -> Any:
    def perform(params: Any) -> Performed:
        return Performed(type=name, **({"params": params} if params else {}))

    return emit(perform)


def _chosen(name: str, choose: Choice) -> Callable[..., bool]:
    return lambda: choose(name)
