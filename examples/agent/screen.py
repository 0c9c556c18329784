"""Where the example shows what happens: who does what, and what the model writes while it writes it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table


class Screen:
    """Prints lines, and a model's turn piece by piece. It may be called from any thread."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._open_turn = 0

    def say(self, who: str, what: str) -> None:
        """Print a line: who does what."""
        self.end_turn()
        self._console.print(f"[bold cyan]{who:>14}[/]  ", end="")
        self._console.print(what, markup=False)

    def stream(self, turn: int, text: str) -> None:
        """Print the next piece of a turn of the model."""
        if turn != self._open_turn:
            self.end_turn()
            self._console.print(f"[bold green]{f'turn {turn}':>14}[/]  ", end="")
            self._open_turn = turn
        self._console.print(text, markup=False, end="")

    def end_turn(self) -> None:
        """Begin a new line, if a turn has begun one."""
        if self._open_turn:
            self._open_turn = 0
            self._console.print()

    def print(self, table: Table) -> None:
        """Print a table."""
        self.end_turn()
        self._console.print(table)
