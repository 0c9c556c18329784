"""Arvo: event-driven systems of contracts, handlers and orchestrations whose logic is a statechart.

Everything here is pure and deterministic: it reads no clock, draws no random number and performs no I/O.
"""

from arvo.broker import SimpleEventBroker
from arvo.contract import (
    ArvoContract,
    VersionedArvoContract,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_simple_arvo_contract,
)
from arvo.domain import ArvoDomain
from arvo.engine import IMachineExecutionEngine, MachineExecutionEngine
from arvo.errors import (
    ArvoError,
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    InvalidEventError,
    TransactionViolation,
    TransactionViolationCause,
    ViolationError,
)
from arvo.event import ArvoEvent, create_arvo_event
from arvo.execution import ExecutionResult, IArvoEventHandler
from arvo.factory import create_arvo_event_factory, create_arvo_orchestrator_event_factory
from arvo.handler import ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from arvo.machine import ArvoMachine, enqueue_arvo_event, setup_arvo_machine
from arvo.memory import IMachineMemory, MachineMemoryRecord, SimpleMachineMemory
from arvo.orchestrator import ArvoOrchestrator, create_arvo_orchestrator
from arvo.registry import IMachineRegistry, MachineRegistry
from arvo.resumable import ArvoResumable, ResumableOutput, create_arvo_resumable
from arvo.statechart import and_, assign, cancel, emit, enqueue_actions, log, not_, or_, raise_, state_in
from arvo.subject import ArvoOrchestrationSubject
from arvo.surroundings import patched

__all__ = [
    "and_",
    "ArvoContract",
    "ArvoDomain",
    "ArvoError",
    "ArvoEvent",
    "ArvoEventHandler",
    "ArvoMachine",
    "ArvoOrchestrationSubject",
    "ArvoOrchestrator",
    "ArvoResumable",
    "assign",
    "cancel",
    "ConfigViolation",
    "ContractViolation",
    "create_arvo_contract",
    "create_arvo_event",
    "create_arvo_event_factory",
    "create_arvo_event_handler",
    "create_arvo_orchestrator",
    "create_arvo_orchestrator_contract",
    "create_arvo_orchestrator_event_factory",
    "create_arvo_resumable",
    "create_simple_arvo_contract",
    "emit",
    "enqueue_actions",
    "enqueue_arvo_event",
    "ExecutionResult",
    "ExecutionViolation",
    "HandlerOutput",
    "IArvoEventHandler",
    "IMachineExecutionEngine",
    "IMachineMemory",
    "IMachineRegistry",
    "InvalidEventError",
    "log",
    "MachineExecutionEngine",
    "MachineMemoryRecord",
    "MachineRegistry",
    "not_",
    "or_",
    "patched",
    "raise_",
    "ResumableOutput",
    "setup_arvo_machine",
    "SimpleEventBroker",
    "SimpleMachineMemory",
    "state_in",
    "TransactionViolation",
    "TransactionViolationCause",
    "VersionedArvoContract",
    "ViolationError",
]
