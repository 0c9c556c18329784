"""The ledger keeps the newest fates, counts all, and stays small enough to be carried from run to run."""

from __future__ import annotations

from adapter.ledger import Fate, Ledger, LedgerEntry

_KEPT = 128 * 1024


def entry(number: int, fate: Fate = Fate.APPLIED, payload: str | None = None) -> LedgerEntry:
    complete = None if payload is None else True
    return LedgerEntry(id=str(number), type="evt.a.b", fate=fate, time="", payload=payload, complete=complete)


def test_the_newest_entries_are_kept_and_all_are_counted() -> None:
    ledger = Ledger(3)
    for number in range(5):
        ledger.enter(entry(number))
    ledger.enter(entry(5, Fate.LATE))
    assert [item["id"] for item in ledger.to_json()] == ["3", "4", "5"]
    assert ledger.counts == {"applied": 5, "late": 1}


def test_a_later_run_goes_on_with_what_an_earlier_one_has_left() -> None:
    earlier = Ledger(3)
    for number in range(3):
        earlier.enter(entry(number))
    later = Ledger(2, earlier.entries, earlier.counts)
    later.enter(entry(3))
    assert [item.id for item in later.entries] == ["2", "3"]
    assert later.counts == {"applied": 4}
    assert earlier.counts == {"applied": 3}


def test_violations_are_the_refused_ones() -> None:
    ledger = Ledger(9)
    for number, fate in enumerate([Fate.REFUSED, Fate.APPLIED, Fate.LATE, Fate.REFUSED]):
        ledger.enter(entry(number, fate))
    assert [item.id for item in ledger.violations()] == ["0", "3"]


def test_old_payloads_make_room_for_new_ones_and_their_entries_say_so() -> None:
    ledger = Ledger(9)
    for number in range(3):
        ledger.enter(entry(number, Fate.REFUSED, "x" * (_KEPT // 2)))
    assert [item.payload is not None for item in ledger.entries] == [False, True, True]
    assert [item.complete for item in ledger.entries] == [False, True, True]
    assert ledger.entries[0].id == "0"


def test_texts_of_any_length_leave_the_ledger_small_and_every_fate_counted() -> None:
    ledger = Ledger(256)
    for number in range(300):
        kept = ledger.enter(
            LedgerEntry(id=f"{number} " + "x" * 100_000, fate=Fate.REFUSED, time="", reason="y" * 9_000)
        )
    assert ledger.entries[-1] is kept
    assert kept.id is not None
    assert kept.id.startswith("299 ")
    assert sum(len(item.model_dump_json()) for item in ledger.entries) < 300 * 1024
    assert len(ledger.entries) > 50
    assert ledger.counts == {"refused": 300}
    later = Ledger(256, ledger.entries, ledger.counts)
    later.enter(LedgerEntry(id="x" * 2_000, fate=Fate.APPLIED, time=""))
    assert sum(len(item.model_dump_json()) for item in later.entries) < 300 * 1024
