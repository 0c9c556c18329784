"""What a handler raises is tried again where its policy says so, and is reported after the last try."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.common import RetryPolicy

from adapter.policies import EmissionMode
from arvo import ArvoEvent, HandlerOutput, create_arvo_event_handler
from arvo_temporal import AppError, EmissionPolicy
from tests.apps import ask, oracle_contract
from tests.conftest import Serve
from tests.resumables import Kind, as_machine_and_function, asker_app, output_of

in_each_mode = pytest.mark.parametrize("mode", ["activity", "local"])
POLICY = EmissionPolicy(
    timeout=timedelta(seconds=20),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3),
    retry_on=(ConnectionError, LookupError),
)
YES: HandlerOutput = {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}


class Oracle:
    """A handler that raises what it is given, one after the other, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self, event: ArvoEvent) -> HandlerOutput:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return YES


async def answer_of(
    serve: Serve, oracle: Callable[..., Any], policy: EmissionPolicy = POLICY, *, kind: Kind = "machine", **options: Any
) -> str:
    handler = create_arvo_event_handler(
        contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle}, **options
    )
    init = ask("Rain")
    async with serve(asker_app(handlers=[handler], policy=policy, kind=kind)) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    text: str = output_of(record)["text"]
    return text


@in_each_mode
@as_machine_and_function
async def test_it_is_tried_again_until_it_answers(serve: Serve, mode: EmissionMode, kind: Kind) -> None:
    oracle = Oracle(ConnectionError("no line"), ConnectionResetError("cut off"))
    assert await answer_of(serve, oracle, replace(POLICY, mode=mode), kind=kind) == "Yes"
    assert oracle.tries == 3


@in_each_mode
@as_machine_and_function
async def test_after_the_last_try_it_is_reported_as_it_was_raised(serve: Serve, mode: EmissionMode, kind: Kind) -> None:
    oracle = Oracle(*(KeyError(f"try {number}") for number in range(1, 5)))
    assert await answer_of(serve, oracle, replace(POLICY, mode=mode), kind=kind) == "KeyError: 'try 3'"
    assert oracle.tries == 3


async def test_the_report_is_the_one_of_the_handler(serve: Serve) -> None:
    reported: list[ArvoEvent] = []

    async def delphi(event: ArvoEvent) -> None:
        reported.append(event)

    oracle = Oracle(*(ConnectionError("no line") for _ in range(3)))
    handler = create_arvo_event_handler(
        contract=oracle_contract, executionunits=7, handler={"1.0.0": oracle}, system_error_domain=[None, "delphi"]
    )
    app = asker_app(handlers=[handler], publishers={"delphi": delphi}, policy=POLICY)
    init = ask("Rain")
    async with serve(app) as client:
        await client.deliver(init)
        record = await client.result(init.subject)
    (error,) = reported
    assert (error.type, error.domain, error.executionunits) == ("sys.com.oracle.ask.error", "delphi", 7)
    assert "no line" in error.data["errorStack"]
    consumed = record["events"]["consumed"]
    assert consumed is not None
    assert consumed["data"] == error.data


@in_each_mode
async def test_what_the_policy_does_not_name_is_reported_at_once(serve: Serve, mode: EmissionMode) -> None:
    oracle = Oracle(ValueError("no sense"))
    assert await answer_of(serve, oracle, replace(POLICY, mode=mode)) == "ValueError: no sense"
    assert oracle.tries == 1


async def test_a_kind_that_the_retry_policy_excludes_is_tried_once(serve: Serve) -> None:
    oracle = Oracle(ConnectionRefusedError("shut"))
    retry = replace(POLICY.retry, non_retryable_error_types=["ConnectionRefusedError"])
    assert await answer_of(serve, oracle, replace(POLICY, retry=retry)) == "ConnectionRefusedError: shut"
    assert oracle.tries == 1


@as_machine_and_function
async def test_the_report_is_there_too_where_the_time_for_all_tries_is_over(serve: Serve, kind: Kind) -> None:
    retry = replace(POLICY.retry, initial_interval=timedelta(seconds=30), maximum_attempts=0)
    oracle = Oracle(ConnectionError("no line"))
    policy = replace(POLICY, retry=retry, deadline=timedelta(seconds=10))
    assert await answer_of(serve, oracle, policy, kind=kind) == "ConnectionError: no line"
    assert oracle.tries == 1


async def test_a_report_too_large_for_a_failure_is_shortened(serve: Serve) -> None:
    oracle = Oracle(*(ConnectionError("\N{PILE OF POO}" * 2_000_000) for _ in range(3)))
    answer = await answer_of(serve, oracle, system_error_domain=[None, *(f"domain{n}" for n in range(40))])
    assert answer.startswith("ConnectionError: \N{PILE OF POO}")
    assert oracle.tries == 3


def test_one_class_is_enough() -> None:
    policy = EmissionPolicy(retry_on=OSError)
    assert policy.tries_again(ConnectionError())
    assert not policy.tries_again(ValueError())
    assert not EmissionPolicy().tries_again(OSError())


@pytest.mark.parametrize("given", ["ConnectionError", ("ConnectionError",), (int,), KeyboardInterrupt, [OSError, 5]])
def test_what_is_no_exception_is_refused(given: Any) -> None:
    with pytest.raises(AppError, match=r"retry_on=.*no class of exceptions"):
        EmissionPolicy(retry_on=given)


@pytest.mark.parametrize(
    ("oracle", "said"),
    [
        (lambda: {"type": "evt.oracle.ask.success", "data": {"text": 7}}, "ContractViolation: "),
        (Oracle(*(ConnectionError("no\nline") for _ in range(3))), "ConnectionError: no line"),
    ],
    ids=["a violation", "what was raised"],
)
async def test_each_try_is_one_line_of_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture, oracle: Callable[..., Any], said: str
) -> None:
    with caplog.at_level(logging.WARNING, "temporalio.activity"):
        await answer_of(serve, oracle)
    tries = [record for record in caplog.records if record.name == "temporalio.activity"]
    assert len(tries) == 3
    assert all(said in record.getMessage() and record.exc_info is None for record in tries)
    assert all("Traceback" not in caplog.handler.format(record) for record in tries)
    assert len(caplog.text.splitlines()) == len(caplog.records)
