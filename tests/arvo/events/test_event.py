"""What an ArvoEvent is and how one is created."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from arvo.errors import InvalidEventError, InvalidPayloadError
from arvo.events import ARVO_CONTENT_TYPE, ArvoEvent, create_arvo_event
from arvo.events.event_id import parse_arvo_event_id
from arvo.surroundings import Surroundings, deterministic_ids, use
from tests.conformance.tracing import traced, view


class Order(BaseModel):
    number: int
    placed: datetime


def make(**fields: Any) -> ArvoEvent:
    usual: dict[str, Any] = {"type": "com.order.create", "source": "com.web.shop", "subject": "order-1", "data": {}}
    return create_arvo_event(**{**usual, **fields})


def test_fills_in_what_is_usual() -> None:
    with use(Surroundings(new_id=lambda: "id-1", now=lambda: datetime(2025, 7, 1, 10, 20, 30, 4000, UTC))):
        event = make()
    assert event.id == "id-1"
    assert event.time == "2025-07-01T10:20:30.004+00:00"
    assert event.to == "com.order.create"
    assert event.specversion == "1.0"
    assert event.domain is None


def test_ids_repeat_with_their_seed_and_only_with_it() -> None:
    first, second = deterministic_ids("subject", "event"), deterministic_ids("subject", "event")
    ids = [first(), first()]
    assert ids == [second(), second()]
    assert ids[0] != ids[1]
    assert deterministic_ids("subjecte", "vent")() not in ids
    assert [UUID(one).version for one in ids] == [5, 5]


def test_encodes_what_has_to_be_a_uri() -> None:
    event = make(source="shop 1", to="https://x/ü?a=b#c", redirectto="a%20b")
    assert (event.source, event.to, event.redirectto) == ("shop%201", "https://x/%C3%BC?a=b#c", "a%2520b")


def test_the_constructor_refuses_instead_of_encoding() -> None:
    with pytest.raises(InvalidEventError, match="properly encoded URI") as refusal:
        ArvoEvent(**{**event_fields(), "source": "shop 1"})
    assert refusal.value.paths == ["source"]


def test_all_bad_fields_of_a_kind_are_named_at_once() -> None:
    with pytest.raises(InvalidEventError) as refusal:
        make(type="create", time="yesterday")
    assert sorted(refusal.value.paths) == ["time", "type"]
    assert "com" not in str(refusal.value).split("type:")[0]


def test_cannot_be_changed() -> None:
    data = {"items": [1]}
    event: Any = make(data=data)
    data["items"].append(2)
    assert event.data == {"items": [1]}
    with pytest.raises(FrozenInstanceError):
        event.type = "com.other.type"
    with pytest.raises(FrozenInstanceError):
        del event.type
    with pytest.raises((AttributeError, TypeError)):
        event.custom = 1
    assert (event.type, hasattr(event, "__dict__")) == ("com.order.create", False)


def test_a_copy_with_other_fields_is_checked_as_every_event() -> None:
    event, misspelt = make(extensions={"custom": 1}), cast("Any", {"tipe": "com.order.cancel"})
    other = replace(event, type="com.order.cancel", data={"why": "late"}, extensions={})
    assert other.to_json() == {
        **{name: value for name, value in event.to_json().items() if name != "custom"},
        "type": "com.order.cancel",
        "data": {"why": "late"},
    }
    with pytest.raises(InvalidEventError) as refusal:
        replace(event, type="NOT A TYPE")
    assert refusal.value.paths == ["type"]
    with pytest.raises(TypeError, match="has no field 'tipe'"):
        replace(event, **misspelt)
    assert event.type == "com.order.create"


def test_events_are_equal_where_their_json_is() -> None:
    event = make(extensions={"custom": 1})
    assert ArvoEvent.from_json(event.to_json()) == event
    assert len({event, ArvoEvent.from_json(event.to_json())}) == 1
    assert replace(event, data={"a": 1}) != event
    assert event != event.to_json()


def test_shows_its_fields() -> None:
    assert repr(make(id="id-1", subject="order-1")).startswith("ArvoEvent(id='id-1', source='com.web.shop', type=")


def test_writes_every_key_in_the_order_of_arvo() -> None:
    assert list(make(extensions={"custom": 1}).to_json()) == [
        *("id", "source", "specversion", "type", "subject", "datacontenttype", "dataschema", "data", "time"),
        "custom",
        *("to", "accesscontrol", "redirectto", "executionunits", "traceparent", "tracestate", "parentid", "domain"),
    ]


def test_numbers_are_written_as_javascript_writes_them() -> None:
    event = make(data={"whole": 3.0, "zero": -0.0, "none": float("nan"), "half": 0.5}, executionunits=float("inf"))
    assert json.loads(event.to_json_text())["data"] == {"whole": 3, "zero": 0, "none": None, "half": 0.5}
    assert '"whole":3,"zero":0,' in event.to_json_text()
    assert event.to_json()["executionunits"] is None


def test_data_may_be_a_model_and_comes_back_as_one() -> None:
    event = make(data=Order(number=7, placed=datetime(2025, 7, 1, tzinfo=UTC)))
    assert event.data == {"number": 7, "placed": "2025-07-01T00:00:00Z"}
    assert event.data_as(Order) == Order(number=7, placed=datetime(2025, 7, 1, tzinfo=UTC))


def test_data_that_does_not_fit_a_model_is_refused() -> None:
    with pytest.raises(InvalidPayloadError) as refusal:
        make(data={"number": "7"}).data_as(Order)
    assert sorted(refusal.value.paths) == ["number", "placed"]


def test_data_that_json_cannot_carry_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidEventError, match=r"data\.list\.1 is of type set"):
        make(data={"list": [1, {2}]})


@pytest.mark.parametrize("extensions", [{"Key": 1}, {"": 1}, {"key": [1]}, {"key": float("nan")}, {"k-k": 1}])
def test_extensions_that_cloudevents_does_not_know_are_refused(extensions: dict[str, Any]) -> None:
    with pytest.raises(InvalidEventError) as refusal:
        make(extensions=extensions)
    assert refusal.value.paths == list(extensions)


def test_an_id_can_say_what_the_event_repeats() -> None:
    managed = make(id={"deduplication": "ARVO_MANAGED", "value": " order-7 "})
    parsed = parse_arvo_event_id(managed.id)
    assert parsed is not None
    assert parsed.value == "order-7"
    assert make(id={"deduplication": "DEVELOPER_MANAGED", "value": " order-7 "}).id == "order-7"
    assert parse_arvo_event_id("order-7") is None


def test_travels_as_a_pydantic_field() -> None:
    class Envelope(BaseModel):
        events: list[ArvoEvent]

    envelope = Envelope(events=[make(extensions={"custom": "x"})])
    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope
    assert envelope.model_dump()["events"][0] == envelope.events[0].to_json()
    assert Envelope.model_validate({"events": [event.to_json() for event in envelope.events]}) == envelope
    with pytest.raises(ValidationError, match="not a valid ArvoEvent"):
        Envelope.model_validate({"events": [{"id": 1}]})


def test_pydantic_writes_it_wherever_it_stands() -> None:
    class Note(BaseModel):
        about: Any

    event = make(extensions={"custom": "x"})
    assert json.loads(to_json([event])) == [event.to_json()]
    assert json.loads(Note(about=event).model_dump_json()) == {"about": event.to_json()}


def test_has_a_json_schema() -> None:
    schema = TypeAdapter(ArvoEvent).json_schema()
    assert list(schema["properties"]) == list(make().to_json())


def test_can_be_copied_and_pickled() -> None:
    event = make(data={"a": [1]}, extensions={"custom": 1})
    deep = copy.deepcopy(event)
    assert deep == event
    assert deep.data is not event.data
    assert pickle.loads(pickle.dumps(event)) == event
    assert hash(copy.copy(event)) == hash(event)


@pytest.mark.parametrize("day", ["02-30", "02-29", "04-31", "06-31", "09-31", "11-31", "01-32", "00-10", "13-01"])
def test_a_day_that_its_month_does_not_have_is_refused(day: str) -> None:
    """In the form in which events are written, which is checked faster than others."""
    with pytest.raises(InvalidEventError) as refusal:
        make(time=f"2025-{day}T10:20:30.000+00:00")
    assert refusal.value.paths == ["time"]


@pytest.mark.parametrize("day", ["2024-02-29", "2025-02-28", "2025-04-30", "2025-01-29", "2025-01-30", "2025-12-31"])
def test_every_day_that_its_month_has_is_taken(day: str) -> None:
    assert make(time=f"{day}T10:20:30.000+00:00").time.startswith(day)


def test_an_unknown_field_is_not_ignored() -> None:
    with pytest.raises(TypeError, match="has no field 'redirect'"):
        ArvoEvent(**event_fields(), **cast("Any", {"redirect": "com.web.shop"}))


def event_fields() -> dict[str, Any]:
    fields = make().to_json()
    return {**fields, "id": "id-1"}


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: ArvoEvent(**fields),
        ArvoEvent.from_json,
        lambda fields: ArvoEvent.from_json(json.dumps(fields)),
        TypeAdapter(ArvoEvent).validate_python,
    ],
)
def test_no_constructor_makes_up_a_specversion(read: Callable[[Any], ArvoEvent]) -> None:
    fields = make().to_json()
    del fields["specversion"]
    with pytest.raises(
        (InvalidEventError, ValidationError), match="specversion: must be a non-empty text and is missing"
    ):
        read(fields)


@pytest.mark.parametrize(("given", "logs"), [("application/json", ["WARNING"]), (ARVO_CONTENT_TYPE, []), (None, [])])
def test_a_foreign_content_type_is_a_warning_on_the_span(given: str | None, logs: list[str]) -> None:
    with traced() as recorder:
        make(datacontenttype=given)
    (span,) = map(view, recorder.spans)
    assert [event["log"] for event in span["events"]] == logs
