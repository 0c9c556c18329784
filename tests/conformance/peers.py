"""Replay the vectors of peer suites: XState's own unit tests, SCION and W3C's SCXML tests.

They are read where they are: in a folder beside the checkout, or in that which `PEERS_VECTORS` names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from tests.conformance import scxml_peers, xstate_peers
from tests.conformance.folders import whole_folder

PLAYERS: Final[dict[str, Callable[[Any], str | None]]] = {
    "xstate": xstate_peers.first_difference,
    "scion": scxml_peers.first_difference,
    "w3c": scxml_peers.first_difference,
}


def run() -> int:
    """Replay all vectors, print a line per suite, and return the number of failures."""
    folder = whole_folder("peers")
    if folder is None:
        print("The vectors of peer suites are not here: PEERS_VECTORS names their folder")
        return 0
    failures = 0
    for suite in PLAYERS:
        wrong = dict(differences(folder, suite))
        apart = len(xstate_peers.APART) if suite == "xstate" else 0
        passed = len(vectors(folder, suite)) - len(wrong) - apart
        print(f"{suite}.jsonl: {passed} passed, {len(wrong)} failed, {apart} apart")
        for name, difference in wrong.items():
            print(f"  {name}: {difference}")
        failures += len(wrong)
    for name, reason in xstate_peers.APART.items():
        print(f"  apart   {name}: {reason}")
    return failures


def vectors(folder: Path, suite: str) -> list[dict[str, Any]]:
    """The vectors of a suite."""
    return [json.loads(line) for line in (folder / f"{suite}.jsonl").read_text(encoding="utf-8").splitlines()]


def differences(folder: Path, suite: str) -> Iterator[tuple[str, str]]:
    """The vectors that differ, with the first difference, but for those that are to differ: these have to."""
    for vector in vectors(folder, suite):
        name, difference = vector["name"], PLAYERS[suite](vector)
        apart = suite == "xstate" and name in xstate_peers.APART
        if apart and difference is None:
            yield name, "agrees, and was to differ"
        elif difference is not None and not apart:
            yield name, difference
