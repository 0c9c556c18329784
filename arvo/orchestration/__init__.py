"""Orchestrations: machines and resumables, what runs them step by step, and where their records are kept."""

from arvo.orchestration.engine import IMachineExecutionEngine, MachineExecution, MachineExecutionEngine
from arvo.orchestration.interfaces import IArvoOrchestrator, ICreateArvoOrchestrator, TryFunctionOutput
from arvo.orchestration.machine import ArvoMachine, ArvoMachineSetup, enqueue_arvo_event, setup_arvo_machine
from arvo.orchestration.memory import (
    IMachineMemory,
    MachineMemoryRecord,
    OrchestrationRecord,
    SimpleMachineMemory,
    explained,
)
from arvo.orchestration.orchestration import Orchestration
from arvo.orchestration.orchestrator import ArvoOrchestrator, Step, create_arvo_orchestrator
from arvo.orchestration.progress import Progress
from arvo.orchestration.registry import IMachineRegistry, MachineRegistry
from arvo.orchestration.resumable import ArvoResumable, ResumableFunction, create_arvo_resumable
from arvo.orchestration.resumable_call import ResumableCall, ResumableOutput
from arvo.orchestration.resumable_record import ResumableRecord, needed_for_call
from arvo.orchestration.telemetered_memory import TelemeteredSimpleMachineMemory
from arvo.orchestration.transaction import TransactionViolation, TransactionViolationCause
from arvo.orchestration.validation import AcceptedInput, EventValidationResult

__all__ = [
    "AcceptedInput",
    "ArvoMachine",
    "ArvoMachineSetup",
    "ArvoOrchestrator",
    "ArvoResumable",
    "create_arvo_orchestrator",
    "create_arvo_resumable",
    "enqueue_arvo_event",
    "EventValidationResult",
    "explained",
    "IArvoOrchestrator",
    "ICreateArvoOrchestrator",
    "IMachineExecutionEngine",
    "IMachineMemory",
    "IMachineRegistry",
    "MachineExecution",
    "MachineExecutionEngine",
    "MachineMemoryRecord",
    "MachineRegistry",
    "needed_for_call",
    "Orchestration",
    "OrchestrationRecord",
    "Progress",
    "ResumableCall",
    "ResumableFunction",
    "ResumableOutput",
    "ResumableRecord",
    "setup_arvo_machine",
    "SimpleMachineMemory",
    "Step",
    "TelemeteredSimpleMachineMemory",
    "TransactionViolation",
    "TransactionViolationCause",
    "TryFunctionOutput",
]
