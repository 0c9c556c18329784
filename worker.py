"""Runs a worker: `python worker.py examples.orders.app:app --dev`."""

import typer

from adapter.cli import worker

if __name__ == "__main__":
    typer.run(worker)
