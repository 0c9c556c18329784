"""The answer to a request, in one call."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from arvo import (
    InvalidEventError,
    create_arvo_event_factory,
    create_simple_arvo_contract,
)
from arvo.errors import InvalidPayloadError, UnknownEventTypeError
from tests.apps import tally_contract


class Question(BaseModel):
    text: str


oracle = create_arvo_event_factory(
    create_simple_arvo_contract(
        uri="#/test/oracle", type="oracle.ask", versions={"1.0.0": {"accepts": Question, "emits": Question}}
    ).version("1.0.0")
)
REQUEST = oracle.accepts(
    source="com.test.app", subject="question", data={"text": "Rain?"}, accesscontrol="all", traceparent="00-1-2-01"
)


def test_it_goes_back_to_who_has_asked() -> None:
    answer = oracle.answer(REQUEST, data={"text": "Yes"})
    assert (answer.type, answer.source, answer.to) == ("evt.oracle.ask.success", "com.oracle.ask", "com.test.app")
    assert (answer.subject, answer.parentid) == ("question", REQUEST.id)
    assert (answer.accesscontrol, answer.traceparent) == ("all", "00-1-2-01")
    assert answer.dataschema == "#/test/oracle/1.0.0"
    assert answer.data == {"text": "Yes"}


def test_or_to_whom_it_is_to_be_sent() -> None:
    request = oracle.accepts(source="com.test.app", subject="a", data={"text": "Rain?"}, redirectto="com.test.other")
    assert oracle.answer(request, data=Question(text="Yes")).to == "com.test.other"


def test_what_is_said_otherwise_holds() -> None:
    answer = oracle.answer(REQUEST, data={"text": "Yes"}, id="mine", domain="outside", to="com.test.third")
    assert (answer.id, answer.domain, answer.to) == ("mine", "outside", "com.test.third")


def test_of_several_answers_one_is_named() -> None:
    factory = create_arvo_event_factory(tally_contract.version("1.0.0"))
    request = factory.accepts(source="com.test.app", subject="a", data={"goal": 1})
    with pytest.raises(UnknownEventTypeError, match=r"evt\.tally\.counted, evt\.tally\.failed: say which"):
        factory.answer(request, data={"by": 1})
    assert factory.answer(request, type="evt.tally.failed", data={"by": 1}).type == "evt.tally.failed"


def test_it_answers_only_requests_of_its_contract_and_only_by_it() -> None:
    with pytest.raises(InvalidEventError, match=r"'evt\.oracle\.ask\.success' is no request to 'com\.oracle\.ask'"):
        oracle.answer(oracle.answer(REQUEST, data={"text": "Yes"}), data={"text": "No"})
    with pytest.raises(InvalidPayloadError):
        oracle.answer(REQUEST, data={"txet": "Yes"})
