"""`make soak`: SOAK_MINUTES (20) says how long; exit code 1 where a bound is not kept."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tests.soak.plot import draw
from tests.soak.run import Plan, Soak, soak
from tests.soak.samples import Sample

_FOLDER = Path(".arvo/soak")


def main() -> int:
    """Make the soak and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--plot", type=Path, default=_FOLDER / "soak.svg", help="where the plot goes (%(default)s)")
    plot = parser.parse_args().plot
    minutes = float(os.environ.get("SOAK_MINUTES", "20"))
    _FOLDER.mkdir(parents=True, exist_ok=True)
    plot.parent.mkdir(parents=True, exist_ok=True)
    plot.touch()  # where that fails, it is better known before
    console = Console()
    with _Progress(console) as progress:
        made = asyncio.run(soak(Plan(minutes * 60), _FOLDER, progress.tell))
    plot.write_text(draw(made))
    console.print("", _table(made), f"Plot: {plot}; logs: {_FOLDER}", sep="\n", soft_wrap=True)
    return 0 if all(verdict.kept for verdict in made.verdicts) else 1


class _Progress(Live):
    """One line that is renewed; where that cannot be, as in a file, a line each minute."""

    def __init__(self, console: Console) -> None:
        super().__init__(console=console, auto_refresh=False)
        self._minutes = 0

    def tell(self, sample: Sample, kills: int) -> None:
        """Show how far it is."""
        memory = "  ".join(f"{worker.memory:.0f}" for worker in sample.workers)
        line = (
            f"{sample.seconds / 60:5.1f} min  {sample.started} started, {sample.finished} done, {sample.open} open, "
            f"{kills} killed, {memory} MB"
        )
        if self.console.is_terminal:
            self.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)
        elif sample.seconds >= self._minutes * 60:
            self._minutes += 1
            print(line, flush=True)


def _table(made: Soak) -> Table:
    table = Table("", "found", "bound", "", title=f"A soak of {made.samples[-1].seconds / 60:.1f} minutes")
    for verdict in made.verdicts:
        table.add_row(verdict.what, Text(verdict.value), verdict.bound, "kept" if verdict.kept else "BROKEN")
    table.add_row("workers killed", f"{len(made.kills)}", "", "")
    table.add_row("workflows completed, nested ones included", f"{made.samples[-1].finished:,}", "", "")
    return table


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A process that has used a Temporal client can crash while Python ends (temporalio/sdk-python#300).
    os._exit(code)
