"""Compare the shortest paths with XState's: `python -m tests.conformance.paths [--cases N] [--seed S] [--record]`.

Needs Node and XState, found as `python -m benchmarks.statechart` finds them; `--npm` installs it if need be. What
differs is printed with its seed; `--record` writes the cases as the vectors that the tests replay.

XState's graph knows no clock, sends what a machine raises itself, and goes on where an actor has come to its end: the
machines here have neither timers nor final states. Their context counts to a bound, so that they come to an end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from arvo.statechart import create_machine
from arvo.statechart.graph import shortest_paths
from benchmarks.statechart import xstate
from tests.conformance.fuzz import recorded
from tests.conformance.operations import Operations
from tests.conformance.random_machines import EVENTS, RAISED, RandomMachine, State

VECTORS: Final = Path(__file__).parent / "vectors/paths/paths.jsonl"
LIMIT: Final = 200
TYPES: Final = dict.fromkeys((*EVENTS, *RAISED))
Json = dict[str, Any]


def main() -> int:
    """Make, record and compare the cases; return 1 if one differs."""
    options = argparse.ArgumentParser(prog="python -m tests.conformance.paths")
    options.add_argument("--cases", type=int, default=60)
    options.add_argument("--seed", type=int, default=0, help="seed of the first case")
    options.add_argument("--npm", action="store_true", help="install XState among the temporary files if need be")
    options.add_argument("--record", action="store_true", help=f"write the cases to {VECTORS.name}")
    given = options.parse_args()
    try:
        home = xstate.find(install=given.npm).home
    except xstate.NotHere as why:
        print(why)
        return 1
    cases = list(_recorded(range(given.seed, given.seed + given.cases), home))
    if given.record:
        VECTORS.write_text("".join(json.dumps(one) + "\n" for one in cases), encoding="utf-8")
    differing = [one["name"] for one in cases if found(one) != expected(one)]
    print(f"{len(cases)} cases, {sum(len(one['paths']) for one in cases)} paths: {differing or 'none'} differ")
    return 1 if differing else 0


def _recorded(seeds: Iterable[int], home: Path) -> Iterator[Json]:
    """The cases with what XState finds, without those that it finds nothing in, or does not come to an end with."""
    for seed in seeds:
        with suppress(subprocess.TimeoutExpired):
            made = next(recorded([case(seed)], home, timeout=10))
            if 1 < len(made.get("paths", ())) <= LIMIT:
                yield made


class _SmallMachine(RandomMachine):
    """Makes small machines without history: snapshots that differ by it only are one to XState."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.most, self.deepest = min(self.most, 8), min(self.deepest, 3)

    def _history_keys(self, state: State) -> list[str]:
        return []


def case(seed: int) -> Json:
    """A random machine whose graph XState can walk, with the events to try."""
    made = _SmallMachine(seed).case()
    events = [{"type": kind, "data": {"v": value}} for kind in TYPES for value in (0, 1)]
    return {
        "name": f"paths/{seed}",
        "config": _plain(made["config"]),
        "context": {"n": 0, "m": made["context"]["m"]},
        "graph": {"events": events, "limit": LIMIT * 14},
    }


def found(case: Json) -> list[str]:
    """What the graph of this engine comes to, with the lengths of the ways, in one order."""
    operations = Operations()
    config = {**operations.config(case["config"]), "context": case["context"]}
    machine = create_machine(config, guards=operations.guards, strict=False)
    paths = shortest_paths(machine, limit=LIMIT * 2, events=case["graph"]["events"])
    return _sorted({"value": path.state.value, "context": path.state.context, "weight": path.weight} for path in paths)


def expected(case: Json) -> list[str]:
    """The same of XState, to which two snapshots whose regions are listed in another order differ: the nearer one."""
    return _sorted(case["paths"])


def _sorted(paths: Iterable[Json]) -> list[str]:
    nearest: dict[str, int] = {}
    for path in paths:
        state = json.dumps([path["value"], path["context"]], sort_keys=True)
        nearest[state] = min(path["weight"], nearest.get(state, path["weight"]))
    return sorted(f"{state} {weight}" for state, weight in nearest.items())


def _plain(state: Json) -> Json:
    """A state without what only clocks and the machine itself bring about."""
    kept = {key: state[key] for key in ("type", "id") if state.get(key, "final") != "final"}
    if "states" in state:
        kept["states"] = {key: _plain(one) for key, one in state["states"].items()}
    if "initial" in state:
        given = state["initial"]
        kept["initial"] = given if isinstance(given, str) else given["target"]
    if "on" in state:
        kept["on"] = {name: _transitions(one) for name, one in state["on"].items() if not name.startswith("xstate.")}
    return kept


def _transitions(given: Any) -> Any:
    if isinstance(given, list):
        return [_transitions(one) for one in given]
    if not isinstance(given, dict):
        return given
    kept = {key: given[key] for key in ("target", "guard", "reenter") if key in given}
    if "actions" in given and _bound(kept.get("guard")):
        kept["actions"] = [{"type": "inc", "params": {"key": "n", "by": 1}}]
    return kept


def _bound(guard: Any) -> bool:
    return isinstance(guard, dict) and guard["type"] == "lt" and guard["params"]["key"] == "n"


if __name__ == "__main__":
    sys.exit(main())
