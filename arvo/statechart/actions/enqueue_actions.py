"""`enqueue_actions`: decide in code which actions to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from arvo.statechart.actions.assign import assign
from arvo.statechart.actions.builtin import BuiltInAction
from arvo.statechart.actions.cancel import cancel
from arvo.statechart.actions.emit import emit
from arvo.statechart.actions.log import log
from arvo.statechart.actions.raise_ import raise_
from arvo.statechart.callables import ARGUMENTS, arguments_of
from arvo.statechart.errors import ActionError, ReferenceProblem

if TYPE_CHECKING:
    from arvo.statechart.guards import GuardReference
    from arvo.statechart.implementations import Call, Implementations, Run


class Enqueue:
    """Collects actions: `enqueue("name")`, `enqueue.assign({...})`, `enqueue.emit(...)` and so on."""

    def __init__(self, implementations: Implementations) -> None:
        self._implementations = implementations
        self.calls: list[Call] = []

    def __call__(self, action: Any) -> None:
        """Enqueue an action: a name, a name with params, a built-in or a callable."""
        try:
            self.calls.append(self._implementations.action(action))
        except ReferenceProblem as error:
            raise ActionError(f"enqueue: {error.problem}; {error.cure}") from None

    def assign(self, assignment: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> None:
        """Enqueue an `assign`."""
        self(assign(assignment))

    def emit(self, event: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> None:
        """Enqueue an `emit`."""
        self(emit(event))

    def raise_(
        self,
        event: Mapping[str, Any] | Callable[..., Any],
        *,
        delay: float | str | Callable[..., float | None] | None = None,
        id: str | None = None,
    ) -> None:
        """Enqueue a `raise_`."""
        self(raise_(event, delay=delay, id=id))

    def cancel(self, id: str | Callable[..., str]) -> None:
        """Enqueue a `cancel`."""
        self(cancel(id))

    def log(self, value: Any = None, label: str | None = None) -> None:
        """Enqueue a `log`."""
        self(log(value, label))


@dataclass(frozen=True, slots=True)
class EnqueueActions(BuiltInAction):
    """The action that `enqueue_actions` makes."""

    type: ClassVar[str] = "xstate.enqueueActions"
    collect: Callable[..., None]

    def compile(self, implementations: Implementations) -> Run:
        """See `BuiltInAction.compile`."""
        collect = self.collect
        wanted = arguments_of(collect, (*ARGUMENTS, "enqueue", "check"))

        def run(step: Any, params: Any) -> None:
            enqueue = Enqueue(implementations)
            offered = {
                "context": step.context,
                "event": step.event,
                "params": params,
                "enqueue": enqueue,
                "check": lambda guard: _check(implementations, guard, step),
            }
            collect(**{name: offered[name] for name in wanted})
            for call, own in enqueue.calls:
                call(step, own)

        return run


def enqueue_actions(collect: Callable[..., None]) -> EnqueueActions:
    """Decide in code which actions to run.

    Args:
        collect: Called with what it names of `context`, `event`, `params`, `enqueue` and `check`. It runs to
            its end first; then the actions it enqueued run in order. `check(guard)` evaluates a guard on the
            context of that moment and on the states before the transition.
    """
    return EnqueueActions(collect)


def _check(implementations: Implementations, guard: GuardReference, step: Any) -> bool:
    try:
        call, own = implementations.guard(guard)
    except ReferenceProblem as error:
        raise ActionError(f"check: {error.problem}; {error.cure}") from None
    return bool(call(step, own))
