"""When a worker explains a changed machine, over several tries to replay one run: pure, with a clock of the test's."""

from __future__ import annotations

import json
from typing import cast

import pytest

from adapter.definition_changes import ChangedMachine, definition_changes
from adapter.observation import HistoryEntry
from arvo.orchestration import OrchestrationRecord
from arvo_temporal.replay.changed_parts import ChangedParts
from arvo_temporal.replay.guarded_run import GuardedRun
from tests.trips import trip_machine

THEN = json.loads(trip_machine().definition)
NOW = trip_machine(states={"booking": {"entry": ["note", "book"]}})
CHANGES = tuple(definition_changes(THEN, json.loads(NOW.definition)))
STEPS = [("arvo.orc.trip", "approving"), ("evt.desk.noted", "approving"), ("evt.desk.approved", "booking")]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def guarded(clock: Clock, *, remembered: bool = True) -> GuardedRun:
    changed = ChangedMachine("1.0.0", CHANGES if remembered else None)
    return GuardedRun("trip", changed, ChangedParts(THEN, NOW) if remembered else None, clock)


def tried(run: GuardedRun) -> int | None:
    """Replay the steps once more, and return at which one it was explained."""
    run.begin()
    run.go_on_from(None)
    for number, (event, value) in enumerate(STEPS, start=1):
        record = cast("OrchestrationRecord", {"value": value})
        if run.look_at(HistoryEntry(number, "id", event, "now", record, ())) is not None:
            run.settle()  # Temporal asks what has failed
            return number
    return None


def test_it_is_explained_at_the_step_and_the_next_try_is_let_through() -> None:
    run = guarded(Clock())
    assert [tried(run), tried(run)] == [3, None]
    assert not run.fits
    run.settle()
    assert run.fits


def test_a_try_that_is_broken_off_is_explained_in_turn_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    run = guarded(Clock())
    assert [tried(run) for _ in range(6)] == [3, None, 3, None, 3, None]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "Step 3 (evt.desk.approved)" in record.getMessage()
    assert "was broken off" in record.getMessage()


def test_who_comes_long_after_an_explanation_gets_one_too_but_not_a_third() -> None:
    clock = Clock()
    run = guarded(clock)
    told = []
    for _ in range(6):
        told.append(tried(run))
        clock.now += 1000
    assert told == [3, 3, None, 3, 3, None]


def test_of_a_machine_that_is_not_remembered_it_is_explained_at_once_after_a_try_was_broken_off() -> None:
    run = guarded(Clock(), remembered=False)
    assert [tried(run) for _ in range(4)] == [None, 1, None, 1]
