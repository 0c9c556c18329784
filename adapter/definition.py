"""The definition of a machine as a history remembers it: digests, one for each state.

They are in the memo of the workflow, written by whoever starts it and by each continue-as-new, which costs no event of
the history. A workflow that a person starts has none until then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from adapter.app import ArvoApp
from arvo.errors import InvalidSubjectError
from arvo.event import ArvoEvent
from arvo.machine import ArvoMachine
from arvo.orchestrator import ArvoOrchestrator
from arvo.subject import ArvoOrchestrationSubject

MEMO = "arvo.machine"
"""The memo's key."""

_ROOT = "(root)"
_DIGEST_LENGTH = 12


def machine_memo(app: ArvoApp | None, init: ArvoEvent) -> dict[str, Any] | None:
    """Return the memo of the workflow that `init` starts; None if this app does not have the machine."""
    orchestrator = app.orchestrators.get(init.type) if app else None
    try:
        version = ArvoOrchestrationSubject.parse(init.subject).orchestrator.version
    except InvalidSubjectError:
        return None
    machine = find_machine(orchestrator, version) if orchestrator else None
    return {MEMO: state_digests(machine)} if machine else None


def find_machine(orchestrator: ArvoOrchestrator, version: str) -> ArvoMachine | None:
    """Return the machine of an orchestrator that has this version."""
    return next((machine for machine in orchestrator.registry.machines if machine.version == version), None)


@lru_cache(maxsize=1024)
def state_digests(machine: ArvoMachine) -> dict[str, str]:
    """Return a digest of each state's own definition, by its path: `checkout.paying`.

    Callables count by their name: what they do is not in the definition.
    """
    return dict(_digests(json.loads(machine.definition), ""))


def changed_states(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in words which states differ between two definitions: `paying (changed)`, `packing (added)`."""
    changed = [
        f"{path} ({'changed' if path in then else 'added'})" for path, digest in now.items() if then.get(path) != digest
    ]
    return changed + [f"{path} (removed)" for path in then if path not in now]


def _digests(state: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    own = {key: value for key, value in state.items() if key != "states"}
    text = json.dumps(own, sort_keys=True, separators=(",", ":"))
    yield path or _ROOT, hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]
    for name, child in (state.get("states") or {}).items():
        yield from _digests(child, f"{path}.{name}" if path else name)
