"""The command line, `arvo-temporal`."""

from arvo_temporal.cli.main import main, worker
from arvo_temporal.cli.process import run_command

__all__ = ["main", "run_command", "worker"]
