"""Arvo on Temporal: the app, its client, its plugin and its memory.

`ArvoApp` names what an application consists of, `ArvoPlugin` makes a Temporal client, worker or replayer run it,
`ArvoClient` sends events to it, and `TemporalMachineMemory` reads the records of its orchestrations.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapter.app import ArvoApp, ChildPolicy, EmissionPolicy, Limits
    from adapter.client import ArvoClient, ExecuteResult
    from adapter.dead_letters import DeadLetter
    from adapter.delivery import DeliveryResult, DeliveryStatus
    from adapter.errors import AppError, EventTooLargeViolation, OrchestrationFailedError, OrchestrationNotFoundError
    from adapter.identity import workflow_id
    from adapter.memory import TemporalMachineMemory
    from adapter.plugin import ArvoPlugin
    from adapter.redrive import RedriveResult

# Loaded on first use: workflow code imports leaf modules of this package, and must not drag in the plugin, which
# stands above it.
_HOMES = {
    "AppError": "errors",
    "ArvoApp": "app",
    "ArvoClient": "client",
    "ArvoPlugin": "plugin",
    "ChildPolicy": "app",
    "DeadLetter": "dead_letters",
    "DeliveryResult": "delivery",
    "DeliveryStatus": "delivery",
    "EmissionPolicy": "app",
    "EventTooLargeViolation": "errors",
    "ExecuteResult": "client",
    "Limits": "app",
    "OrchestrationFailedError": "errors",
    "OrchestrationNotFoundError": "errors",
    "RedriveResult": "redrive",
    "TemporalMachineMemory": "memory",
    "workflow_id": "identity",
}

__all__ = [
    "AppError",
    "ArvoApp",
    "ArvoClient",
    "ArvoPlugin",
    "ChildPolicy",
    "DeadLetter",
    "DeliveryResult",
    "DeliveryStatus",
    "EmissionPolicy",
    "EventTooLargeViolation",
    "ExecuteResult",
    "Limits",
    "OrchestrationFailedError",
    "OrchestrationNotFoundError",
    "RedriveResult",
    "TemporalMachineMemory",
    "workflow_id",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'adapter' has no attribute '{name}'")
    return getattr(import_module(f"adapter.{_HOMES[name]}"), name)
