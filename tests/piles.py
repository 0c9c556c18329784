"""Piles and large events at their full sizes: `python -m tests.piles`, or some of them by their names.

Each is sent to one orchestration on a server of its own, with Temporal's own limits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from adapter.payload import to_raw
from arvo import ArvoEvent
from arvo_temporal import ArvoClient, OrchestrationBusyError, workflow_id
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server.server import DevServer
from tests.flood import app
from tests.histories import count_runs
from tests.quiet import quiet
from tests.tape import reading, start_tape, symbol

_NULLS = 60_000
_PILE = 70_000
_SHARING = 280
"""How many events of a pile come in one signal."""
_WITHOUT_A_WORKER = 70
_ONE_AFTER_THE_OTHER = 250

Serving = Callable[[], Awaitable[None]]
"""Starts the worker."""


@asynccontextmanager
async def _server() -> AsyncIterator[tuple[ArvoClient, Serving]]:
    """Run a server, and a worker from when it is asked for."""
    workers = list[ChildProcess]()
    with TemporaryDirectory() as folder:
        async with DevServer(ui=False, db_file=Path(folder) / "piles.db") as server:
            command = ["env", f"TEMPORAL_ADDRESS={server.address}", sys.executable, "worker.py", "tests.flood:app"]

            async def serve() -> None:
                workers.append(await ChildProcess.start(command, log_file=Path(folder) / "worker.log"))

            try:
                yield ArvoClient(await Client.connect(server.address, runtime=quiet()), app), serve
            finally:
                for worker in workers:
                    await worker.stop(within=20)


async def nulls(client: ArvoClient, serve: Serving) -> tuple[ArvoEvent, Sequence[str]]:
    """One signal of 60,000 nulls."""
    init = start_tape(1)
    await client.deliver(init)
    await _signal(client, init, [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"null"))] * _NULLS)
    await serve()
    await client.deliver(symbol(init.subject, 0))
    return init, await _differences(client, init, 1, refused=_NULLS)


async def pile(client: ArvoClient, serve: Serving) -> tuple[ArvoEvent, Sequence[str]]:
    """`execute` on a pile of 70,000 events."""
    init = start_tape(_PILE + 1)
    await client.deliver(init)
    for first in range(0, _PILE, _SHARING):
        await _signal(client, init, [to_raw(symbol(init.subject, value)) for value in range(first, first + _SHARING)])
    await serve()
    answer = await client.execute(symbol(init.subject, _PILE))
    wrong = [] if answer.fate == "applied" else [f"execute was answered with {answer.fate}"]
    return init, [*wrong, *await _misread(client, init, _PILE + 1)]


async def without_a_worker(client: ArvoClient, serve: Serving) -> tuple[ArvoEvent, Sequence[str]]:
    """70 events of 900 KB: as many as there is room for without a worker, and the rest with one."""
    init, busy = start_tape(_WITHOUT_A_WORKER), 0
    await client.deliver(init)
    for value in range(_WITHOUT_A_WORKER):
        while not await _has_room(client, _large(init, value, 900)):
            busy += 1
            if busy == 1:
                await serve()
    wrong = [] if busy else ["there was room for all of them without a worker"]
    return init, [*wrong, *await _differences(client, init, _WITHOUT_A_WORKER)]


def one_after_the_other(kilobytes: int) -> Phase:
    """Return the phase of one sender of 250 events, each of so many kilobytes, who waits for each of them."""

    async def phase(client: ArvoClient, serve: Serving) -> tuple[ArvoEvent, Sequence[str]]:
        await serve()
        init = start_tape(_ONE_AFTER_THE_OTHER)
        await client.deliver(init)
        for value in range(_ONE_AFTER_THE_OTHER):
            assert (await client.deliver(_large(init, value, kilobytes))).accepted
        return init, await _differences(client, init, _ONE_AFTER_THE_OTHER)

    return phase


Phase = Callable[[ArvoClient, Serving], Awaitable[tuple[ArvoEvent, Sequence[str]]]]
"""Sends something to an orchestration, and returns its init event and what is not as it should be."""

PHASES: dict[str, Phase] = {
    "one signal of 60,000 nulls": nulls,
    "execute on a pile of 70,000": pile,
    "70 of 900 KB, and then a worker": without_a_worker,
    **{f"250 of {size} KB, one after the other": one_after_the_other(size) for size in (300, 600, 900)},
}


async def _signal(client: ArvoClient, init: ArvoEvent, arguments: Sequence[RawValue]) -> None:
    await client.client.get_workflow_handle(workflow_id(init.subject)).signal("deliver_all", args=arguments)


async def _has_room(client: ArvoClient, event: ArvoEvent) -> bool:
    try:
        return (await client.deliver(event)).accepted
    except OrchestrationBusyError:
        return False


def _large(init: ArvoEvent, value: int, kilobytes: int) -> ArvoEvent:
    event = symbol(init.subject, value)
    return replace(event, data={**event.data, "padding": os.urandom(kilobytes * 500).hex()})


async def _differences(client: ArvoClient, init: ArvoEvent, number: int, refused: int = 0) -> Sequence[str]:
    """Return what became of the events of an orchestration that was sent 0, 1, 2 and so on, where it is wrong."""
    wrong = await _misread(client, init, number)
    counts = (await client.ledger(init.subject)).counts
    wanted = {"applied": number + 1} | ({"refused": refused} if refused else {})
    return wrong if counts == wanted else [*wrong, f"its events are {counts}"]


async def _misread(client: ArvoClient, init: ArvoEvent, number: int) -> Sequence[str]:
    output = (await client.result(init.subject))["state"]["output"]
    return [] if output == reading(range(number)) else [f"it has read {output}"]


async def measure(names: Sequence[str]) -> int:
    """Run phases, print how each went, and return how many differences there are."""
    console, found = Console(), 0
    table = Table("piles", "seconds", "runs", "differences")
    for name in names:
        async with _server() as (client, serve):
            begin = time.monotonic()
            init, wrong = await PHASES[name](client, serve)
            seconds = time.monotonic() - begin
            table.add_row(name, f"{seconds:,.1f}", str(await count_runs(client, init)), str(len(wrong)))
        for line in wrong:
            console.print(line, markup=False)
        found += len(wrong)
    console.print(table)
    return found


def main() -> int:
    """Run the command and return its exit code: 0 if each event has its fate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PHASES, []], help="which (default: all)")
    return int(bool(asyncio.run(measure(parser.parse_args().names or list(PHASES)))))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A process that has used a Temporal client can crash while Python ends (temporalio/sdk-python#300).
    os._exit(code)
