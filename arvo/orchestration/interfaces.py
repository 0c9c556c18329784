"""The orchestrator's interface as types: for implementations of one's own, and for configuration kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, Protocol, TypeAlias, TypedDict, TypeVar

from arvo.events import Domains
from arvo.orchestration.engine import IMachineExecutionEngine
from arvo.orchestration.machine import ArvoMachine
from arvo.orchestration.memory import IMachineMemory
from arvo.orchestration.orchestration import EventEmissionDomains
from arvo.orchestration.registry import IMachineRegistry

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


class _Success(TypedDict, Generic[T]):
    type: Literal["success"]
    data: T


class _Failure(TypedDict, Generic[E]):
    type: Literal["error"]
    error: E


TryFunctionOutput: TypeAlias = _Success[T] | _Failure[E]
"""Outcome of a function that answers with its error instead of raising it; told apart by `type`."""


class IArvoOrchestrator(Protocol):
    """The parts of an orchestrator."""

    @property
    def executionunits(self) -> float:
        """Cost of one step."""

    @property
    def memory(self) -> IMachineMemory:
        """Where the state of orchestrations is kept."""

    @property
    def registry(self) -> IMachineRegistry:
        """The machines."""

    @property
    def execution_engine(self) -> IMachineExecutionEngine:
        """What runs them."""

    @property
    def requires_resource_locking(self) -> bool:
        """Whether a subject is locked while one of its events is processed."""

    @property
    def system_error_domain(self) -> Domains | None:
        """Where failures are reported; None is the broadcast."""


class _Required(TypedDict):
    memory: IMachineMemory
    executionunits: float
    machines: Sequence[ArvoMachine]


class ICreateArvoOrchestrator(_Required, total=False):
    """The arguments of `create_arvo_orchestrator`, which documents them; `memory` is required, as in Arvo."""

    system_error_domain: Domains | None
    default_event_emission_domains: EventEmissionDomains | None
    requires_resource_locking: bool | None
