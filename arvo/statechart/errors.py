"""What can go wrong in a statechart.

StatechartError
├── DefinitionError    a definition that cannot work; lists every Problem in it
├── ReferenceProblem   a reference that leads nowhere, met while something is looked up
│   └── DelayProblem   a delay that is none
├── EventError         something that is no event was sent or raised
├── GuardError         a guard threw while transitions were selected
├── ActionError        an action asked for something impossible
├── DelayError         a callable computed what is no delay
├── LoopError          a macrostep that never ends
├── ContextError       a context that is none, or that its JSON would not bring back
├── RestoreError       a persisted snapshot that does not fit the machine
├── PurityError        a callable that is not a function of its arguments
└── TraversalError     paths that are not found within their limit, or not at all
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class StatechartError(Exception):
    """Root of all errors that the statechart engine raises by itself."""

    code: ClassVar[str] = "ARVO001"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a definition.

    Attributes:
        path: Where, as a path in the config, such as `states.idle.on.START[0].target`.
        problem: What is wrong.
        cure: What to write instead.
    """

    path: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.path or '(root)'}: {self.problem}\n    -> {self.cure}"


class ReferenceProblem(StatechartError):
    """A reference in a definition that leads nowhere; a Problem once its path is known."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cure = cure


class DelayProblem(ReferenceProblem):
    """A delay in a definition that is none, or whose name nobody implements."""


class DefinitionError(StatechartError):
    """A definition that cannot work.

    Attributes:
        machine_id: Id of the machine that was being created.
        problems: All problems of the definition, in document order.
    """

    code: ClassVar[str] = "ARVO002"

    def __init__(self, machine_id: str, problems: Iterable[Problem]) -> None:
        self.machine_id = machine_id
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"The definition of machine {machine_id!r} has {count} problem{'s' * (count != 1)}:\n{lines}")


class DefinitionWarning(UserWarning):
    """Something in a definition that XState ignores, told by `create_machine` unless `strict` is off.

    Attributes:
        machine_id: Id of the machine that was being created.
        problem: What it is, where, and the cure.
    """

    def __init__(self, machine_id: str, problem: Problem) -> None:
        super().__init__(machine_id, problem)  # what a copy is made of
        self.machine_id = machine_id
        self.problem = problem

    def __str__(self) -> str:
        return f"In the definition of machine {self.machine_id!r}, {self.problem}"


class EventError(StatechartError):
    """Something that is no event was sent or raised: an event has a `type`."""

    code: ClassVar[str] = "ARVO003"


class GuardError(StatechartError):
    """A guard threw while transitions were selected. The original exception is its `__cause__`."""

    code: ClassVar[str] = "ARVO004"


class ActionError(StatechartError):
    """An action asked for something impossible, such as enqueueing an action that nobody implements."""

    code: ClassVar[str] = "ARVO005"


class DelayError(StatechartError):
    """A callable computed what is no delay. The message has its place in the config."""

    code: ClassVar[str] = "ARVO010"


class LoopError(StatechartError):
    """A macrostep that never ends.

    Attributes:
        states: State values of the loop, in the order in which they are passed.
    """

    code: ClassVar[str] = "ARVO006"

    def __init__(self, message: str, states: tuple[object, ...]) -> None:
        super().__init__(message)
        self.states = states


class ContextError(StatechartError):
    """A context that is no object, that is a model which nothing announces, or that its JSON would not bring back."""

    code: ClassVar[str] = "ARVO009"


class RestoreError(StatechartError):
    """A persisted snapshot that does not fit the machine."""

    code: ClassVar[str] = "ARVO007"


class PurityError(StatechartError):
    """A callable that is not a function of its arguments, found by `check_purity`.

    Attributes:
        callable_name: The callable that did it.
    """

    code: ClassVar[str] = "ARVO008"

    def __init__(self, message: str, callable_name: str) -> None:
        super().__init__(message)
        self.callable_name = callable_name


class TraversalError(StatechartError):
    """Paths through a machine that are not found within their limit, or not at all."""

    code: ClassVar[str] = "ARVO011"
