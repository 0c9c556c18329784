"""Test suites of handlers as pytest tests."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import ConfigViolation, ContractViolation, ExecutionResult
from arvo.events import ArvoEvent
from arvo.testing.suites import (
    ArvoTestCase,
    ArvoTestConfig,
    ArvoTestRepeat,
    ArvoTestStep,
    ArvoTestSuite,
    run_arvo_test_case,
    run_arvo_test_suites,
)
from tests.arvo.counting import answer, count_orchestrator, start

COUNTING = ArvoTestCase(
    name="counts to two",
    steps=[
        ArvoTestStep(input=lambda previous: start(goal=2), expected_events=[{"type": "com.number.add"}]),
        ArvoTestStep(
            input=lambda previous: answer(previous[0], 2) if previous else start(),
            expected_events=lambda events: events[0].data == {"total": 2},
        ),
    ],
)
REFUSED = ArvoEvent.from_json({**start().to_json(), "data": {"parentSubject$$": None, "goal": "x"}})
REFUSING = ArvoTestCase(
    name="refuses a goal that is no number", steps=[ArvoTestStep(input=REFUSED, expected_error=ContractViolation)]
)


async def echo(event: ArvoEvent) -> ExecutionResult:
    return ExecutionResult([event])


test_counting = run_arvo_test_suites(
    [ArvoTestSuite(config=ArvoTestConfig(handler=count_orchestrator()), cases=[COUNTING, REFUSING])]
)
test_functions_and_several_of_them = run_arvo_test_suites(
    [
        ArvoTestSuite(
            config=[ArvoTestConfig(fn=echo), ArvoTestConfig(fn=echo, name="again")],
            cases=[ArvoTestCase(name="echoes", steps=[ArvoTestStep(input=start(), expected_events=[{}])])],
        )
    ]
)


async def failure_of(step: ArvoTestStep) -> str:
    config = ArvoTestConfig(handler=count_orchestrator())
    with pytest.raises(AssertionError) as caught:
        await run_arvo_test_case(config, ArvoTestCase(name="case", steps=[step]))
    return str(caught.value)


async def test_a_step_that_fails_says_which_it_is_and_what_came() -> None:
    message = await failure_of(ArvoTestStep(input=start(), expected_events=[{"type": "com.some.thing"}]))
    assert message.startswith("arvo.orc.count, case 'case', step 1: the events are not as expected")
    assert '"type":"com.number.add"' in message
    assert "an error was expected" in await failure_of(ArvoTestStep(input=start(), expected_error=ConfigViolation))
    assert "not as expected" in await failure_of(ArvoTestStep(input=start(), expected_events=lambda events: False))


def forgetful(value: object) -> Any:
    bool(value)


async def forgetful_async(value: object) -> Any:
    bool(value)


@pytest.mark.parametrize("function", [forgetful, forgetful_async])
async def test_a_forgotten_return_fails_the_step(function: Any) -> None:
    message = await failure_of(ArvoTestStep(input=start(), expected_events=function))
    assert message.startswith(
        "arvo.orc.count, case 'case', step 1: the function of expected_events has returned nothing"
    )
    message = await failure_of(ArvoTestStep(input=REFUSED, expected_error=function))
    assert "step 1: the function of expected_error has returned nothing" in message


async def test_an_input_or_a_function_under_test_that_returns_nothing_is_named() -> None:
    message = await failure_of(ArvoTestStep(input=forgetful))
    assert message == (
        "arvo.orc.count, case 'case', step 1: the function of input has returned None instead of an ArvoEvent."
    )
    for step in (ArvoTestStep(input=start()), ArvoTestStep(input=start(), expected_error=ConfigViolation)):
        with pytest.raises(AssertionError, match="forgetful_async has returned None instead of an ExecutionResult"):
            await run_arvo_test_case(ArvoTestConfig(fn=forgetful_async), ArvoTestCase(name="case", steps=[step]))


@pytest.mark.parametrize("falsy", [False, 0, [], ""])
async def test_what_is_not_true_fails_the_step(falsy: Any) -> None:
    assert "not as expected" in await failure_of(ArvoTestStep(input=start(), expected_events=lambda events: falsy))
    assert "not as expected" in await failure_of(ArvoTestStep(input=REFUSED, expected_error=lambda error: falsy))


async def test_a_function_may_wait_and_what_is_true_passes() -> None:
    async def counts(events: list[ArvoEvent]) -> Any:
        return len(events)

    async def refuses(error: Exception) -> bool:
        return isinstance(error, ContractViolation)

    steps = [
        ArvoTestStep(input=start(), expected_events=counts),
        ArvoTestStep(input=REFUSED, expected_error=refuses),
    ]
    await run_arvo_test_case(ArvoTestConfig(handler=count_orchestrator()), ArvoTestCase(name="case", steps=steps))


async def test_a_case_may_fail_as_often_as_its_threshold_allows() -> None:
    runs: list[ArvoEvent] = []

    async def flaky(event: ArvoEvent) -> ExecutionResult:
        runs.append(event)
        return ExecutionResult([event] if len(runs) % 2 else [])

    def case(threshold: float) -> ArvoTestCase:
        steps = [ArvoTestStep(input=start(), expected_events=[{}])]
        return ArvoTestCase(name="flaky", steps=steps, repeat=ArvoTestRepeat(times=4, success_threshold=threshold))

    await run_arvo_test_case(ArvoTestConfig(fn=flaky), case(50))
    with pytest.raises(AssertionError, match=r"50% of 4 runs succeeded instead of 75%"):
        await run_arvo_test_case(ArvoTestConfig(fn=flaky), case(75))
