"""Where the example shows what happens: who does what, and what the model writes while it writes it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table


class Screen:
    """Prints lines, and a model's turn piece by piece. It may be called from any thread."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._turn = 0

    def say(self, who: str, what: str) -> None:
        """Print a line: who does what."""
        self._begin(who, "cyan")
        self._console.print(what, markup=False)

    def stream(self, turn: int, text: str) -> None:
        """Print the next piece of a turn of the model; a line end is the last one."""
        if turn != self._turn:
            self._begin(f"turn {turn}", "green")
        self._turn = 0 if text == "\n" else turn
        self._console.print(text, markup=False, end="")

    def break_off(self) -> None:
        """End a line that another process has left in the middle."""
        self._console.print(" ...")

    def print(self, table: Table) -> None:
        """Print a table."""
        self._console.print(table)

    def _begin(self, who: str, colour: str) -> None:
        self._console.print(f"[bold {colour}]{who:>14}[/]  ", end="")
