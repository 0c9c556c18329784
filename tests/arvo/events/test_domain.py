"""What the symbols for domains stand for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from arvo.events.domain import ArvoDomain, resolve_event_domain
from arvo.events.subject import ArvoOrchestrationSubject
from arvo.telemetry import open_span
from tests.conformance.tracing import traced, view


def subject(domain: str | None) -> str:
    return ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.order", version="1.0.0", initiator="com.web.shop", domain=domain
    )


def resolve(domain: str | None, *, current: str = subject("own"), parent: str | None = None) -> str | None:
    return resolve_event_domain(
        domain,
        self_contract=SimpleNamespace(domain="self"),
        event_contract=SimpleNamespace(domain="event"),
        triggering_event=SimpleNamespace(domain="trigger"),
        current_subject=current,
        parent_subject=parent,
    )


@pytest.mark.parametrize(
    ("symbol", "domain"),
    [
        (ArvoDomain.LOCAL, None),
        ("", None),
        ("some.domain", "some.domain"),
        (ArvoDomain.FROM_SELF_CONTRACT, "self"),
        (ArvoDomain.FROM_EVENT_CONTRACT, "event"),
        (ArvoDomain.FROM_TRIGGERING_EVENT, "trigger"),
        (ArvoDomain.FROM_CURRENT_SUBJECT, "own"),
        (ArvoDomain.FROM_PARENT_SUBJECT, None),
        (ArvoDomain.ORCHESTRATION_CONTEXT, "own"),
    ],
)
def test_a_symbol_stands_for_a_domain(symbol: str | None, domain: str | None) -> None:
    assert resolve(symbol) == domain


def test_an_answer_goes_to_the_domain_of_the_parent_unless_both_share_it() -> None:
    assert resolve(ArvoDomain.ORCHESTRATION_CONTEXT, parent=subject("parent")) == "parent"
    assert resolve(ArvoDomain.ORCHESTRATION_CONTEXT, parent=subject("own")) is None


def test_a_subject_that_cannot_be_read_has_no_domain() -> None:
    assert resolve(ArvoDomain.FROM_CURRENT_SUBJECT, current="nonsense") is None
    assert resolve(ArvoDomain.ORCHESTRATION_CONTEXT, current="nonsense", parent="nonsense") is None


def test_a_subject_that_cannot_be_read_is_noted_on_the_span() -> None:
    with traced() as recorder, open_span("caller"):
        resolve(ArvoDomain.FROM_CURRENT_SUBJECT, current="nonsense")
    span = view(recorder.spans[0])
    assert span["status"] == "OK"
    assert span["attributes"]["exception.type"] == "InvalidSubjectError"
