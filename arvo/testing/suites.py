"""Test suites for handlers and orchestrations, as pytest tests.

    test_orders = run_arvo_test_suites([ArvoTestSuite(config=ArvoTestConfig(handler=orders), cases=[...])])

Needs pytest, and nothing else of it than that it collects this name.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from arvo.errors import shorten
from arvo.events import ArvoEvent
from arvo.handling import ExecutionResult, IArvoEventHandler

T = TypeVar("T")
Previous = list[ArvoEvent] | None
StepInput = ArvoEvent | Callable[[Previous], ArvoEvent | Awaitable[ArvoEvent]]
EventsCheck = Callable[[list[ArvoEvent]], bool | Awaitable[bool]]
ErrorCheck = Callable[[Exception], bool | Awaitable[bool]]
Execute = Callable[[ArvoEvent], Awaitable[ExecutionResult]]

_SHOWN_FAILURES = 10


@dataclass(frozen=True, kw_only=True)
class ArvoTestStep:
    """One event to execute, and what is to come of it.

    Attributes:
        input: The event, or a function that makes it of the events of the previous step (None in the first).
        expected_events: What is to be produced: for each event the fields that matter, in order; or a function
            that returns True if it is satisfied. It may assert besides; returning nothing fails the step.
        expected_error: What is to be raised: a class of exceptions, or a function as above.
    """

    input: StepInput
    expected_events: Sequence[Mapping[str, Any]] | EventsCheck | None = None
    expected_error: type[Exception] | ErrorCheck | None = None


@dataclass(frozen=True, kw_only=True)
class ArvoTestRepeat:
    """Repetition of a case that does not always succeed.

    Attributes:
        times: How often to run it.
        success_threshold: Percentage of runs that must succeed.
    """

    times: int
    success_threshold: float = 100


@dataclass(frozen=True, kw_only=True)
class ArvoTestCase:
    """Steps that belong together, run one after the other.

    Attributes:
        name: What pytest shows.
        steps: At least one step.
        repeat: How often to run all of it; once if left out.
    """

    name: str
    steps: Sequence[ArvoTestStep]
    repeat: ArvoTestRepeat | None = None


@dataclass(frozen=True, kw_only=True)
class ArvoTestConfig:
    """What is tested: a handler, or a function that does as `execute` does.

    Attributes:
        handler: Handler, orchestrator or resumable.
        fn: Async function from an event to an `ExecutionResult`.
        name: What pytest shows; by default the handler's source or the function's name.
    """

    handler: IArvoEventHandler | None = None
    fn: Execute | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.handler is None) == (self.fn is None):
            raise ValueError("An ArvoTestConfig needs either a handler or a fn, and not both.")

    @property
    def execute(self) -> Execute:
        """Executes one event."""
        if self.handler is not None:
            return self.handler.execute
        assert self.fn is not None
        return self.fn

    @property
    def title(self) -> str:
        """What pytest shows."""
        if self.name is not None:
            return self.name
        return str(getattr(self.fn, "__name__", "fn")) if self.handler is None else self.handler.source


@dataclass(frozen=True, kw_only=True)
class ArvoTestSuite:
    """Cases, each to be run against each of what is tested.

    Attributes:
        config: What is tested; several to hold implementations against each other.
        cases: The cases.
    """

    config: ArvoTestConfig | Sequence[ArvoTestConfig]
    cases: Sequence[ArvoTestCase]


def run_arvo_test_suites(suites: Iterable[ArvoTestSuite]) -> Callable[..., None]:
    """Make one parametrised pytest test of suites; assign it to a name that begins with `test_`."""
    parameters = [
        pytest.param(config, case, id=f"{config.title}-{case.name}")
        for suite in suites
        for config in ([suite.config] if isinstance(suite.config, ArvoTestConfig) else suite.config)
        for case in suite.cases
    ]

    @pytest.mark.parametrize(("config", "case"), parameters)
    def test_arvo_suite(config: ArvoTestConfig, case: ArvoTestCase) -> None:
        asyncio.run(run_arvo_test_case(config, case))

    return test_arvo_suite


async def run_arvo_test_case(config: ArvoTestConfig, case: ArvoTestCase) -> None:
    """Run one case, as often as it says.

    Raises:
        AssertionError: A step did not go as expected; names the step, and the events that came.
    """
    if case.repeat is None:
        await _run_steps(config, case)
        return
    failures = []
    for run in range(1, case.repeat.times + 1):
        try:
            await _run_steps(config, case)
        except Exception as error:
            failures.append(f"  run {run}: {error}")
    rate = 100 * (case.repeat.times - len(failures)) / case.repeat.times
    if rate < case.repeat.success_threshold:
        shown = "\n".join(failures[:_SHOWN_FAILURES])
        raise AssertionError(
            f"{rate:.0f}% of {case.repeat.times} runs succeeded instead of {case.repeat.success_threshold:g}%:\n{shown}"
        )


async def _run_steps(config: ArvoTestConfig, case: ArvoTestCase) -> None:
    previous: Previous = None
    for number, step in enumerate(case.steps, 1):
        place = f"{config.title}, case '{case.name}', step {number}"
        event = step.input if isinstance(step.input, ArvoEvent) else await _settled(step.input(previous))
        if not isinstance(event, ArvoEvent):
            raise AssertionError(_returned(event, "the function of input", "ArvoEvent", place))
        previous = await _run_step(config, step, event, place)


async def _run_step(config: ArvoTestConfig, step: ArvoTestStep, event: ArvoEvent, place: str) -> list[ArvoEvent]:
    if step.expected_error is None:
        events = _events_of(await config.execute(event), config, place)
        await _check_events(step, events, place)
        return events
    try:
        result = await config.execute(event)
    except Exception as error:
        await _check_error(step.expected_error, error, place)
        return []
    shown = _shown(_events_of(result, config, place))
    raise AssertionError(f"{place}: an error was expected, but there were events:\n{shown}")


async def _check_events(step: ArvoTestStep, events: list[ArvoEvent], place: str) -> None:
    expected = step.expected_events
    if expected is None:
        return
    if callable(expected):
        satisfied = _answer(await _settled(expected(events)), "expected_events", place)
    else:
        satisfied = len(expected) == len(events) and all(
            _fits(fields, event) for fields, event in zip(expected, events, strict=True)
        )
    wanted = "" if callable(expected) else f" instead of {[dict(fields) for fields in expected]}"
    assert satisfied, f"{place}: the events are not as expected{wanted}:\n{_shown(events)}"


async def _check_error(expected: type[Exception] | ErrorCheck, error: Exception, place: str) -> None:
    if isinstance(expected, type):
        satisfied = isinstance(error, expected)
    else:
        satisfied = _answer(await _settled(expected(error)), "expected_error", place)
    if not satisfied:
        raise AssertionError(f"{place}: the error is not as expected: {type(error).__name__}: {error}") from error


def _events_of(result: object, config: ArvoTestConfig, place: str) -> list[ArvoEvent]:
    events: list[ArvoEvent] | None = getattr(result, "events", None)
    if events is None:
        raise AssertionError(_returned(result, config.title, "ExecutionResult", place))
    return events


def _returned(value: object, what: str, wanted: str, place: str) -> str:
    return f"{place}: {what} has returned {shorten(value)} instead of an {wanted}."


def _answer(answer: object, name: str, place: str) -> bool:
    if answer is None:
        raise AssertionError(
            f"{place}: the function of {name} has returned nothing. To fix: return what is to hold, or True at its end."
        )
    return bool(answer)


def _fits(fields: Mapping[str, Any], event: ArvoEvent) -> bool:
    actual = event.to_json()
    return all(name in actual and actual[name] == value for name, value in fields.items())


def _shown(events: list[ArvoEvent]) -> str:
    return "\n".join(event.to_json_text() for event in events) or "(no events)"


async def _settled(value: T | Awaitable[T]) -> T:
    return await value if inspect.isawaitable(value) else value
