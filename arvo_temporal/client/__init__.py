"""The client: sends events, waits, reads records and histories, sends again what was refused, schedules."""

from arvo_temporal.client.arriving import Arrival
from arvo_temporal.client.client import ArvoClient
from arvo_temporal.client.composing import SENDER, Composer
from arvo_temporal.client.memory import TemporalMachineMemory
from arvo_temporal.client.pending import PendingRequest
from arvo_temporal.client.results import ExecuteResult, RedriveResult, StartResult
from arvo_temporal.client.scheduling import Schedules, schedule_errors
from arvo_temporal.client.streaming import Sent

__all__ = [
    "Arrival",
    "ArvoClient",
    "Composer",
    "ExecuteResult",
    "PendingRequest",
    "RedriveResult",
    "schedule_errors",
    "Schedules",
    "SENDER",
    "Sent",
    "StartResult",
    "TemporalMachineMemory",
]
