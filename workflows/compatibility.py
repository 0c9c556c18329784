"""Whether the state that one run of an orchestration has left fits the machine that the next run is to go on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapter.app import AnyOrchestrator
from adapter.definition import find_machine
from adapter.definition_changes import definition_changes, listed
from adapter.failures import AwaitsDeploymentError
from arvo.orchestration import ArvoMachine


def check_fits(orchestrator: AnyOrchestrator, version: str, record: Mapping[str, Any]) -> None:
    """Check that an orchestrator can go on from a record.

    Without this check the first event would find out, as an error of the machine, and fail the orchestration for good.

    Raises:
        AwaitsDeploymentError: It cannot: the machine was changed under the same version, or a resumable was put in its
            place. That fails the workflow task, and Temporal tries again until a worker that fits is deployed.
    """
    machine = find_machine(orchestrator, version)
    if ("state" in record) != (machine is not None):
        present, then = ("machine", "resumable") if machine else ("resumable", "machine")
        raise AwaitsDeploymentError(
            f"'{orchestrator.source}' {version} is a {present} in this worker, and this orchestration was begun by a "
            f"{then}. Deploy the {then}, and ship the {present} as a new version of the contract. Until then this "
            "orchestration waits."
        )
    if machine is None:
        return
    try:
        machine.logic.restore(record["state"])
    except Exception as error:
        raise AwaitsDeploymentError(
            f"The state that this orchestration has come to does not fit the machine of this worker: {error}\n"
            f"{_changes(machine, record)}"
            f"To fix: deploy a machine of version {machine.version} that has this state, and ship the change as a new "
            "version of the contract beside it (docs/versioning.md). Until then this orchestration waits."
        ) from error


def _changes(machine: ArvoMachine, record: Mapping[str, Any]) -> str:
    definition = json.loads(record.get("machineDefinition") or "null")
    if not isinstance(definition, Mapping):
        return ""
    changes = listed(definition_changes(definition, json.loads(machine.definition)))
    return "The machine has changed since:\n" + "\n".join(changes) + "\n" if changes else ""
