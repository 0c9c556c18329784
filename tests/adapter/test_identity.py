"""The workflow id of a subject: readable, within Temporal's limit, and one subject's own."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.identity import key_in_short
from arvo import ArvoOrchestrationSubject
from arvo.errors import InvalidSubjectError
from arvo_temporal import workflow_id

ids = st.text(min_size=1, max_size=300).filter(
    lambda text: ";" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
)


def subject(execution_id: str, *, meta: dict[str, str] | None = None) -> str:
    return ArvoOrchestrationSubject.create(
        {
            "orchestrator": {"name": "arvo.orc.order", "version": "1.0.0"},
            "execution": {"id": execution_id, "initiator": "com.shop.web", "domain": None},
            "meta": meta or {},
        }
    )


def test_it_reads_orchestrator_version_and_execution() -> None:
    assert workflow_id(subject("2026-0001")).startswith("arvo.orc.order/1.0.0/2026-0001/")


@given(ids)
def test_it_is_printable_and_never_over_255_characters(execution_id: str) -> None:
    identity = workflow_id(subject(execution_id))
    assert len(identity) <= 255
    assert identity.isascii()
    assert identity.isprintable()


@given(ids, ids)
def test_two_executions_have_two_ids(one: str, other: str) -> None:
    assert (workflow_id(subject(one)) == workflow_id(subject(other))) == (one == other)


def test_subjects_that_differ_in_anything_have_two_ids() -> None:
    assert workflow_id(subject("1")) != workflow_id(subject("1", meta={"redirectto": "com.a.b"}))


@pytest.mark.parametrize("text", ["x" * 60_000, "".join(map(str, range(12_000)))])
def test_many_long_subjects_are_not_kept(text: str) -> None:
    """Neither as they are, nor inflated: the first ones have 60,000 characters in some hundred."""
    tracemalloc.start()
    for number in range(200):
        workflow_id(subject(str(number), meta={"text": text}))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000


def test_what_is_no_subject_has_no_id() -> None:
    with pytest.raises(InvalidSubjectError):
        workflow_id("no-subject")


@given(ids)
def test_a_key_is_told_as_far_as_a_workflow_id_has_it(key: str) -> None:
    told = key_in_short(workflow_id(subject(key)))
    assert told == key or (told.endswith("…") and key.startswith(told[:-1]))


@pytest.mark.parametrize("key", ["x" * 300, "ö" * 100, "x" * 200 + "\U0001f600" * 20, "%" * 300, "a/b" * 100])
def test_of_a_key_that_is_too_long_the_beginning_is_told(key: str) -> None:
    told = key_in_short(workflow_id(subject(key)))
    assert key.startswith(told.removesuffix("…"))
    assert len(told) > 30


def test_what_is_no_workflow_id_of_an_orchestration_is_told_as_it_is() -> None:
    assert key_in_short("another/workflow") == "another/workflow"
