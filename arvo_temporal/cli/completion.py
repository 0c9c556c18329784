"""What a shell completes: the orchestrators of an app, and the orchestrations on the server.

Each is asked for in a process of its own, and not for long: an app is code of others, which may hang, print, or end its
process, and there may be no server.
"""

from __future__ import annotations

import os
import subprocess
import sys

import typer

from arvo.wire import ORCHESTRATORS

_WITHIN = "ARVO_COMPLETION_SECONDS"
_SECONDS = 2.0
"""Whoever has pressed the key waits for it; the variable gives a slow machine more."""

_ORCHESTRATORS = """
import sys
from arvo_temporal.cli.app_loading import load_app
print(*load_app(sys.argv[1]).orchestrators, sep=chr(10))
"""
_ORCHESTRATIONS = """
import sys
from arvo_temporal import ArvoClient, connect, run

async def main():
    print(*await ArvoClient(await connect()).suggest(sys.argv[1]), sep=chr(10))

run(main)
"""


def complete_orchestrator(context: typer.Context, incomplete: str) -> list[str]:
    """Return the orchestrators of the app that the command line names before, whose types begin so."""
    target = context.params.get("app") or os.environ.get("ARVO_APP")
    types = _lines_of(_ORCHESTRATORS, target) if target else []
    return [
        name for type_ in types for name in (type_.removeprefix(ORCHESTRATORS), type_) if name.startswith(incomplete)
    ]


def complete_orchestration(incomplete: str) -> list[str]:
    """Return the workflow ids of a few orchestrations that begin so."""
    return [identity for identity in _lines_of(_ORCHESTRATIONS, incomplete) if identity.startswith(incomplete)]


def _lines_of(program: str, argument: str) -> list[str]:
    """Return what a program prints; nothing where it fails or takes too long."""
    # Completion is told by variables, which the process must not take for its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(one) for one in sys.path if one])
    try:
        process = subprocess.run(
            [sys.executable, "-c", program, argument],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=float(os.environ.get(_WITHIN, _SECONDS)),
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    return [line for line in process.stdout.splitlines() if line.isprintable()] if process.returncode == 0 else []
