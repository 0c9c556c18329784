"""What the context of an earlier run lacks: values that the machine of today reads, and that of then did not have.

The context of a first run is made by the present code each time it is replayed, that of a later run was carried. A new
value is there in both, because the later run takes it from the first context of the present machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.failures import AwaitsDeploymentError
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine, OrchestrationRecord
from workflows.determinism import deterministic


def with_new_values(machine: ArvoMachine, carried: OrchestrationRecord, init: ArvoEvent) -> OrchestrationRecord:
    """Return a carried record whose context has all keys that the first context of a machine has.

    Args:
        machine: The machine that is to go on from it.
        carried: The record; what its context has stays as it is.
        init: The event that started the orchestration.

    Raises:
        AwaitsDeploymentError: The machine cannot make its first context. That fails the workflow task, until a worker
            with a machine that can is deployed.
    """
    state = carried.get("state")
    if not isinstance(state, Mapping) or not isinstance(context := state.get("context"), Mapping):
        return carried
    first = _first_context(machine, init)
    missing = {key: first[key] for key in first if key not in context}
    return {**carried, "state": {**state, "context": {**context, **missing}}} if missing else carried


def _first_context(machine: ArvoMachine, init: ArvoEvent) -> Mapping[str, Any]:
    compiled = machine.logic.compiled
    try:
        with deterministic(recording=False):
            first = compiled.context_type.write(compiled.first_context(init))
    except Exception as error:
        raise AwaitsDeploymentError(
            f"The context of this orchestration cannot be completed: {type(error).__name__}: {str(error)[:1024]}\n"
            f"To fix: deploy a machine of version {machine.version} that makes its first context from the init event. "
            "Until then this orchestration waits."
        ) from error
    return first if isinstance(first, Mapping) else {}
