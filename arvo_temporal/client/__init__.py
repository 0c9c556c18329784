"""The client: sends events, waits, reads records and histories, sends again what was refused."""

from arvo_temporal.client.client import ArvoClient, ExecuteResult
from arvo_temporal.client.memory import TemporalMachineMemory
from arvo_temporal.client.redrive import RedriveResult

__all__ = [
    "ArvoClient",
    "ExecuteResult",
    "RedriveResult",
    "TemporalMachineMemory",
]
