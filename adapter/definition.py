"""The definition of a machine, as far as it decides what the machine does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from adapter.app import AnyOrchestrator
from arvo.orchestration import ArvoMachine, ArvoOrchestrator

_DIGEST_LENGTH = 16
_FOR_PEOPLE = ("description", "meta")


def find_machine(orchestrator: AnyOrchestrator | None, version: str) -> ArvoMachine | None:
    """Return the machine of an orchestrator that has this version; None if it has none, as resumables have."""
    return orchestrator.machine(version) if isinstance(orchestrator, ArvoOrchestrator) else None


@lru_cache(maxsize=1024)
def definition_digest(machine: ArvoMachine) -> str:
    """Return the digest of what a machine's definition makes it do: callables by name, nothing that is for people."""
    return digest_of(json.loads(machine.definition))


def digest_of(definition: Mapping[str, Any]) -> str:
    """Return the digest of a machine's definition, as `definition_digest` does."""
    text = json.dumps(effective(definition), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def effective(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of a state without descriptions and meta data, which change nothing that it does."""
    own = {key: _transitions(value) for key, value in state.items() if key not in (*_FOR_PEOPLE, "states")}
    if isinstance(states := state.get("states"), Mapping):
        own["states"] = {name: effective(child) for name, child in states.items() if isinstance(child, Mapping)}
    return own


def _transitions(value: Any) -> Any:
    """Strip the transitions among the values of a state; whatever else it has stays as it is."""
    if isinstance(value, list):
        return [_transitions(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "target" in value or "actions" in value or "guard" in value:
        return {key: inner for key, inner in value.items() if key not in _FOR_PEOPLE}
    return {key: _transitions(inner) if isinstance(inner, Mapping | list) else inner for key, inner in value.items()}
