"""The orchestrator's interface as types: for implementations of one's own, and for configuration kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, Required, TypeAlias, TypedDict, TypeVar

from arvo.handling import IArvoEventHandler
from arvo.orchestration.engine import IMachineExecutionEngine
from arvo.orchestration.machine import ArvoMachine
from arvo.orchestration.memory import IMachineMemory
from arvo.orchestration.orchestration import Domains, EventEmissionDomains
from arvo.orchestration.registry import IMachineRegistry

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True)
class Succeeded(Generic[T]):
    """What came of something that went well.

    Attributes:
        data: The result.
    """

    data: T
    type: Literal["success"] = "success"


@dataclass(frozen=True, slots=True)
class Failed(Generic[E]):
    """What came of something that did not.

    Attributes:
        error: Why.
    """

    error: E
    type: Literal["error"] = "error"


TryFunctionOutput: TypeAlias = Succeeded[T] | Failed[E]
"""Outcome of a function that answers with its error instead of raising it; told apart by `type`."""


class IArvoOrchestrator(IArvoEventHandler, Protocol):
    """What an orchestrator shows of itself."""

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


class ICreateArvoOrchestrator(TypedDict, total=False):
    """The arguments of `create_arvo_orchestrator`, which documents them."""

    executionunits: Required[float]
    machines: Required[Sequence[ArvoMachine]]
    memory: IMachineMemory | None
    system_error_domain: Domains | None
    default_event_emission_domains: EventEmissionDomains | None
    requires_resource_locking: bool | None
