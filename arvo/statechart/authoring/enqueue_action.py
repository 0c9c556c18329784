"""`enqueue_actions`: decide in code which actions to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arvo.statechart.authoring.assign_action import Assignment, assign
from arvo.statechart.authoring.built_in import BuiltInAction, Compiler
from arvo.statechart.authoring.callables import ARGUMENTS, arguments_of
from arvo.statechart.authoring.cancel_action import cancel
from arvo.statechart.authoring.emit_action import emit
from arvo.statechart.authoring.guards import GuardReference
from arvo.statechart.authoring.log_action import log
from arvo.statechart.authoring.raise_action import raise_
from arvo.statechart.durations import Duration
from arvo.statechart.errors import ActionError, DelayError, DelayProblem, ReferenceProblem
from arvo.statechart.running import Call, Compiled, Step


class Enqueue:
    """Collects actions: `enqueue("name")`, `enqueue.assign({...})`, `enqueue.emit(...)` and so on."""

    def __init__(self, compiler: Compiler, place: str) -> None:
        self._compiler = compiler
        self._place = place
        self.calls: list[Call] = []

    def __call__(self, action: Any) -> None:
        """Enqueue an action: a name, a name with params, a built-in or a callable."""
        try:
            with self._compiler.placed(self._place):
                self.calls.append(self._compiler.action(action))
        except DelayProblem as error:
            raise DelayError(f"{self._place}: enqueue: {error.problem}. To fix: {error.cure}") from None
        except ReferenceProblem as error:
            raise ActionError(f"{self._place}: enqueue: {error.problem}; {error.cure}") from None

    def assign(self, assignment: Assignment) -> None:
        """Enqueue an `assign`."""
        self(assign(assignment))

    def emit(self, event: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> None:
        """Enqueue an `emit`."""
        self(emit(event))

    def raise_(
        self,
        event: Mapping[str, Any] | Callable[..., Any],
        *,
        delay: Duration | Callable[..., Duration | None] | None = None,
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

    def compile(self, compiler: Compiler) -> Compiled:
        """See `BuiltInAction.compile`."""
        collect, place = self.collect, compiler.place
        if not callable(collect):
            raise ReferenceProblem(
                f"enqueue_actions: {collect!r} is no function",
                "write a function that takes 'enqueue', and call it there",
            )
        wanted = arguments_of(collect, (*ARGUMENTS, "enqueue", "check"))

        def run(step: Step, params: Any) -> None:
            enqueue = Enqueue(compiler, place)
            offered = {
                "context": step.context,
                "event": step.event,
                "params": params,
                "enqueue": enqueue,
                "check": lambda guard: _check(compiler, guard, step),
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


def _check(compiler: Compiler, guard: GuardReference, step: Step) -> bool:
    try:
        call, own = compiler.guard(guard)
    except ReferenceProblem as error:
        raise ActionError(f"check: {error.problem}; {error.cure}") from None
    return bool(call(step, own))
