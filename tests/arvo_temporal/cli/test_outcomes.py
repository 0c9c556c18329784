"""What `send` says of events, for people and for scripts: each once, in its place, and what is open at an early end."""

from __future__ import annotations

import json

import pytest

from adapter.delivery import DeliveryStatus
from adapter.errors import EventFileError
from arvo_temporal import Fate
from arvo_temporal.cli.outcomes import Outcomes
from arvo_temporal.cli.reading import Document
from arvo_temporal.client import Sent
from tests.apps import start_count

Captured = pytest.CaptureFixture[str]


def sent(status: DeliveryStatus | Fate, workflow_id: str | None = "w", reason: str | None = None) -> Sent:
    return Sent("i", "evt.x.y", status, workflow_id, reason)


def test_each_is_told_of_with_its_place(capsys: Captured) -> None:
    outcomes = Outcomes(as_json=False)
    for document in (Document(1), Document(4), Document(5, item=2)):
        outcomes.expect(document)
    outcomes.tell(sent(DeliveryStatus.DELIVERED))
    outcomes.tell(sent(DeliveryStatus.LATE, "w", "closed"))
    outcomes.tell(sent(Fate.REFUSED, None, "not \x1b[31m taken\nat all"))
    outcomes.refuse(Document(6), EventFileError("no JSON"), "goal (integer)\x07")
    out, err = capsys.readouterr()
    assert out == "delivered  w\nlate  w  line 4  closed\n"
    assert err == (
        "Error: line 5, item 2: not \\u001b[31m taken\nat all\nError: line 6: no JSON\n"
        "Expected: goal (integer)\\u0007\n"
    )
    assert outcomes.conclude() == 1
    assert capsys.readouterr().err == "1 taken, 3 not.\n"


def test_for_scripts_each_is_one_line_of_json_and_nothing_else(capsys: Captured) -> None:
    outcomes = Outcomes(as_json=True)
    outcomes.expect(Document(1, item=7))
    outcomes.expect(Document(2))
    outcomes.tell(Sent("a\u202e", "evt.x.y", Fate.APPLIED, events=(start_count(goal=1),)))
    outcomes.refuse(Document(3), EventFileError("no\nJSON"), "goal (integer)")
    outcomes.tell(sent(DeliveryStatus.EARLY, "w", "absent"))
    assert outcomes.conclude() == 1
    out, err = capsys.readouterr()
    assert (err, "\u202e" in out) == ("", False)
    first, second, third = map(json.loads, out.splitlines())
    assert first.pop("events")[0]["type"] == "arvo.orc.counter"
    assert first == {"line": 1, "item": 7, "id": "a\u202e", "type": "evt.x.y", "status": "applied"}
    assert second == {"line": 3, "status": "refused", "reason": "no\nJSON"}
    assert third == {
        **{"line": 2, "id": "i", "type": "evt.x.y", "status": "early", "workflow_id": "w"},
        "reason": "absent",
    }


def test_one_alone_is_not_counted_and_all_taken_is_exit_code_0(capsys: Captured) -> None:
    outcomes = Outcomes(as_json=False)
    outcomes.expect(Document(1))
    outcomes.tell(sent(Fate.UNHANDLED, None, "nobody"))
    assert outcomes.conclude() == 0
    assert capsys.readouterr() == ("unhandled  line 1  nobody\n", "")
    outcomes.expect(Document(2))
    outcomes.tell(sent(Fate.APPLIED, None))
    assert outcomes.conclude() == 0
    assert capsys.readouterr() == ("applied\n", "2 taken, 0 not.\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_an_early_end_says_what_is_open(capsys: Captured, as_json: bool) -> None:
    outcomes = Outcomes(as_json=as_json)
    outcomes.abandon()
    assert capsys.readouterr() == ("", "")
    outcomes.expect(Document(1))
    outcomes.abandon()
    assert capsys.readouterr().err.startswith("On its way was line 1: it may have been taken. Nothing after")
    outcomes.tell(sent(DeliveryStatus.DELIVERED))
    for line in (3, 4, 5):
        outcomes.expect(Document(line))
    outcomes.refuse(Document(6), EventFileError("no JSON"))
    capsys.readouterr()
    outcomes.abandon()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "It has ended early: 1 taken, 1 not."
    assert err.splitlines()[1].startswith("On its way was line 3 to line 5: it may have been taken.")
