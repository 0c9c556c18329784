"""What the Temporal UI shows of an orchestration."""

from __future__ import annotations

from adapter.ledger import Fate, Ledger, LedgerEntry
from arvo.orchestration import MachineMemoryRecord
from tests.apps import counted, start_count
from workflows.details import describe

INIT = start_count(goal=1)


def entry(fate: Fate, type_: str | None) -> LedgerEntry:
    return LedgerEntry(id="1", type=type_, fate=fate, time="2026-01-01T00:00:00", code="ViolationError<Contract>")


def test_before_the_first_step_it_says_what_waits() -> None:
    assert describe(None, Ledger(10), 3) == "**Events** none yet, 3 waiting"


def test_the_newest_five_refusals_are_shown_in_their_order() -> None:
    ledger = Ledger(100)
    for number in range(7):
        ledger.enter(entry(Fate.REFUSED, f"evt.refused.no{number}"))
        ledger.enter(entry(Fate.APPLIED, "evt.tally.counted"))
    shown = [line for line in describe(None, ledger, 0).splitlines() if line.startswith("- refused")]
    assert [line.split("`")[1] for line in shown] == [f"evt.refused.no{number}" for number in range(2, 7)]


def test_what_was_no_event_is_called_that() -> None:
    ledger = Ledger(100)
    ledger.enter(entry(Fate.REFUSED, None))
    assert "- refused `not an event` at 2026-01-01T00:00:00: ViolationError<Contract>" in describe(None, ledger, 0)


def test_state_last_event_and_what_it_produced_are_shown_without_their_data() -> None:
    event = counted(INIT.subject, by=4711)
    record: MachineMemoryRecord = {
        "executionStatus": "normal",
        "subject": INIT.subject,
        "status": "active",
        "value": {"counting": "slowly"},
        "events": {"consumed": event.to_json(), "produced": [INIT.to_json()]},
    }
    text = describe(record, Ledger(10), 0)
    assert '**State** `{"counting": "slowly"}` (active)' in text
    assert "**Last event** `evt.tally.counted`" in text
    assert "- produced `arvo.orc.counter` for `arvo.orc.counter`" in text
    assert "4711" not in text


def test_a_failed_one_has_no_state_and_no_last_event() -> None:
    record: MachineMemoryRecord = {"executionStatus": "failure", "subject": INIT.subject}
    assert describe(record, Ledger(10), 0).splitlines()[0] == "**State** failure"
