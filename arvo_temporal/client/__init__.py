"""The client: sends events, waits, reads records and histories, sends again what was refused."""

from arvo_temporal.client.client import ArvoClient
from arvo_temporal.client.memory import TemporalMachineMemory
from arvo_temporal.client.results import ExecuteResult, RedriveResult, StartResult

__all__ = [
    "ArvoClient",
    "ExecuteResult",
    "RedriveResult",
    "StartResult",
    "TemporalMachineMemory",
]
