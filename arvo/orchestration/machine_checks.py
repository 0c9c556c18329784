"""What Arvo refuses in the setup of a machine, and where in the config it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arvo.contracts import VersionedArvoContract
from arvo.errors import ConfigViolation

_REASONS = {
    "invoke": (
        "'invoke' is not supported",
        "emit an event to a service instead, and let a state wait for its answer.",
    ),
    "after": (
        "'after' is not supported with allow_delays=False",
        "emit an event to a service that answers later, or allow delays.",
    ),
    "enqueueArvoEvent": (
        "'enqueueArvoEvent' is a reserved name",
        "use another name; as the type of an action, {'type': 'enqueueArvoEvent', 'params': ...}, it is fine.",
    ),
}


_DEPTH = 100
"""Levels of states: as deep as JSON is read. Records of much deeper ones could not be written."""


def check_services(self_uri: str, services: Mapping[str, VersionedArvoContract], owner: str) -> None:
    """Refuse two services with one contract URI, and the orchestrator as its own service.

    Raises:
        ConfigViolation: Names the services concerned.
    """
    seen: dict[str, str] = {}
    for key, contract in services.items():
        if contract.uri in seen:
            raise ConfigViolation(
                f"In {owner}, the service contracts must have unique URIs: '{key}' and '{seen[contract.uri]}' "
                f"both are '{contract.uri}'. To fix: keep one version of the contract."
            )
        seen[contract.uri] = key
    if self_uri in seen:
        raise ConfigViolation(
            f"In {owner}, service '{seen[self_uri]}' is the orchestrator itself "
            f"('{self_uri}'), which would call itself without end. To fix: remove this service."
        )


def check_config(config: Mapping[str, Any], *, allow_delays: bool) -> None:
    """Refuse the keys that Arvo reserves or does not support, anywhere below `states`.

    As in Arvo every key counts, whether it names a state, an event or a piece of `meta`, provided that
    there is something below it; of several the one that is last in the config is reported.

    Raises:
        ConfigViolation: With the path of the key; or its states are nested too deep.
    """
    _check_depth(config)
    forbidden = [name for name in _REASONS if not (allow_delays and name == "after")]
    for path in _leaf_paths(config.get("states") or {}):
        for name in forbidden:
            if name in path:
                problem, cure = _REASONS[name]
                place = " > ".join(path).encode(errors="backslashreplace").decode()
                raise ConfigViolation(f"Configuration Error: {problem}.\nLocation: {place}\nTo fix: {cure}")


def _check_depth(config: Mapping[str, Any]) -> None:
    level = [config]
    for _ in range(_DEPTH + 1):
        inner = [state.get("states") for state in level]
        level = [one for states in inner if isinstance(states, Mapping) for one in states.values()]
        level = [one for one in level if isinstance(one, Mapping)]
        if not level:
            return
    raise ConfigViolation(
        f"Configuration Error: states are nested deeper than {_DEPTH} levels.\nTo fix: nest fewer; what is an "
        "orchestration by itself can be one, and be called as a service."
    )


def without_overlooked_invokes(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what Arvo's check overlooks: an `invoke` of the root, and empty ones; a warning names each.

    Arvo accepts such machines, and the actors of the root come to nothing there either.
    """
    return _without_invokes(config, "(root)", is_root=True)


def _without_invokes(state: Mapping[str, Any], place: str, *, is_root: bool = False) -> Mapping[str, Any]:
    kept = dict(state)
    if "invoke" in state and (is_root or not state["invoke"]):
        del kept["invoke"]
        warnings.warn(f"'invoke' at {place} does nothing in an Arvo machine; remove it.", stacklevel=4)
    if isinstance(state.get("states"), Mapping):
        kept["states"] = {
            name: _without_invokes(child, name) if isinstance(child, Mapping) else child
            for name, child in state["states"].items()
        }
    return kept


def has_parallel_state(config: Mapping[str, Any]) -> bool:
    """Whether a state at any depth, the root included, is parallel."""
    if config.get("type") == "parallel":
        return True
    states = config.get("states") or {}
    return any(has_parallel_state(state) for state in states.values() if isinstance(state, Mapping))


def _leaf_paths(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    members = _members(node)
    if members is None:
        yield path
        return
    for key, member in reversed(members):
        yield from _leaf_paths(member, (*path, str(key)))


def _members(node: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(node, Mapping):
        return list(node.items())
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        return list(enumerate(node))
    return None
