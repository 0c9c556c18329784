"""Runs of pytest as a user starts them, with the plugin, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[3]

DOOR = """
from arvo.statechart import create_machine

door = create_machine(
    {
        "id": "door",
        "initial": "closed",
        "states": {
            "closed": {"on": {"OPEN": [{"guard": "has_key", "target": "open"}, {"target": "refused"}]}},
            "open": {"on": {"CLOSE": "closed"}, "after": {"1 minute": "closed"}},
            "refused": {"always": "closed"},
        },
    },
    guards={"has_key": lambda event: event.get("key", False)},
)
"""

OPENING = """
from arvo.statechart import initial_transition, transition
from door import door

def test_it_opens():
    snapshot, _ = initial_transition(door)
    snapshot, _ = transition(door, snapshot, {"type": "OPEN", "key": True})
    assert snapshot.value == "open"
"""

REFUSING = """
from arvo.statechart import initial_transition, transition
from door import door

def test_it_refuses():
    snapshot, _ = initial_transition(door)
    snapshot, _ = transition(door, snapshot, {"type": "OPEN"})
    assert snapshot.value == "closed"
"""


def run_pytest(
    folder: Path, files: dict[str, str], *arguments: str, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Write files, switch the plugin on in `conftest.py`, and run pytest with 80 columns.

    Returns:
        Exit code and output.
    """
    given = {"conftest.py": 'pytest_plugins = ["arvo_temporal.pytest"]\n', "pytest.ini": "[pytest]\n", **files}
    for name, text in given.items():
        (folder / name).write_text(dedent(text), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=200,
    )
    return done.returncode, done.stdout + done.stderr


def report_of(output: str) -> str:
    """Return the part of the output that tells of coverage."""
    return output.split(" arvo coverage ", 1)[1].partition("\n")[2].rpartition("\n=")[0].rstrip()
