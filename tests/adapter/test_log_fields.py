"""The fields of a line of the log: bounded, whatever an event of somebody else has."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

from adapter.identity import workflow_id
from adapter.log_fields import current_fields, event_fields, log_about, orchestration_fields
from arvo import ArvoEvent
from tests.apps import counted, start_count
from tests.parcels import parcel


def test_an_orchestration_is_told_by_what_commands_take() -> None:
    subject = start_count(goal=1).subject
    fields = orchestration_fields(subject)
    assert (fields["subject"], fields["workflow_id"]) == (subject, workflow_id(subject))
    assert (fields["orchestrator"], fields["version"]) == ("arvo.orc.counter", "1.0.0")


def test_a_subject_of_nobody_is_a_field_all_the_same() -> None:
    assert orchestration_fields("nobody's") == {"subject": "nobody's"}
    assert orchestration_fields("x" * 5000) == {"subject": "x" * 2000}


def test_the_fields_of_others_are_bounded() -> None:
    init = parcel("k" * 5000)
    assert orchestration_fields(init.subject)["key"] == "k" * 2000
    event = ArvoEvent.from_json({**counted(init.subject).to_json(), "id": "i" * 5000, "type": f"com.some.{'t' * 5000}"})
    assert {len(value) for name, value in event_fields(event).items() if name != "event_source"} == {2000}


def test_all_that_an_activity_logs_is_about_orchestration_and_event() -> None:
    event = counted(start_count(goal=1).subject)

    def told() -> Mapping[str, Any]:
        log_about(event)
        return current_fields()

    assert copy_context().run(told) == orchestration_fields(event.subject) | event_fields(event)
