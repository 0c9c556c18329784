"""What holds for every event and every text, not only for examples."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from arvo.errors import InvalidEventError, InvalidSubjectError
from arvo.events import ArvoEvent, create_arvo_event
from arvo.events.fields import ARVO_FIELDS, CONTEXT_FIELDS, TRACE_FIELDS, are_usual, check_group
from arvo.events.subject import ArvoOrchestrationSubject
from arvo.wire.uri import encode_uri, is_valid_uri

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)
objects = st.dictionaries(texts, values)
names = st.lists(st.text("abz019", min_size=1), min_size=3, max_size=5).map(".".join)
domains = st.none() | st.text("abz019.", min_size=1)
extensions = st.dictionaries(st.text("xyz0", min_size=1), st.none() | st.booleans() | st.integers(0, 9) | texts)


@given(names, texts.filter(bool), texts.filter(bool), objects, domains, extensions)
def test_an_event_survives_its_json(
    type_: str, source: str, subject: str, data: Any, domain: str | None, extra: Any
) -> None:
    event = create_arvo_event(type=type_, source=source, subject=subject, data=data, domain=domain, extensions=extra)
    assert ArvoEvent.from_json(event.to_json_text()) == event
    assert ArvoEvent.from_json(event.to_json_bytes()).to_json_bytes() == event.to_json_bytes()
    assert ArvoEvent.from_json(json.dumps(event.to_json())) == event


@given(st.dictionaries(st.sampled_from([*ArvoEvent.__slots__, "x"]), values))
def test_any_object_is_an_event_or_is_refused(document: dict[str, Any]) -> None:
    with suppress(InvalidEventError):
        event = ArvoEvent.from_json(document)
        assert ArvoEvent.from_json(event.to_json()) == event


@given(st.text() | st.binary())
def test_any_text_is_an_event_or_is_refused(source: str | bytes) -> None:
    with suppress(InvalidEventError):
        assert isinstance(ArvoEvent.from_json(source), ArvoEvent)


@given(texts)
def test_encoding_gives_a_uri_that_decodes_to_the_text(text: str) -> None:
    encoded = encode_uri(text)
    assert unquote(encoded) == text
    assert encoded.isascii()


@given(st.text("aB1 %2fFéC39/~-\ud800"))
def test_a_text_is_a_uri_where_decoding_and_encoding_leave_it_alone(text: str) -> None:
    if is_valid_uri(text):
        assert encode_uri(unquote(text)) == text


@given(names, names, texts.filter(lambda text: bool(text) and ";" not in text), domains, st.dictionaries(texts, texts))
def test_a_subject_says_what_it_was_made_of(
    name: str, initiator: str, execution: str, domain: str | None, meta: dict[str, str]
) -> None:
    content = {
        "orchestrator": {"name": name, "version": "1.0.0"},
        "execution": {"id": execution, "initiator": initiator, "domain": domain},
        "meta": meta,
    }
    subject = ArvoOrchestrationSubject.create(content)
    assert ArvoOrchestrationSubject.parse(subject).model_dump() == content
    assert encode_uri(subject) == subject


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_subject_or_is_refused(text: str) -> None:
    with suppress(InvalidSubjectError):
        assert ArvoOrchestrationSubject.parse(text).orchestrator.name


def almost(*usual: str) -> st.SearchStrategy[Any]:
    """Return values that look much like the usual ones, and may be those."""
    changed = st.sampled_from(usual).flatmap(
        lambda text: st.builds(
            lambda at, length, new: text[:at] + new + text[at + length :],
            st.integers(0, len(text)),
            st.integers(0, 2),
            st.text("aZ09.:-+T% é\n\ud800", max_size=2),
        )
    )
    return st.sampled_from(usual) | changed | st.sampled_from([None, "", 1, True, float("nan"), 2.0**1023, 2**1024])


FIELDS = {
    "id": almost("1"),
    "source": almost("com.web.shop"),
    "specversion": almost("1.0"),
    "type": almost("com.order.create"),
    "subject": almost("eJw/+="),
    "datacontenttype": almost("application/cloudevents+json;charset=UTF-8;profile=arvo", "application/json"),
    "dataschema": almost("#/order/1.0.0"),
    "time": almost("2025-02-28T10:20:30.000+00:00", "2025-07-31T10:20:30Z"),
    "to": almost("com.order.create"),
    "accesscontrol": almost("role:admin"),
    "redirectto": almost("com.order.audit"),
    "executionunits": almost("1") | st.floats() | st.integers(),
    "traceparent": almost("00-1-1-01"),
    "tracestate": almost("a=b"),
    "parentid": almost("1"),
    "domain": almost("external"),
}


@given(st.fixed_dictionaries(FIELDS), st.sampled_from([*FIELDS]))
def test_what_passes_as_usual_is_what_the_rules_allow(odd: dict[str, Any], name: str) -> None:
    usual = create_arvo_event(type="com.order.create", source="com.web.shop", subject="eJw", data={}).to_json()
    for fields in ({**usual, name: odd[name]}, odd):
        if are_usual(fields):
            for group in (CONTEXT_FIELDS, ARVO_FIELDS, TRACE_FIELDS):
                check_group(fields, group)


def test_what_this_package_creates_passes_as_usual() -> None:
    event = create_arvo_event(
        type="com.order.create",
        source="com.web.shop",
        subject="eJw",
        data={},
        time="2024-02-05T10:20:30.123+00:00",
        dataschema="#/order/1.0.0",
        executionunits=1,
        domain="external",
    )
    assert are_usual(event.to_json())
