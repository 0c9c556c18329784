"""What log and metrics are told of an orchestration, event by event: the cases that its lines and labels tell apart."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from adapter.ledger import Fate, LedgerEntry
from adapter.routing import Route
from adapter.troubles import TroubleKind
from arvo import ArvoEvent
from arvo.orchestration import OrchestrationRecord
from tests.apps import counted, start_count
from tests.parcels import parcel
from tests.workflows.test_meters import Counted
from workflows import reports
from workflows.reports import Reports
from workflows.throttle import Throttle

OURS = "arvo_temporal.orchestration"
SUBJECT = start_count(goal=1).subject
EVENT = counted(SUBJECT)
OTHER = parcel("1").subject


@pytest.fixture
def meter() -> Counted:
    return Counted()


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch, meter: Counted, caplog: pytest.LogCaptureFixture) -> None:
    """Outside of a workflow all is new; what is counted comes to a meter of the test."""
    caplog.set_level(logging.DEBUG, OURS)
    monkeypatch.setattr(reports, "logger", logging.getLogger(OURS))
    monkeypatch.setattr(reports, "is_silent", lambda: False)
    monkeypatch.setattr(reports, "current_meter", lambda name, version: meter)
    monkeypatch.setattr(reports, "_throttle", Throttle(clock=lambda: 0.0))


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Return level and fate of each line, and all that it has."""
    return [(one.levelname, vars(one).get("fate"), vars(one)) for one in caplog.records if one.name == OURS]


def test_a_receiver_and_an_orchestrator_have_each_a_warning_of_their_own(caplog: pytest.LogCaptureFixture) -> None:
    for subject in (SUBJECT, OTHER):
        for to in ("com.a.b", "com.c.d", "com.a.b"):
            Reports(subject).emission(ArvoEvent.from_json({**EVENT.to_json(), "to": to}), Route.HANDLER, failed=True)
    assert [(level, one["orchestrator"], one["to"]) for level, _, one in lines(caplog) if level == "WARNING"] == [
        (level, name, to)
        for level, name in (("WARNING", "arvo.orc.counter"), ("WARNING", "arvo.orc.parcel"))
        for to in ("com.a.b", "com.c.d")
    ]


@pytest.mark.parametrize(
    ("way", "to"),
    [
        *((way, "com.some.router") for way in (Route.HANDLER, Route.ORCHESTRATION)),
        *((Route.CHILD, EVENT.type), (Route.PUBLISHER, "people"), (Route.INBOX, ""), (Route.NOWHERE, "")),
    ],
)
def test_an_emission_is_counted_by_who_takes_it(meter: Counted, way: Route, to: str) -> None:
    event = ArvoEvent.from_json({**EVENT.to_json(), "to": "com.some.router", "domain": "people"})
    Reports(SUBJECT).emission(event, way, failed=False)
    assert meter.found == [("arvo_emissions", 1, {"route": way.name.lower(), "to": to, "outcome": "done"})]


def test_all_troubles_that_end_at_once_are_counted(meter: Counted) -> None:
    Reports(SUBJECT).trouble_ends(TroubleKind.FAILED, 3)
    assert meter.found == [("arvo_trouble_ended", 3, {"kind": "failed"})]


def test_a_start_that_is_refused_is_counted_and_said(meter: Counted, caplog: pytest.LogCaptureFixture) -> None:
    Reports(SUBJECT).refused_start(EVENT, "ViolationError<Config>")
    assert meter.found == [("arvo_events", 1, {"fate": "refused"})]
    ((level, fate, _),) = lines(caplog)
    assert (level, fate) == ("WARNING", "refused")


def test_a_run_that_goes_on_knows_the_state_of_the_one_before(caplog: pytest.LogCaptureFixture) -> None:
    report = Reports(SUBJECT)
    report.resume(cast("OrchestrationRecord", {"value": {"paying": "card"}}))
    report.event(EVENT, LedgerEntry(id=EVENT.id, fate=Fate.DUPLICATE, time=EVENT.time))
    ((_, _, line),) = lines(caplog)
    assert line["state"] == '{"paying": "card"}'


def test_after_a_replay_the_state_is_the_one_that_it_has_come_to(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, meter: Counted
) -> None:
    report = Reports(SUBJECT)
    with monkeypatch.context() as replay:
        replay.setattr(reports, "is_silent", lambda: True)
        report.step(1, EVENT.type, EVENT, Fate.APPLIED, "counting", left={}, took=0.5)
    assert (meter.found, lines(caplog)) == ([], [])
    report.event(EVENT, LedgerEntry(id=EVENT.id, fate=Fate.APPLIED, time=EVENT.time, step=2))
    assert lines(caplog)[0][2]["state"] == "counting"


@pytest.mark.parametrize(("fate", "said"), [(Fate.APPLIED, ["DEBUG"]), (Fate.FAILED, [])])
def test_a_timer_has_a_line_unless_its_machine_throws_which_is_said_elsewhere(
    caplog: pytest.LogCaptureFixture, meter: Counted, fate: Fate, said: list[str]
) -> None:
    Reports(SUBJECT).step(3, "xstate.after.1.x", None, fate, "over", left={"waiting": 60.0}, took=0.25)
    assert [level for level, _, _ in lines(caplog)] == said
    assert meter.measured == [("arvo_step_time", 0.25, {}), ("arvo_state_time", 60.0, {"state": "waiting"})]
    assert meter.found == [("arvo_steps", 1, {"cause": "timer"})]


def test_a_failure_that_nobody_handles_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    report = Reports(SUBJECT)
    report.event(EVENT, LedgerEntry(id=EVENT.id, fate=Fate.UNHANDLED, time=EVENT.time, code="NoRoute"))
    report.unheard(EVENT, Fate.UNHANDLED, "NoRoute", "nobody takes it")
    assert [(level, fate) for level, fate, _ in lines(caplog)] == [("ERROR", "unhandled")]
