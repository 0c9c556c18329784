"""`make demo`: sends every order of `examples/orders` to a Temporal server of its own and shows what happens."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console
from rich.live import Live
from rich.table import Table
from temporalio.client import Client
from temporalio.worker import Worker

from arvo import ArvoError, ArvoEvent, MachineMemoryRecord
from arvo_temporal import ArvoClient, ArvoPlugin, DevServer, run_command
from examples.orders.app import app, desk
from examples.orders.contracts import order as order_contract
from examples.orders.incoming import IncomingOrder, incoming_orders

APP = "examples.orders.app:app"

OPEN_KEY = "2026-0011"
OPEN_ORDER = {
    "order_id": OPEN_KEY,
    "customer": "customer-11",
    "card": "4111",
    "items": [{"sku": "piano-upright", "quantity": 2, "price": 389000}],
    "parcels": [{"number": 1, "skus": ["piano-upright"], "address": "1 High Street, Leeds"}],
}
"""So much that a person has to approve it."""

_REFRESH = 0.25
_DEADLINE = 120.0
_HINTS = f"""Server and worker stay up (KEEP=1), and an order waits for you. Try, in another terminal:

    export TEMPORAL_ADDRESS={{address}} ARVO_APP={APP} PATH=$PWD/.venv/bin:$PATH

    arvo-temporal list
    arvo-temporal show order/{OPEN_KEY}
    arvo-temporal answer order/{OPEN_KEY}
"""


@dataclass
class Row:
    """What the table shows of one order."""

    order: IncomingOrder
    subject: str | None = None
    state: str = "sent"
    last_event: str = ""
    outcome: str | None = None
    reason: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the order has ended as its file says."""
        return self.outcome == self.order.expected


async def demo(stop: asyncio.Event, *, keep: bool) -> int:
    """Run the demo and return the exit code: 0 if every order ended as its file says.

    Args:
        stop: Asks it to end.
        keep: Become `arvo-temporal dev` afterwards, with an order that waits for an approval.
    """
    console = Console()
    with nullcontext(mkdtemp()) if keep else TemporaryDirectory() as folder:
        db_file = Path(folder) / "demo.db"
        async with DevServer(db_file=db_file) as server, _worker(server) as client:
            rows = await _send_all(client, server, console)
            if keep:
                await _leave_an_approval_open(client)
                console.print(_HINTS.format(address=server.address), soft_wrap=True)
    if keep:
        _become_dev(server, db_file)
    return 0 if all(row.as_expected for row in rows) else 1


def _become_dev(server: DevServer, db_file: Path) -> NoReturn:
    """Go on as the command for developers, with the server's data and addresses."""
    command = str(Path(sys.executable).with_name("arvo-temporal"))
    ports = [str(urlsplit(url).port) for url in (f"//{server.address}", server.ui_url)]
    options = ("--db-file", str(db_file), "--port", ports[0], "--ui-port", ports[1])
    os.execv(command, [command, "dev", APP, *options])


@asynccontextmanager
async def _worker(server: DevServer) -> AsyncIterator[ArvoClient]:
    client = await Client.connect(server.address, plugins=[ArvoPlugin(app)])
    async with Worker(client, task_queue=app.task_queue):
        yield ArvoClient(client, app)


async def _send_all(client: ArvoClient, server: DevServer, console: Console) -> list[Row]:
    """Send all orders, and show them until they have ended."""
    rows = [Row(order) for order in incoming_orders()]
    console.print(f"{len(rows)} orders. Temporal UI: {server.ui_url}\n")
    with Live(_table(rows), console=console, refresh_per_second=8) as live:
        async with asyncio.timeout(_DEADLINE):
            await _send(client, rows)
            while any(row.outcome is None for row in rows):
                await _approve(client)
                await _look(client, rows)
                live.update(_table(rows))
                await asyncio.sleep(_REFRESH)
    console.print(f"\n{_verdict(rows)}", soft_wrap=True)
    console.print(f"Temporal UI: {server.ui_url}/namespaces/default/workflows\n", soft_wrap=True)
    return rows


async def _leave_an_approval_open(client: ArvoClient) -> None:
    """Start one more order that a person has to approve, and wait until it is on the desk."""
    started = await client.start(order_contract, OPEN_ORDER, key=OPEN_KEY)
    row = Row(incoming_orders()[0], started.subject)
    async with asyncio.timeout(_DEADLINE):
        while not desk.waiting:
            await _look(client, [row])
            await asyncio.sleep(_REFRESH)


async def _send(client: ArvoClient, rows: Sequence[Row]) -> None:
    for row in rows:
        try:
            event = ArvoEvent.from_json(row.order.text)
            await client.deliver(event)
        except ArvoError as error:
            row.outcome, row.state, row.reason = "refused", "refused at the door", str(error)
        else:
            row.subject = event.subject


async def _approve(client: ArvoClient) -> None:
    for request in list(desk.waiting.values()):
        await client.deliver(desk.decide(request))


async def _look(client: ArvoClient, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.subject is not None and row.outcome is None:
            record = await client.record(row.subject)
            if record is not None:
                _show(row, record)


def _show(row: Row, record: MachineMemoryRecord) -> None:
    row.state = _state(record["value"])
    consumed = record["events"]["consumed"]
    row.last_event = consumed["type"] if consumed else ""
    if record["status"] == "done":
        summary = record["state"]["output"]
        row.outcome, row.reason = summary["outcome"], summary["reason"] or ""


def _state(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}.{_state(inner)}" for key, inner in value.items())
    return str(value)


def _table(rows: Sequence[Row]) -> Table:
    table = Table("order", "state", "last event", "outcome", "as expected")
    for row in rows:
        verdict = "" if row.outcome is None else ("yes" if row.as_expected else f"no: {row.order.expected}")
        table.add_row(row.order.name, row.state, row.last_event, row.outcome or "", verdict)
    return table


def _verdict(rows: Sequence[Row]) -> str:
    reasons = [f"  {row.order.name}: {' '.join(row.reason.split())}" for row in rows if row.reason]
    good = sum(row.as_expected for row in rows)
    return "\n".join([f"{good} of {len(rows)} orders ended as their files say.", *reasons])


if __name__ == "__main__":
    run_command(partial(demo, keep="--keep" in sys.argv[1:]))
