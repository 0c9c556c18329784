"""What an event costs: `python -m benchmarks.statechart [--npm] [--json FILE]`.

Beside this engine stand other Python libraries (`pip install -e '.[benchmarks]'`) and XState on Node: `--npm` installs
it into a folder for temporary files, or `XSTATE_DIST` names a folder whose `node_modules` holds it. What is not there
is said and left out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.statechart.asks import Ask, asks
from benchmarks.statechart.libraries import WAYS
from benchmarks.statechart.libraries.arvo_statechart import megabytes_of_snapshots
from benchmarks.statechart.machines import Subject, subjects
from benchmarks.statechart.measure import LIBRARIES, NODE, OURS, Figure, measured, nanoseconds_by_engine

COLUMNS = (OURS, NODE, *(name for name in LIBRARIES if name != OURS))


def main() -> None:
    """Measure, print, and write JSON if asked to."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.statechart", description="What an event costs.")
    options.add_argument("--npm", action="store_true", help="install XState among the temporary files if need be")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = options.parse_args()
    machines = subjects()
    figures, missing = measured(machines, npm=given.npm)
    megabytes = megabytes_of_snapshots()
    answers = list(asks(figures, megabytes))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table(machines, figures))
    console.print(answered(answers))
    for line in (*missing, *differing(figures)):
        console.print(line, highlight=False, markup=False)
    if given.json:
        given.json.write_text(json.dumps(as_json(figures, answers, megabytes), indent=2) + "\n")


def table(machines: Sequence[Subject], figures: Sequence[Figure]) -> Table:
    """Lay the figures out, in microseconds, with how many times this engine's each is."""
    by = nanoseconds_by_engine(figures)
    shown = Table("machine", "way", title="Microseconds per event (times this engine's)")
    for engine in COLUMNS:
        shown.add_column(engine, justify="right")
    for way, words in WAYS.items():
        for machine in machines:
            ours = by[machine.key, way, OURS]
            cells = [_cell(by.get((machine.key, way, engine)), ours) for engine in COLUMNS]
            shown.add_row(machine.name, words, *cells)
        shown.add_section()
    return shown


def _cell(nanoseconds: float | None, ours: float) -> str:
    if nanoseconds is None:
        return ""
    text = f"{nanoseconds / 1000:.1f}"
    return text if nanoseconds == ours else f"{text} ({nanoseconds / ours:.1f})"


def answered(answers: Sequence[Ask]) -> Table:
    """Lay the asks out."""
    shown = Table("asked", "limit", "measured", "", title="What is asked")
    for one in answers:
        limit = f"{'>=' if one.at_least else '<='} {one.limit:g}"
        shown.add_row(one.text, limit, f"{one.ratio:.2f}", "met" if one.met else "NOT MET")
    return shown


def differing(figures: Sequence[Figure]) -> Iterator[str]:
    """Say who has not counted what this engine has."""
    ours = {(one.machine, one.way): one.counted for one in figures if one.engine == OURS}
    for one in figures:
        expected = ours[one.machine, one.way]
        if one.counted != expected:
            yield f"{one.engine} counts {one.counted} on ({one.machine}) where this engine counts {expected}"


def as_json(figures: Sequence[Figure], answers: Sequence[Ask], megabytes: float) -> dict[str, object]:
    """Everything that was measured."""
    return {
        "python": platform.python_version(),
        "figures": [asdict(one) for one in figures],
        "megabytes_of_100000_snapshots": megabytes,
        "asks": [{**asdict(one), "met": one.met} for one in answers],
    }


if __name__ == "__main__":
    main()
