"""Turn what a config says about actions, guards, delays and expressions into calls.

Names are looked up among the implementations given to `create_machine`; inline callables and built-ins are
taken as they are. Everything is compiled when the machine is created, except what `enqueue_actions` collects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from arvo.statechart.authoring import BuiltInAction, BuiltInGuard, bind, name_of
from arvo.statechart.compiling.delays import Delays
from arvo.statechart.compiling.targets import Targets
from arvo.statechart.errors import ReferenceProblem
from arvo.statechart.running import Cache, Call, Compiled, ContextType, StateNode, Step, traced


class Implementations:
    """The named implementations of a machine, and how references to them compile: the `Compiler` of its built-ins.

    Attributes:
        strict: Whether an unknown name is a problem. XState ignores unknown actions and fails on unknown guards
            when they are evaluated.
        delays: The named delays.
        place: Where in the config what is compiled just now stands, for errors while the machine runs.
    """

    def __init__(
        self,
        actions: Mapping[str, Any],
        guards: Mapping[str, Any],
        delays: Mapping[str, Any],
        context: ContextType,
        targets: Targets,
        *,
        strict: bool,
        check_purity: bool,
    ) -> None:
        self.actions, self.guards = dict(actions), dict(guards)
        self.context, self.strict, self.check_purity = context, strict, check_purity
        self.delays = Delays(delays, self.bind, strict=strict)
        self.place = ""
        self._targets = targets
        self._open: set[tuple[str, str]] = set()
        self._named_actions: Cache[str, Call] = Cache()
        self._named_guards: Cache[str, Call] = Cache()

    @contextmanager
    def placed(self, place: str) -> Iterator[None]:
        """Name the place in the config of what is compiled meanwhile."""
        before, self.place = self.place, place
        try:
            yield
        finally:
            self.place = before

    def bind(self, function: Callable[..., Any]) -> Compiled:
        """A user callable as `(step, params)`."""
        compiled = bind(function)
        return traced(compiled, name_of(function)) if self.check_purity else compiled

    def expression(self, value: Any) -> Compiled:
        """A value, or a callable that computes it."""
        return self.bind(value) if callable(value) else lambda step, params: value

    def action(self, reference: Any) -> Call:
        """Compile a reference to an action.

        Raises:
            ReferenceProblem: The reference is no action, or nobody implements it.
        """
        if isinstance(reference, str):
            found = self._named_actions.get(reference)
            return found or self._named_actions.keep(reference, (self._named_action(reference), None))
        if isinstance(reference, BuiltInAction):
            return reference.compile(self), None
        if isinstance(reference, Mapping) and isinstance(reference.get("type"), str):
            return self._with_params(self._named_action(reference["type"]), reference.get("params"))
        if callable(reference):
            return self.bind(reference), None
        raise ReferenceProblem(
            f"{reference!r} is no action",
            'write a name, {"type": name, "params": {...}}, a built-in such as assign(...), or a function',
        )

    def guard(self, reference: Any) -> Call:
        """Compile a reference to a guard.

        Raises:
            ReferenceProblem: The reference is no guard, or nobody implements it.
        """
        if isinstance(reference, str):
            found = self._named_guards.get(reference)
            return found or self._named_guards.keep(reference, (self._named_guard(reference), None))
        if isinstance(reference, BuiltInGuard):
            return reference.compile(self), None
        if isinstance(reference, Mapping) and isinstance(reference.get("type"), str):
            return self._with_params(self._named_guard(reference["type"]), reference.get("params"))
        if callable(reference):
            return self.bind(reference), None
        raise ReferenceProblem(
            f"{reference!r} is no guard",
            'write a name, {"type": name, "params": {...}}, and_/or_/not_/state_in(...), or a function',
        )

    def delay(self, reference: Any) -> Compiled:
        """Compile a delay: a duration, the name of a delay, or an expression.

        Raises:
            ReferenceProblem: The reference is no delay, or nobody implements it.
        """
        return self.delays.compile(reference, self.place)

    def state(self, reference: str) -> StateNode:
        """Find the state of `#id`.

        Raises:
            ReferenceProblem: There is none.
        """
        return self._targets.by_id(reference)

    def _named_action(self, name: str) -> Compiled:
        if name not in self.actions:
            if self.strict:
                raise ReferenceProblem(*self._unknown("action", name, self.actions))
            return lambda step, params: None
        with self._resolving("action", name), self.placed(f"action {name!r}"):
            implementation = self.actions[name]
            if isinstance(implementation, Sequence) and not isinstance(implementation, str):
                return _sequence([self.action(one) for one in implementation])
            run, params = self.action(implementation)
        return run if params is None else lambda step, _: run(step, params)

    def _named_guard(self, name: str) -> Compiled:
        if name not in self.guards:
            if self.strict:
                raise ReferenceProblem(*self._unknown("guard", name, self.guards))
            return _unimplemented(name)
        with self._resolving("guard", name):
            guard, params = self.guard(self.guards[name])
        return guard if params is None else lambda step, _: guard(step, params)

    @contextmanager
    def _resolving(self, kind: str, name: str) -> Iterator[None]:
        if (kind, name) in self._open:
            raise ReferenceProblem(f"{kind} {name!r} refers to itself", "give it an implementation of its own")
        self._open.add((kind, name))
        try:
            yield
        finally:
            self._open.discard((kind, name))

    def _with_params(self, run: Compiled, params: Any) -> Call:
        if not callable(params):
            return run, params
        resolve = self.bind(params)
        return lambda step, _: run(step, resolve(step, None)), None

    def _unknown(self, kind: str, name: str, known: Mapping[str, Any]) -> tuple[str, str]:
        near = get_close_matches(name, known, 1)
        cure = f"write {near[0]!r}, or " if near else ""
        return (
            f"{kind} {name!r} is not implemented",
            f"{cure}pass it: create_machine(..., {kind}s={{{name!r}: ...}})",
        )


def _sequence(calls: Sequence[Call]) -> Compiled:
    def run(step: Step, params: Any) -> None:
        for call, own in calls:
            call(step, params if own is None else own)

    return run


def _unimplemented(name: str) -> Compiled:
    def guard(step: Step, params: Any) -> Any:
        # XState's own words, its stray quote too: they end up in the error of the snapshot.
        raise LookupError(f"Guard '{name}' is not implemented.'.")

    return guard
