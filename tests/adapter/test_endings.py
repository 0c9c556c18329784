"""How an orchestration ended is read as it was written: by its parent, by activities and by clients."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    RetryState,
    TerminatedError,
    TimeoutError,
    TimeoutType,
)

from adapter.endings import Cause, Ending, root_cause
from arvo import ArvoEvent
from arvo.orchestration import MachineMemoryRecord
from tests.apps import counted, counter_app, start_count

PARENT = start_count(goal=1).subject
RECORD: MachineMemoryRecord = {"executionStatus": "normal", "subject": "s", "status": "done", "machineDefinition": "{}"}
FAILED: MachineMemoryRecord = {"executionStatus": "failure", "subject": "s"}

ANSWER = counted(PARENT)
ABROAD = counted(PARENT, domain="abroad")
STRANGER = counted(start_count(goal=1).subject)
EVENTS = (ANSWER, ABROAD, STRANGER)


STEP = counter_app().orchestrators["arvo.orc.counter"].step(start_count(goal=0), None)


def completed(*events: ArvoEvent) -> Ending:
    produced = [event.to_json() for event in events]
    record: MachineMemoryRecord = {**RECORD, "events": {"consumed": None, "produced": produced}}
    return Ending.of_step(STEP._replace(record=record, events=events), record)


def thrown(*events: ArvoEvent, unreported: Exception | None = None) -> ApplicationError:
    """Return the failure of a workflow whose machine threw."""
    step = STEP._replace(record=FAILED, events=events, error=ArithmeticError("broken"), unreported=unreported)
    with pytest.raises(ApplicationError) as failure:
        Ending.of_step(step, FAILED).to_result(nested=True)
    return failure.value


def around(cause: FailureError) -> ChildWorkflowError:
    """Return what the workflow of a parent sees of the failure of its child's."""
    error = ChildWorkflowError(
        "Child Workflow execution failed",
        namespace="default",
        workflow_id="child",
        run_id="run",
        workflow_type="arvo.orc.counter",
        initiated_event_id=1,
        started_event_id=2,
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    error.__cause__ = cause
    return error


def ids(events: Any) -> list[str]:
    return [event.id for event in events]


def test_a_completion_is_read_as_it_was_written() -> None:
    ending = completed(*EVENTS)
    read = Ending.of_result(ending.to_result(nested=False))
    assert read.record == ending.record
    assert ids(read.events) == ids(EVENTS)
    assert read.cause is None


def test_the_result_for_a_parent_leaves_the_definition_out() -> None:
    assert completed().to_result(nested=True)["machineDefinition"] is None
    assert completed().to_result(nested=False)["machineDefinition"] == "{}"


@pytest.mark.parametrize("is_child", [False, True])
def test_a_failure_is_read_as_it_was_written(is_child: bool) -> None:
    failure = thrown(*EVENTS)
    read = Ending.of_failure(around(failure) if is_child else failure, "child")
    assert read.record == FAILED
    assert ids(read.events) == ids(EVENTS)
    assert read.cause == ("ArvoOrchestrationFailed", "ArithmeticError: broken")
    assert failure.non_retryable
    assert isinstance(failure.__cause__, ArithmeticError)


def test_a_failure_that_no_event_reports_says_so() -> None:
    read = Ending.of_failure(thrown(unreported=ValueError("no domain")), "child")
    assert read.events == ()
    assert read.cause is not None
    assert read.cause.message == "ArithmeticError: broken (no event could report it: no domain)"


def test_the_parent_reads_what_is_for_it_and_all_else_is_emitted() -> None:
    for ending in (completed(*EVENTS), Ending.of_failure(thrown(*EVENTS), "child")):
        assert ids(ending.for_parent(PARENT)) == [ANSWER.id]
        assert ids(ending.for_others(PARENT)) == [ABROAD.id, STRANGER.id]
        assert ids(ending.for_others(None)) == ids(EVENTS)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (TerminatedError("enough"), ("TerminatedError", "The orchestration 'child' was terminated: enough")),
        (CancelledError(), ("CancelledError", "The orchestration 'child' was cancelled.")),
        (
            TimeoutError("", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[]),
            ("TimeoutError", "The orchestration 'child' has taken longer than it may."),
        ),
        (ApplicationError("no such version", type="Refused"), ("Refused", "no such version")),
        (LookupError("lost"), ("LookupError", "lost")),
    ],
)
def test_an_end_by_force_is_named(error: Exception, cause: tuple[str, str]) -> None:
    ending = Ending.of_failure(error, "child")
    assert ending == Ending(None, (), Cause(*cause))
    assert ending.for_parent(PARENT) == []


def test_the_root_of_a_failure_is_what_the_application_raised() -> None:
    inner = ApplicationError("the road is closed", type="ConnectionError")
    inner.__cause__ = ApplicationError("deeper", type="OSError")
    assert root_cause(around(inner)) == ("ConnectionError", "the road is closed")
