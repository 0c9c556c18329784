"""`python -m examples.agent`: a task from question to answer on a Temporal server of its own, with a crash within."""

from __future__ import annotations

import argparse
import asyncio
import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client

from arvo_temporal import ArvoClient, ArvoPlugin, DevServer, run_command
from examples.agent.app import app
from examples.agent.contracts import Task
from examples.agent.costs import costs, table_of
from examples.agent.screen import Screen
from examples.agent.script import QUESTION, support
from examples.agent.scripted_endpoint import model_variables
from examples.agent.show import Show

_PACE = 0.03


async def main(stop: asyncio.Event, *, approved: bool) -> int:
    """Show a task; return 0 if it was answered.

    Args:
        stop: Asks it to end.
        approved: What the person decides.
    """
    task = asyncio.create_task(_show(approved))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    task.cancel()
    return await task


async def _show(approved: bool) -> int:
    screen = Screen()
    with TemporaryDirectory() as folder, model_variables(os.environ, support, _PACE) as (model, asked):
        async with DevServer(ui=False) as server:
            client = ArvoClient(await Client.connect(server.address, plugins=[ArvoPlugin(app)]), app)
            show = Show(server.address, Path(folder), model, approved, screen)
            subject, report = await show.run(client, Task(question=QUESTION, seconds=120))
            screen.say("outcome", report.outcome)
            screen.print(table_of(await costs(client, subject, report, asked)))
    return 0 if report.outcome == "answered" else 1


def _is_denied() -> bool:
    parser = argparse.ArgumentParser("python -m examples.agent", description=__doc__)
    parser.add_argument("--deny", action="store_true", help="let the person say no")
    return bool(parser.parse_args().deny)


if __name__ == "__main__":
    run_command(partial(main, approved=not _is_denied()))
