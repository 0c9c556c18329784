"""Compiled calls: guards, actions and expressions behind one signature, and what they see of a macrostep.

The macrostep stands at the end of all that is computed here, its calls at the beginning; `Step` is what they know
of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container
from typing import Any, Literal, Protocol, TypeAlias

from arvo.statechart.running.effects import Effect

Status: TypeAlias = Literal["active", "done", "error", "stopped"]
Trace: TypeAlias = list[tuple[str, Any]]
"""Results of user callables by name, in the order of the calls."""


class ActiveStates(Protocol):
    """The states before the current microstep, as guards ask for them."""

    @property
    def nodes(self) -> Container[object]:
        """The active nodes."""

    @property
    def value(self) -> object:
        """The state value."""


class Step(Protocol):
    """A macrostep: guards and expressions read it, actions change it.

    Attributes:
        event: The event being processed.
        queue: Raised events, first in first out.
        effects: What the step asks its caller to do, in order.
        trace: Results of user callables, filled by `check_purity` only.
    """

    context: Any
    event: Any
    event_type: str
    queue: deque[Any]
    effects: list[Effect]
    status: Status
    output: Any
    trace: Trace | None

    @property
    def configuration(self) -> ActiveStates:
        """The active states."""


Compiled: TypeAlias = Callable[[Step, Any], Any]
"""A compiled guard, action or expression: called with the step and its params."""
Call: TypeAlias = tuple[Compiled, Any]
"""A compiled guard, action or expression with its params."""
