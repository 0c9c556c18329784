"""Runs a worker: `python worker.py examples.orders.app:app --dev`."""

import typer

from arvo_temporal.cli import worker

if __name__ == "__main__":
    typer.run(worker)
