"""The spans around created events, and the trace that the events carry on."""

from __future__ import annotations

import pytest
from opentelemetry import trace

from arvo.errors import InvalidPayloadError
from arvo.events import create_arvo_event
from arvo.surroundings import Surroundings, use
from tests.arvo.contracts.test_factory import service
from tests.conformance.tracing import traced, view

DATA = {"number": 1}


def test_without_a_tracer_provider_there_is_no_trace() -> None:
    event = service.accepts(source="com.web.shop", data=DATA)
    assert (event.traceparent, event.tracestate) == (None, None)


def test_an_event_continues_the_span_of_its_factory() -> None:
    with traced() as recorder:
        event = service.accepts(source="com.web.shop", data=DATA)
    span = view(recorder.spans[0])
    assert len(recorder.spans) == 1
    assert span["name"] == "EventFactory.accepts<com.order.create>"
    assert span["status"] == "OK"
    assert span["attributes"]["arvo.contract.uri"] == "#/services/order"
    assert span["attributes"]["cloudevents.event_id"] == event.id
    assert event.traceparent == f"00-{span['trace']}-{span['span']}-01"


def test_a_trace_that_is_given_is_kept() -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with traced():
        event = service.accepts(source="com.web.shop", data=DATA, traceparent=given)
    assert event.traceparent == given


def test_a_refusal_is_on_the_span() -> None:
    with traced() as recorder, pytest.raises(InvalidPayloadError):
        service.accepts(source="com.web.shop", data={})
    span = view(recorder.spans[0])
    assert span["status"] == "ERROR"
    assert span["attributes"]["exception.type"] == "InvalidPayloadError"
    assert [event["name"] for event in span["events"]] == ["exception"]


def test_spans_nest() -> None:
    with traced() as recorder, trace.get_tracer("caller").start_as_current_span("outside"):
        create_arvo_event(type="com.order.create", source="com.web.shop", subject="s", data={})
    outside, inside = map(view, recorder.spans)
    assert inside["parent"] == outside["span"]


def test_surroundings_can_do_without_spans() -> None:
    with traced() as recorder, use(Surroundings(tracing=False)):
        assert service.accepts(source="com.web.shop", data=DATA).traceparent is None
    assert recorder.spans == []
