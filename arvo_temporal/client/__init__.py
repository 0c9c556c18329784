"""The client: sends events, waits, reads records and histories, sends again what was refused, schedules."""

from arvo_temporal.client.arriving import Arrival
from arvo_temporal.client.bulk import Each, for_each
from arvo_temporal.client.client import ArvoClient
from arvo_temporal.client.composing import SENDER, Composer
from arvo_temporal.client.filters import TROUBLES, Filters, Status
from arvo_temporal.client.memory import TemporalMachineMemory
from arvo_temporal.client.nudging import NudgeResult
from arvo_temporal.client.pending import PendingRequest
from arvo_temporal.client.results import ExecuteResult, RedriveResult, StartResult
from arvo_temporal.client.scheduling import Schedules, schedule_errors
from arvo_temporal.client.shown import PendingTry, ShownOrchestration
from arvo_temporal.client.streaming import Sent
from arvo_temporal.client.summaries import OrchestrationSummary

__all__ = [
    "Arrival",
    "ArvoClient",
    "Composer",
    "Each",
    "ExecuteResult",
    "Filters",
    "for_each",
    "NudgeResult",
    "OrchestrationSummary",
    "PendingRequest",
    "PendingTry",
    "RedriveResult",
    "schedule_errors",
    "Schedules",
    "SENDER",
    "Sent",
    "ShownOrchestration",
    "StartResult",
    "Status",
    "TemporalMachineMemory",
    "TROUBLES",
]
