"""What takes the place of an answer, and what leaves by a publisher, continues the trace of the event."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.trace import StatusCode

from arvo import ArvoEvent, SimpleEventBroker, create_arvo_event, emit
from arvo.handling import stand_in_error
from arvo.telemetry import open_span, parent_of
from tests.arvo.counting import start
from tests.arvo.test_broker_of_app import CALL, app_of
from tests.conformance.tracing import traced

REQUEST = create_arvo_event(type="com.bank.charge", source="com.test.app", subject="s", data={}, telemetry=False)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACED = replace(REQUEST, traceparent=f"00-{TRACE}-{SPAN}-01", tracestate="vendor=1")


def test_a_system_error_continues_the_trace_of_its_request() -> None:
    with traced() as recorder:
        error = stand_in_error(TRACED, "s", "TimeoutError", "it took too long")
    failure = recorder.spans[0]
    assert failure.name == "Failure<com.bank.charge>"
    assert failure.parent is not None
    assert f"{failure.parent.span_id:016x}" == SPAN
    assert failure.status.status_code is StatusCode.ERROR
    assert failure.status.description == "TimeoutError: it took too long"
    assert error.traceparent is not None
    assert error.traceparent.split("-")[1] == TRACE
    assert error.tracestate == "vendor=1"


@pytest.mark.parametrize("traceparent", [None, "no trace"])
def test_the_failure_of_a_request_without_a_trace_begins_none(traceparent: str | None) -> None:
    with traced() as recorder:
        error = stand_in_error(replace(REQUEST, traceparent=traceparent), "s", "NoRoute", "nobody takes it")
    assert recorder.spans == []
    assert error.traceparent is None


def test_an_event_whose_trace_cannot_be_read_belongs_to_the_current_one() -> None:
    assert parent_of(replace(REQUEST, traceparent="no trace")) is None


def test_where_nothing_is_traced_the_trace_of_the_request_is_passed_on() -> None:
    error = stand_in_error(TRACED, "s", "NoRoute", "nobody takes it")
    assert (error.traceparent, error.tracestate) == (TRACED.traceparent, TRACED.tracestate)


def test_an_unsampled_trace_stays_unsampled() -> None:
    with traced() as recorder:
        error = stand_in_error(replace(TRACED, traceparent=f"00-{TRACE}-{SPAN}-00"), "s", "NoRoute", "nobody")
    assert recorder.spans == []
    assert error.traceparent is not None
    assert error.traceparent.split("-")[1] == TRACE
    assert error.traceparent.endswith("-00")


async def test_publishers_and_failures_of_a_broker_are_in_the_trace_of_the_orchestration() -> None:
    seen: list[bool] = []

    async def publish(event: ArvoEvent) -> None:
        with open_span("of the publisher") as span:
            seen.append(span.is_recording)
        raise ConnectionError("the broker is away")

    app = app_of(emit({**CALL, "domain": ["out"]}), emit({**CALL, "domain": ["nowhere"]}), publishers={"out": publish})
    with traced() as recorder, pytest.raises(ConnectionError):
        await SimpleEventBroker.of(app).publish(start())
    spans = {span.name: span for span in recorder.spans}
    assert len({span.context.trace_id for span in recorder.spans if span.context}) == 1
    published = spans["publish out"]
    assert published.status.status_code is StatusCode.ERROR
    assert published.context is not None
    inner = spans["of the publisher"].parent
    assert inner is not None
    assert inner.span_id == published.context.span_id
    assert "Failure<com.number.add>" in spans
