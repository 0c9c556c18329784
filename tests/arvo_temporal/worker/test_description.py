"""What a worker and a dev server say of themselves."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from temporalio.client import Client

from arvo_temporal.dev_server import DevServer
from arvo_temporal.worker.description import describe_dev_server, describe_worker
from arvo_temporal.worker.options import DevServerOptions, WorkerOptions
from tests.routed import multi, routed_app, router


async def test_brackets_in_a_name_are_not_taken_for_markup() -> None:
    console = Console(width=200)
    async with DevServer() as server:
        with console.capture() as shown:
            console.print(describe_dev_server(DevServerOptions(Path("[red]orders[/red] [/].db")), server))
    assert "[red]orders[/red] [/].db" in shown.get()


async def test_it_says_of_each_handler_what_reaches_it(server: DevServer) -> None:
    app = routed_app(router(), multi(), *router().handlers.values())
    console = Console(width=200)
    with console.capture() as shown:
        console.print(describe_worker(WorkerOptions(app, "sums"), await Client.connect(server.address), None))
    lines = [line.split(maxsplit=1) for line in shown.get().splitlines()]
    text = [" ".join(" ".join(line).split()) for line in lines]
    assert "router com.sums.router com.sums.add, com.sums.double" in text
    assert "multi handler com.sums.all" in text
    assert "handler com.sums.add 1.0.0" in text
