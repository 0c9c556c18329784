"""What a dev server says of itself: names are shown as they are."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from arvo_temporal.dev_server import DevServer
from arvo_temporal.worker.description import describe_dev_server
from arvo_temporal.worker.options import DevServerOptions


async def test_brackets_in_a_name_are_not_taken_for_markup() -> None:
    console = Console(width=200)
    async with DevServer() as server:
        with console.capture() as shown:
            console.print(describe_dev_server(DevServerOptions(Path("[red]orders[/red] [/].db")), server))
    assert "[red]orders[/red] [/].db" in shown.get()
