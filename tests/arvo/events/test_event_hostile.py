"""Reading events from outside: whatever comes, there is an event or a refusal, and soon."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from arvo.errors import InvalidEventError
from arvo.events import ArvoEvent, create_arvo_event

SECONDS = 2.0


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def document(**changes: Any) -> dict[str, Any]:
    event = create_arvo_event(type="com.order.create", source="com.web.shop", subject="order-1", data={})
    return {**event.to_json(), **changes}


def text_with_data(data: str) -> str:
    return json.dumps(document()).replace('"data": {}', f'"data": {data}')


NOT_EVENTS = {
    "no json": "{",
    "nothing": "",
    "a list": "[]",
    "a number": "1",
    "NaN": text_with_data('{"a": NaN}'),
    "Infinity": text_with_data('{"a": -Infinity}'),
    "a key twice": text_with_data('{"a": 1, "a": 2}'),
    "a field twice": '{"id": "other", ' + json.dumps(document())[1:],
    "half a surrogate pair": text_with_data(r'{"a": "\ud800"}'),
    "half a surrogate pair as a key": text_with_data(r'{"\udc00": 1}'),
    "half a surrogate pair as an id": json.dumps(document(id="\ud800")),
    "broken UTF-8": b'{"id": "\xff"}',
    "UTF-16": json.dumps(document()).encode("utf-16"),
    "an integer of a million digits": text_with_data('{"a": ' + "9" * 1_000_000 + "}"),
    "an integer beyond all numbers": text_with_data('{"a": 1' + "0" * 400 + "}"),
    "megabytes of lists": text_with_data('{"a": ' + "[" * 3_000_000),
    "deep lists": text_with_data('{"a": ' + "[" * 500 + "]" * 500 + "}"),
    "deep objects": text_with_data('{"a":' * 500 + "1" + "}" * 500),
    "deep beyond recursion": text_with_data('{"a":' * 100_000 + "1" + "}" * 100_000),
    "more than four megabytes": text_with_data('{"a": "' + "x" * 5_000_000 + '"}'),
    "ten thousand extensions": json.dumps(document(**{f"x{n}": n for n in range(10_000)})),
    "ten thousand bad extensions": json.dumps(document(**{f"X{n}": [] for n in range(10_000)})),
    "an extension of a megabyte": json.dumps(document(**{"X" * 1_000_000: 1})),
    "a type of a megabyte": json.dumps(document(type="a." * 500_000)),
    "an invalid time": json.dumps(document(time="2025-02-30T00:00:00Z")),
    "a number for a text": json.dumps(document(source=1)),
    "a list for data": json.dumps(document(data=[])),
    "true for a number": json.dumps(document(executionunits=True)),
}


@pytest.mark.parametrize("source", NOT_EVENTS.values(), ids=NOT_EVENTS.keys())
def test_is_refused_with_a_message_of_bounded_length(source: str | bytes) -> None:
    with pytest.raises(InvalidEventError) as refusal:
        ArvoEvent.from_json(source)
    assert len(str(refusal.value)) < 2_500
    str(refusal.value).encode()


@pytest.mark.parametrize("source", [None, 1, [], object(), {1: 2}, {"id": object()}])
def test_what_is_no_json_at_all_is_refused(source: Any) -> None:
    with pytest.raises(InvalidEventError):
        ArvoEvent.from_json(source)


def test_an_object_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    with pytest.raises(InvalidEventError, match="nested deeper"):
        create_arvo_event(type="com.order.create", source="com.web.shop", subject="s", data=loop)


def test_reads_bytes_with_a_byte_order_mark_and_unusual_texts() -> None:
    original = document(data={"\u0000": "\u2028 \U0001f680", "deep": [[[[{}]]]]})
    assert ArvoEvent.from_json(b"\xef\xbb\xbf" + json.dumps(original).encode()).to_json() == original


def test_keys_that_may_be_null_may_be_absent() -> None:
    bare = {key: value for key, value in document().items() if value is not None}
    del bare["datacontenttype"]
    assert ArvoEvent.from_json(bare).to_json() == {**document(), "id": bare["id"], "time": bare["time"]}
