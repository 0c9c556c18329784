"""The vectors of peer suites as tests, where they are; and the players themselves, on vectors that stand here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import scxml_peers, xstate_peers
from tests.conformance.folders import whole_folder
from tests.conformance.peers import PLAYERS, differences, run, vectors

FOLDER = whole_folder("peers")
UNDECIDED: dict[str, Any] = {"status": "active", "context": {}, "output": None, "tags": [], "meta": {}, "history": {}}
CALLED = {"kind": "action", "fn": 1, "context": {}, "event": {"type": "E"}, "params": None}


@pytest.mark.parametrize("suite", PLAYERS if FOLDER else [])
def test_agrees_with_what_xstate_did_in_it(suite: str) -> None:
    assert FOLDER is not None
    assert len(vectors(FOLDER, suite)) > 90
    assert dict(differences(FOLDER, suite)) == {}


def recorded(**changed: Any) -> dict[str, Any]:
    """A vector of a machine whose only transition has an action."""
    go = {"E": {"target": "b", "actions": [{"$action": "function", "fn": 1}]}}
    first = {"op": "initial", "calls": [], "effects": [], "expected": {**UNDECIDED, "value": "a"}}
    second = {"op": "transition", "from": 0, "event": {"type": "E"}, "calls": [CALLED], "effects": []}
    second |= {"expected": {**UNDECIDED, "value": "b"}} | changed
    config = {"initial": "a", "states": {"a": {"on": go}, "b": {}}}
    return {"config": config, "actions": {}, "guards": {}, "delays": {}, "steps": [first, second]}


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({}, None),
        ({"calls": []}, "step 1: action 1 is called, recorded nothing None"),
        ({"calls": [{**CALLED, "fn": 2}]}, "action 1 is called, recorded action 2"),
        ({"calls": [CALLED, CALLED]}, "calls that are not made"),
        ({"calls": [{**CALLED, "context": {"n": 1}}]}, "what action 1 is given"),
        ({"calls": [{**CALLED, "throws": "no"}]}, "Thrown: no"),
        ({"effects": [{"emit": {"type": "X"}}]}, "effects"),
        ({"throws": "no"}, "recorded that it throws"),
        ({"expected": {**UNDECIDED, "value": "a"}}, 'value: "b", recorded "a"'),
    ],
)
def test_a_difference_from_a_recording_is_named(changed: dict[str, Any], difference: str | None) -> None:
    found = xstate_peers.first_difference(recorded(**changed))
    assert found is None if difference is None else difference in str(found)


def document(value: str, answer: str = "c") -> dict[str, Any]:
    """A vector of a document that counts, sends itself an event later, and decides."""
    wait = {"do": "send", "internal": False, "event": "later", "delayexpr": {"js": "'.5s'"}}
    count = {"do": "assign", "location": "n", "expr": {"js": "n + 1"}}
    decide = [{"target": ["#c"], "guard": {"js": "n === 1 && _event.name == 'later'"}}, {"target": ["#d"]}]
    states = {"a": {"id": "a", "entry": [count, wait], "on": {"later.*": decide}}, "c": {"id": "c"}, "d": {"id": "d"}}
    return {
        "mode": "steps",
        "xstate_runs": True,
        "config": {"initial": "a", "context": {"n": {"js": "0"}}, "states": states},
        "steps": [{"after": 499, "event": "t"}, {"after": 1, "event": "t"}],
        "expected": [["a"], ["a"], [answer]],
        "xstate": [{"status": "active", "value": one} for one in ("a", "a", value)],
    }


def test_a_difference_from_a_document_is_named() -> None:
    assert scxml_peers.first_difference(document("c")) is None
    assert "step 2: active 'c', recorded" in str(scxml_peers.first_difference(document("d")))
    assert "the suite asks for ['d']" in str(scxml_peers.first_difference(document("c", "d")))


def test_without_the_vectors_it_is_said_that_they_are_not_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.setenv("PEERS_VECTORS", str(tmp_path / "nowhere"))
    assert run() == 0
    assert "are not here" in capsys.readouterr().out
