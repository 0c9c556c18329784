"""Durable Arvo orchestrations on Temporal: the public name of everything that runs there.

`ArvoApp` names what an application consists of, `ArvoPlugin` makes a Temporal client, worker or replayer run it,
`ArvoClient` sends events to it, and `TemporalMachineMemory` reads the records of its orchestrations.
"""

from adapter.app import ArvoApp
from adapter.dead_letters import DeadLetter
from adapter.delivery import DeliveryResult, DeliveryStatus
from adapter.errors import (
    AppError,
    EncodedPayloadError,
    EventTooLargeViolation,
    HistoryDiffersError,
    ListError,
    MemoryIsReadOnlyError,
    OrchestrationBusyError,
    OrchestrationEndedError,
    OrchestrationFailedError,
    OrchestrationNotFoundError,
    OrchestrationNotUniqueError,
    OrchestrationSilentError,
    OrchestrationTimeoutError,
    ScheduleError,
)
from adapter.identity import workflow_id
from adapter.ledger import Fate, LedgerEntry
from adapter.limits import Limits
from adapter.observation import HistoryEntry
from adapter.policies import ChildPolicy, EmissionPolicy
from adapter.queries import LedgerSnapshot
from adapter.resolution import OpenRequest
from adapter.troubles import Trouble
from adapter.view import OrchestrationView
from arvo_temporal import workflow
from arvo_temporal.checking import CheckFailedError, check
from arvo_temporal.client import (
    Arrival,
    ArvoClient,
    ExecuteResult,
    NudgeResult,
    OrchestrationSummary,
    PendingRequest,
    RedriveResult,
    Sent,
    ShownOrchestration,
    StartResult,
    TemporalMachineMemory,
)
from arvo_temporal.connection import ConnectError, SettingsError, connect
from arvo_temporal.costs import Forecast, Spent, forecast
from arvo_temporal.dev_server import DevServer, DevServerError
from arvo_temporal.explaining import Explanation, Verdict, explain
from arvo_temporal.metrics import prometheus_config
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run, run_command
from arvo_temporal.registration import SetupError

__version__ = "0.1.0"

__all__ = [
    "AppError",
    "Arrival",
    "ArvoApp",
    "ArvoClient",
    "ArvoPlugin",
    "check",
    "CheckFailedError",
    "ChildPolicy",
    "connect",
    "ConnectError",
    "DeadLetter",
    "DeliveryResult",
    "DeliveryStatus",
    "DevServer",
    "DevServerError",
    "EmissionPolicy",
    "EncodedPayloadError",
    "EventTooLargeViolation",
    "ExecuteResult",
    "explain",
    "Explanation",
    "Fate",
    "Forecast",
    "forecast",
    "HistoryDiffersError",
    "HistoryEntry",
    "LedgerEntry",
    "LedgerSnapshot",
    "Limits",
    "ListError",
    "MemoryIsReadOnlyError",
    "NudgeResult",
    "OpenRequest",
    "OrchestrationBusyError",
    "OrchestrationEndedError",
    "OrchestrationFailedError",
    "OrchestrationNotFoundError",
    "OrchestrationNotUniqueError",
    "OrchestrationSilentError",
    "OrchestrationSummary",
    "OrchestrationTimeoutError",
    "OrchestrationView",
    "PendingRequest",
    "prometheus_config",
    "RedriveResult",
    "run",
    "run_command",
    "ScheduleError",
    "Sent",
    "SettingsError",
    "SetupError",
    "ShownOrchestration",
    "Spent",
    "StartResult",
    "TemporalMachineMemory",
    "Trouble",
    "Verdict",
    "workflow",
    "workflow_id",
]
