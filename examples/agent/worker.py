"""A worker for the agent: `python worker.py examples.agent.app:app` in a few lines, which says nothing of itself."""

from __future__ import annotations

import os
import sys
from threading import Thread

from temporalio.worker import Worker

from arvo_temporal import ArvoPlugin, connect, run
from examples.agent.app import app


async def main() -> None:
    """Serve the app until this process is killed, or whoever has started it is gone."""
    Thread(target=_end_with_the_show, daemon=True).start()
    client = await connect()
    await Worker(client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]).run()


def _end_with_the_show() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    run(main)
