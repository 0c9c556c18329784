"""What can be drawn: machines, machines of Arvo, XState's config in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from arvo.picture.dialects import as_v5
from arvo.picture.errors import PictureError
from arvo.statechart import DefinitionError, Problem, Snapshot, StateMachine, create_machine
from arvo.statechart.running import CompiledMachine

Keys: TypeAlias = tuple[str, ...]

DROPPED = ("context", "output", "invoke", "predictableActionArguments", "schema", "tsTypes")


@dataclass(frozen=True)
class Source:
    """A machine to draw, with what its config says beyond the statechart.

    Attributes:
        machine: The compiled machine.
        services: The service that takes an event, by the event's type.
        actions: Implementations of named actions, as far as they are known.
        invoked: What states invoke, by the keys of the states from the root down.
    """

    machine: CompiledMachine[Any]
    services: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, Any] = field(default_factory=dict)
    invoked: Mapping[Keys, tuple[str, ...]] = field(default_factory=dict)


def source_of(given: Any) -> Source:
    """Find the machine in what was given.

    Args:
        given: A StateMachine, an ArvoMachine, a Snapshot, or XState's machine config as a mapping, of v5 or v4.

    Raises:
        DefinitionError: A config that is no statechart.
        PictureError: Something else was given.
    """
    if isinstance(given, StateMachine):
        return Source(given.compiled, actions=given.actions)
    if isinstance(given, CompiledMachine):
        return Source(given)
    if isinstance(given, Snapshot):
        return Source(given.machine)
    logic = getattr(given, "logic", None)
    if isinstance(logic, StateMachine):
        return Source(logic.compiled, _services(getattr(given, "contracts", None)), logic.actions)
    if isinstance(given, Mapping):
        return _of_config(given)
    raise PictureError(
        f"A {type(given).__name__} cannot be drawn. To fix: give a StateMachine, an ArvoMachine, a Snapshot, "
        "or XState's machine config"
    )


def config_source(given: Any) -> Source:
    """The machine of a value read from JSON.

    Raises:
        DefinitionError: It is no statechart.
    """
    if isinstance(given, Mapping):
        return _of_config(given)
    raise DefinitionError("(machine)", [Problem("", f"a {type(given).__name__} is no machine config", "write {...}")])


def _services(contracts: Any) -> dict[str, str]:
    """Names of services by the type of the event that they accept; read from ArvoMachine's contracts."""
    services = contracts.get("services") if isinstance(contracts, Mapping) else None
    found: dict[str, str] = {}
    for name, contract in services.items() if isinstance(services, Mapping) else ():
        accepted = getattr(getattr(contract, "accepts", None), "type", None)
        if isinstance(accepted, str):
            found[accepted] = str(name)
    return found


def _of_config(config: Mapping[str, Any]) -> Source:
    try:
        plain, invoked = plain_config(as_v5(config))
        return Source(create_machine(plain, strict=False).compiled, invoked=invoked)
    except RecursionError:
        raise PictureError("There are too many states within each other to draw: no machine needs so many") from None


def plain_config(config: Mapping[str, Any]) -> tuple[dict[Any, Any], Mapping[Keys, tuple[str, ...]]]:
    """A config read from JSON without what only code can say, with the events of invoked actors in `on`.

    Returns:
        The config, and the names of what states invoke, by the keys of the states from the root down.
    """
    invoked: dict[Keys, tuple[str, ...]] = {}
    return _drawable(config, (), invoked), invoked


def _drawable(config: Mapping[Any, Any], keys: Keys, invoked: dict[Keys, tuple[str, ...]]) -> dict[Any, Any]:
    """The config without what drawing does not need, and with the events of invoked actors in `on`."""
    kept = {key: value for key, value in config.items() if key not in DROPPED}
    actors = _actors(config.get("invoke"))
    if actors:
        invoked[keys] = tuple(name for name, _, _ in actors)
        given = kept.get("on")
        kept["on"] = {**(given if isinstance(given, Mapping) else {}), **_answers(actors)}
    states = config.get("states")
    if isinstance(states, Mapping):
        kept["states"] = {
            key: _drawable(inner, (*keys, str(key)), invoked) if isinstance(inner, Mapping) else inner
            for key, inner in states.items()
        }
    return kept


def _actors(invoke: Any) -> list[tuple[str, str, Mapping[Any, Any]]]:
    """Name, id and config of each actor that a state invokes."""
    found = []
    for one in invoke if isinstance(invoke, list) else [invoke]:
        if isinstance(one, Mapping):
            source, given = one.get("src"), one.get("id")
            name = source if isinstance(source, str) and source else str(given or "an actor")
            found.append((name, str(given or name), one))
    return found


def _answers(actors: list[tuple[str, str, Mapping[Any, Any]]]) -> dict[str, Any]:
    keys = (("onDone", "xstate.done.actor."), ("onError", "xstate.error.actor."), ("onSnapshot", "xstate.snapshot."))
    return {
        f"{prefix}{actor_id}": actor[key]
        for _, actor_id, actor in actors
        for key, prefix in keys
        if actor.get(key) is not None
    }
