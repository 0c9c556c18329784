"""The compiled machine: everything that running needs to know, as a plain value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from arvo.statechart.errors import Problem
from arvo.statechart.running.configuration import Configurations, Microstep
from arvo.statechart.running.context import ContextType
from arvo.statechart.running.history import Histories
from arvo.statechart.running.microstep import initial_microstep
from arvo.statechart.running.nodes import StateNode

C = TypeVar("C")


@dataclass(frozen=True, eq=False)
class CompiledMachine(Generic[C]):
    """A definition, ready to run; compared by identity.

    Attributes:
        id: Id of the machine.
        root: The root of its state nodes.
        nodes: All state nodes in document order.
        context_type: How its context is changed and written.
        first_context: Makes the context of a new execution from the input.
        max_microsteps: How many microsteps an event may take.
        check_purity: Whether every step is computed twice, and both are compared.
        configurations: Its configurations, each made once.
        histories: Its histories, each made once.
        ignored: What its definition has although XState ignores it.
    """

    id: str
    root: StateNode
    nodes: tuple[StateNode, ...]
    context_type: ContextType
    first_context: Callable[[Any], C]
    max_microsteps: int
    check_purity: bool
    configurations: Configurations
    histories: Histories
    ignored: tuple[Problem, ...] = ()

    @cached_property
    def initial_microstep(self) -> Microstep:
        """The compiled microstep that starts the machine."""
        return initial_microstep(self.root, self.configurations, self.histories.empty)
