"""The command line, `arvo-temporal`."""

from arvo_temporal.cli.main import main
from arvo_temporal.cli.workers import worker

__all__ = ["main", "worker"]
