"""What holds for every event and every text, not only for examples."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from arvo.errors import InvalidEventError, InvalidSubjectError
from arvo.event import ArvoEvent, create_arvo_event
from arvo.subject import ArvoOrchestrationSubject
from arvo.uri import encode_uri, is_valid_uri

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


@given(st.dictionaries(st.sampled_from([*ArvoEvent.model_fields, "x"]), values))
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
