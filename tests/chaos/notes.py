"""What worker processes write down for the comparison, in files of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from arvo import ArvoEvent

FOLDER = "CHAOS_NOTES"
"""The environment variable that names the folder."""

RECEIVED = "received"
"""The id and the type of each event that a handler or publisher takes, as often as it does."""
GARBAGE = "garbage"
"""The id of each request that was answered with garbage, as often as it was, and the kind of garbage."""


def note(file: str, line: str) -> None:
    """Append a line at once, so that a killed worker has written all of it or nothing; without a folder, nothing."""
    if folder := os.environ.get(FOLDER):
        descriptor = os.open(Path(folder) / file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)


def note_received(event: ArvoEvent) -> None:
    """Write down that an event was received."""
    note(RECEIVED, f"{event.id} {event.type}")


def notes(file: str, folder: Path | None = None) -> list[str]:
    """Return the lines of a file, of the folder of this process if none is named."""
    path = (folder or Path(os.environ[FOLDER])) / file
    return path.read_text().splitlines() if path.exists() else []
