"""A worker for the agent: `python worker.py examples.agent.app:app` in a few lines, which says nothing of itself."""

from __future__ import annotations

from temporalio.worker import Worker

from arvo_temporal import ArvoPlugin, connect, run
from examples.agent.app import app


async def main() -> None:
    """Serve the app until this process is killed."""
    client = await connect()
    await Worker(client, task_queue=app.task_queue, plugins=[ArvoPlugin(app)]).run()


if __name__ == "__main__":
    run(main)
