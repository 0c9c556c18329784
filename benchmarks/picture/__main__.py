"""What a picture costs: `python -m benchmarks.picture [--states N ...] [--json FILE]`.

Beside it stands Mermaid in Python, `mermaidx` (`pip install -e '.[benchmarks]'`), with the same machines as Mermaid
text. A cold picture is the first one of a process, with all that has to be loaded; a warm one is the same again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.picture.one import WAYS

PATIENCE = 300
"""Seconds after which a way is given up."""

Figures = dict[str, float] | str


def main() -> None:
    """Measure, print, and write JSON if asked to."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.picture", description="What a picture costs.")
    options.add_argument("--states", type=int, nargs="+", default=[30, 200, 1_000], metavar="N")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = options.parse_args()
    figures = {way: {states: measured(way, states) for states in given.states} for way in WAYS}
    Console(width=None if sys.stdout.isatty() else 120).print(table(figures, given.states))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


def measured(way: str, states: int) -> Figures:
    """Measure one way in a process of its own; what went wrong, if it did."""
    command = [sys.executable, "-m", "benchmarks.picture.one", way, str(states)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"over {PATIENCE} s"
    if run.returncode:
        return (run.stderr.strip().splitlines() or ["failed"])[-1][:40]
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


def table(figures: dict[str, dict[int, Figures]], sizes: list[int]) -> Table:
    """Lay the figures out: milliseconds, cold and warm."""
    shown = Table("states", title="Milliseconds per picture: cold, warm")
    for way in figures:
        shown.add_column(way, justify="right")
    for states in sizes:
        shown.add_row(str(states), *(_cell(figures[way][states]) for way in figures))
    return shown


def _cell(figures: Any) -> str:
    return figures if isinstance(figures, str) else f"{figures['cold']:,.0f}, {figures['warm']:,.1f}"


if __name__ == "__main__":
    main()
