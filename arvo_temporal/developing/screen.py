"""What a developer sees: where everything is, what is served, the state of the worker, and what happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from adapter.plain_text import plain_text
from arvo_temporal.developing.log_line import LogLine

_EVENTS = 12
_LINES = 8
_FATES = {"applied": "green", "duplicate": "dim", "late": "yellow"}
_WRONG = "red"


class Screen:
    """Shows a development: as one screen in a terminal, line by line elsewhere.

    Args:
        console: Where it is shown.
        addresses: Names and addresses that do not change.
    """

    def __init__(self, console: Console, addresses: Sequence[tuple[str, str]]) -> None:
        self._console = console
        self._addresses = addresses
        self._served: list[str] = []
        self._state = Text("starting ...")
        self._events: deque[LogLine] = deque(maxlen=_EVENTS)
        self._lines: deque[Text] = deque(maxlen=_LINES)
        self._is_live = console.is_terminal
        self._live: AbstractContextManager[Any] = (
            Live(get_renderable=self.picture, console=console, refresh_per_second=4) if self._is_live else nullcontext()
        )

    def __enter__(self) -> Screen:
        if not self._is_live:
            self._console.print(_grid(self._addresses))
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def says(self, state: str, *, wrong: bool = False) -> None:
        """Show the state of the worker."""
        self._state = Text(plain_text(state), style=_WRONG if wrong else "")
        if not self._is_live:
            self._console.print(self._state, soft_wrap=True)

    def starts(self) -> None:
        """Forget what the worker before has said that it serves."""
        self._served.clear()
        self._lines.clear()

    def shows(self, line: str) -> None:
        """Show a line that the worker, or its app, has printed."""
        self._served.append(line)
        del self._served[:-40]
        self._says_plainly(Text(plain_text(line)))

    def logs(self, line: LogLine) -> None:
        """Show a line of the worker's log: what became of an event, or what else it says."""
        if line.is_fate:
            self._events.append(line)
            self._says_plainly(Text("  ").join(_event_cells(line)))
            return
        style = _WRONG if line.level in ("", "ERROR", "CRITICAL") else "yellow"
        text = Text(plain_text(" ".join(filter(None, (_clock(line.time), line.level, line.text)))), style=style)
        self._lines.append(text)
        self._says_plainly(text)

    def picture(self) -> RenderableType:
        """Return all that is to be seen now, for rich."""
        events = Table(box=None, pad_edge=False, header_style="bold", expand=True)
        for name in ("time", "orchestration", "event", "fate", "state"):
            events.add_column(name, overflow="fold", no_wrap=name in ("time", "fate"))
        for line in self._events:
            events.add_row(*_event_cells(line))
        parts: list[RenderableType] = [_grid(self._addresses), "", *map(_plain, self._served), "", self._state, ""]
        parts += [events, *self._lines] if self._events else self._lines
        return Group(*parts, Text("Ctrl-C ends it.", style="dim"))

    def _says_plainly(self, text: Text) -> None:
        if not self._is_live:
            self._console.print(text, soft_wrap=True)


def _grid(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(plain_text(value)))
    return table


def _plain(line: str) -> Text:
    return Text(plain_text(line))


def _event_cells(line: LogLine) -> list[Text]:
    fate = line.field("fate")
    texts = (_clock(line.time), _name(line), line.field("event_type") or "-", fate, line.field("state"))
    cells = [Text(plain_text(text)) for text in texts]
    cells[3].stylize(_FATES.get(fate, _WRONG))
    return cells


def _name(line: LogLine) -> str:
    """Return orchestrator and key, as commands take them."""
    return "/".join(filter(None, (line.field("orchestrator"), line.field("key"))))


def _clock(time: str) -> str:
    """Return the time of the day in an ISO 8601 time."""
    return time[11:19]
