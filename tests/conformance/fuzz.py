"""Compare with XState on random machines: `python -m tests.conformance.fuzz [--cases N] [--seed S] [--npm]`.

Needs Node and XState, found as `python -m benchmarks.statechart` finds them. What differs is printed with its seed;
`--keep FILE` writes these cases as vectors.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.statechart import xstate
from tests.conformance.random_machines import RandomMachine
from tests.conformance.statechart import first_difference

SCRIPT = Path(__file__).with_name("record.mjs")
BATCH = 100


def main() -> int:
    """Make, record and compare the cases; return 1 if one differs."""
    options = argparse.ArgumentParser(prog="python -m tests.conformance.fuzz")
    options.add_argument("--cases", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0, help="seed of the first case")
    options.add_argument("--npm", action="store_true", help="install XState among the temporary files if need be")
    options.add_argument("--keep", type=Path, metavar="FILE", help="write the cases that differ as vectors")
    given = options.parse_args()
    try:
        home = xstate.find(install=given.npm).home
    except xstate.NotHere as why:
        print(why)
        return 1
    seen: Counter[str] = Counter()
    differing = []
    for first in range(given.seed, given.seed + given.cases, BATCH):
        seeds = range(first, min(first + BATCH, given.seed + given.cases))
        for case in recorded([RandomMachine(seed).case() for seed in seeds], home):
            seen.update(cases=1, steps=len(case["steps"]), ended=_ended(case))
            difference = first_difference(case)
            if difference is not None:
                print(f"{case['name']}: {difference[:400]}", flush=True)
                differing.append(case)
    print(f"{seen['cases']} cases, {seen['steps']} steps: {len(differing)} differ")
    if given.keep:
        given.keep.write_text("".join(json.dumps(case) + "\n" for case in differing), encoding="utf-8")
    return 1 if differing else 0


def recorded(cases: list[dict[str, Any]], home: Path, timeout: float | None = None) -> Iterator[dict[str, Any]]:
    """The cases with what XState does.

    Raises:
        subprocess.TimeoutExpired: It takes longer than `timeout` seconds.
    """
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(
        ["node", str(SCRIPT)], input=lines, cwd=home, capture_output=True, text=True, check=True, timeout=timeout
    )
    yield from map(json.loads, done.stdout.splitlines())


def _ended(case: dict[str, Any]) -> int:
    return sum(step["expect"].get("status") != "active" for step in case["steps"])


if __name__ == "__main__":
    sys.exit(main())
