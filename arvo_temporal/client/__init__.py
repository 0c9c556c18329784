"""The client: sends events, waits, reads records and histories, sends again what was refused, schedules."""

from arvo_temporal.client.client import ArvoClient
from arvo_temporal.client.filters import TROUBLES, Filters, Status
from arvo_temporal.client.memory import TemporalMachineMemory
from arvo_temporal.client.results import ExecuteResult, RedriveResult, StartResult
from arvo_temporal.client.scheduling import Schedules, schedule_errors
from arvo_temporal.client.shown import PendingTry, ShownOrchestration
from arvo_temporal.client.summaries import OrchestrationSummary

__all__ = [
    "ArvoClient",
    "ExecuteResult",
    "PendingTry",
    "Filters",
    "OrchestrationSummary",
    "RedriveResult",
    "schedule_errors",
    "Schedules",
    "ShownOrchestration",
    "StartResult",
    "Status",
    "TemporalMachineMemory",
    "TROUBLES",
]
