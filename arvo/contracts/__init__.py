"""Contracts: how they are written, the factories of their events, and the error event that all of them share."""

from arvo.contracts.contract import (
    PARENT_SUBJECT,
    ContractVersion,
    OrchestratorContractVersion,
    SimpleContractVersion,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_simple_arvo_contract,
)
from arvo.contracts.factory import ArvoEventFactory, EventFields, create_arvo_event_factory
from arvo.contracts.model import (
    ArvoContract,
    ContractEvent,
    VersionedArvoContract,
    is_orchestrator_contract,
    is_simple_contract,
)
from arvo.contracts.orchestrator_factory import ArvoOrchestratorEventFactory, create_arvo_orchestrator_event_factory
from arvo.contracts.system_error import SYSTEM_ERROR_SCHEMA, SystemErrorData, describe_error

__all__ = [
    "ArvoContract",
    "ArvoEventFactory",
    "ArvoOrchestratorEventFactory",
    "ContractEvent",
    "ContractVersion",
    "create_arvo_contract",
    "create_arvo_event_factory",
    "create_arvo_orchestrator_contract",
    "create_arvo_orchestrator_event_factory",
    "create_simple_arvo_contract",
    "describe_error",
    "EventFields",
    "is_orchestrator_contract",
    "is_simple_contract",
    "OrchestratorContractVersion",
    "PARENT_SUBJECT",
    "SimpleContractVersion",
    "SYSTEM_ERROR_SCHEMA",
    "SystemErrorData",
    "VersionedArvoContract",
]
