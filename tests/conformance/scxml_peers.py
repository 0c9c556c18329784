"""Replay SCXML documents of SCION and of W3C, which XState's own converter made into machines.

What XState does with them is recorded after the start and after each step. An event that is sent comes back from
outside, when the machine is at rest or when its delay is over; the clock is simulated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from arvo.statechart import (
    Cancel,
    Effect,
    Emit,
    Schedule,
    Snapshot,
    assign,
    cancel,
    create_machine,
    emit,
    enqueue_actions,
    initial_transition,
    milliseconds,
    not_,
    raise_,
    state_in,
    transition,
)
from tests.conformance.javascript import evaluate, is_true

Json = Any
SENT: Final = "$sent"


class Document:
    """The machine of a vector, and the variables of its datamodel."""

    def __init__(self, vector: Json) -> None:
        config = vector["config"]
        self.names = list(config.get("context", {}))
        self.machine = create_machine({**self._state(config), "context": self._variables(config)}, strict=False)

    def _variables(self, config: Json) -> Json:
        found: dict[str, Json] = {}
        for name, value in config.get("context", {}).items():
            found[name] = evaluate(value["js"], found, found, {})
        return found

    def _value(self, expression: str) -> Callable[..., Json]:
        return lambda context, event: evaluate(expression, self.names, context, _event(event))

    def _guard(self, guard: Json) -> Json:
        if "in" in guard:
            return state_in(guard["in"])
        if "not" in guard:
            return not_(self._guard(guard["not"]))
        return lambda context, event: is_true(guard["js"], self.names, context, _event(event))

    def _data(self, given: Json) -> Callable[..., Json]:
        """What an event carries: params by name, or content."""
        content = given.get("content", given if "value" in given or "js" in given else {})
        if "js" in content:
            return self._value(content["js"])
        params = [(name, self._value(value["js"])) for name, value in given.get("params", ())]
        if not params:
            return _always(content.get("value"))
        return lambda context, event: {name: compute(context, event) for name, compute in params}

    def _send(self, given: Json) -> Json:
        data, fixed = self._data(given), given.get("event")
        kind = _always(fixed) if fixed is not None else self._value(given["eventexpr"]["js"])
        wait = self._value(given["delayexpr"]["js"]) if "delayexpr" in given else _always(given.get("delay"))

        def sent(context: Json, event: Json) -> Json:
            made = {"type": kind(context, event), "data": data(context, event)}
            return {"type": SENT, "event": made, "delay": _span(wait(context, event)), "id": given.get("id")}

        if given["internal"]:
            return raise_(lambda context, event: sent(context, event)["event"])
        return emit(sent)

    def _assign(self, name: str, compute: Callable[..., Json]) -> Json:
        def assigned(context: Json, event: Json) -> Json:
            if name not in self.names:
                raise LookupError(f"{name} is not defined")
            return {name: compute(context, event)}

        return assign(assigned)

    def _action(self, given: Json) -> Json:
        match given["do"]:
            case "assign":
                return self._assign(given["location"], self._value(given["expr"]["js"]))
            case "log":
                return self._value(given["expr"]["js"])
            case "raise":
                return raise_({"type": given["event"]})
            case "send":
                return self._send(given)
            case "cancel":
                return cancel(self._value(given["idexpr"]["js"]) if "idexpr" in given else given["id"])
            case "if":
                return self._choice(given["branches"])
            case "foreach":
                return self._loop(given)
        raise ValueError(f"A vector has an action that this player does not know: {given}")

    def _choice(self, branches: Json) -> Json:
        def collect(enqueue: Any, check: Any) -> None:
            for branch in branches:
                if branch["cond"] is None or check(self._guard(branch["cond"])):
                    for action in branch["actions"]:
                        enqueue(self._action(action))
                    return

        return enqueue_actions(collect)

    def _loop(self, given: Json) -> Json:
        items = self._value(given["array"]["js"])

        def collect(context: Json, event: Json, enqueue: Any) -> None:
            for index, item in enumerate(items(context, event)):
                enqueue(self._assign(given["item"], lambda context, event, item=item: item))
                if given["index"] is not None:
                    enqueue(self._assign(given["index"], lambda context, event, index=index: index))
                for action in given["actions"]:
                    enqueue(self._action(action))

        return enqueue_actions(collect)

    def _state(self, state: Json) -> Json:
        built = {**state, **{key: self._actions(state[key]) for key in ("entry", "exit") if key in state}}
        if "on" in state:
            built["on"] = {event: [self._transition(one) for one in given] for event, given in state["on"].items()}
        if "always" in state:
            built["always"] = [self._transition(one) for one in state["always"]]
        if isinstance(state.get("initial"), Mapping):
            built["initial"] = self._transition(state["initial"])
        if "output" in state:
            built["output"] = self._data(state["output"])
        if "states" in state:
            built["states"] = {key: self._state(child) for key, child in state["states"].items()}
        return built

    def _transition(self, given: Json) -> Json:
        built = {**given}
        if "actions" in given:
            built["actions"] = self._actions(given["actions"])
        if "guard" in given:
            built["guard"] = self._guard(given["guard"])
        return built

    def _actions(self, given: Json) -> list[Json]:
        return [self._action(one) for one in given]


class Run:
    """A document being played, with the queue of what is sent to it and a clock."""

    def __init__(self, document: Document) -> None:
        self.machine = document.machine
        self.snapshot, effects = initial_transition(self.machine)
        self.now: float = 0
        self._waiting: deque[Json] = deque()
        self._timers: list[tuple[float, int, str | None, Json]] = []
        self._numbers = count()
        self._settle(effects)

    def send(self, event: Json) -> None:
        """Send an event, and whatever comes of it at once."""
        self.snapshot, effects = transition(self.machine, self.snapshot, event)
        self._settle(effects)

    def wait(self, span: float = float("inf")) -> None:
        """Let time pass: what is due in it is sent; without a span, all that is to come."""
        until = self.now + span
        while self._timers and self._timers[0][0] <= until:
            self.now, _, _, event = heappop(self._timers)
            self.send(event)
        self.now = max(self.now, until) if span != float("inf") else self.now

    def _settle(self, effects: tuple[Effect, ...]) -> None:
        self._perform(effects)
        while self._waiting:
            self.snapshot, effects = transition(self.machine, self.snapshot, self._waiting.popleft())
            self._perform(effects)

    def _perform(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Emit({"event": event, "delay": None}):
                    self._waiting.append(event)
                case Emit({"event": event, "delay": delay, "id": id}) | Schedule(id, event, delay):
                    heappush(self._timers, (self.now + delay, next(self._numbers), id, event))
                case Cancel(id):
                    self._timers = sorted(timer for timer in self._timers if timer[2] != id)


def first_difference(vector: Json) -> str | None:
    """Play a vector; the first difference from what XState does, or from the suite's own answer where it agrees."""
    seen: list[tuple[str, Any]] = []
    answers = [None, *vector["expected"]] if vector["mode"] == "w3c" else vector["expected"]
    try:
        for snapshot in _snapshots(vector):
            seen.append((snapshot.status, snapshot.value))
    except Exception as error:
        seen += [("error", f"{type(error).__name__}: {error}")] * (len(vector["xstate"]) - len(seen))
    for index, ((status, value), recorded, answer) in enumerate(zip(seen, vector["xstate"], answers, strict=True)):
        if (status, value) != (recorded["status"], recorded.get("value", value)):
            return f"step {index}: {status} {value!r}, recorded {recorded}"
        if vector["xstate_runs"] and answer is not None and sorted(_leaves(value)) != sorted(_listed(answer)):
            return f"step {index}: in {value!r}, the suite asks for {answer}"
    return None


def _leaves(value: Json) -> Iterator[str]:
    """Keys of the active states without children, which are their ids in these documents."""
    if isinstance(value, str):
        yield value
        return
    for key, inner in value.items():
        yield from _leaves(inner or key)


def _listed(answer: Json) -> list[str]:
    return [answer] if isinstance(answer, str) else answer


def _snapshots(vector: Json) -> Iterator[Snapshot[Any]]:
    run = Run(Document(vector))
    yield run.snapshot
    if vector["mode"] == "w3c":
        run.wait()
        yield run.snapshot
        return
    for step in vector["steps"]:
        run.wait(step["after"] or 0)
        run.send({"type": step["event"]})
        yield run.snapshot


def _always(value: Json) -> Callable[..., Json]:
    return lambda context, event: value


def _event(event: Json) -> Json:
    """An event as SCXML's expressions see it."""
    data = event.get("data", event.get("output"))
    return {"name": event["type"], **({} if data is None else {"data": data})}


def _span(given: Json) -> float | None:
    """Milliseconds of a delay as SCXML writes it, such as `1.5s` or `.5s`."""
    if isinstance(given, str):
        return milliseconds(f"0{given}" if given.startswith(".") else given)
    return given if given is None else float(given)
