"""`make chaos`: CHAOS_MINUTES (5) says how long things break, CHAOS_SEED repeats what an earlier run sent.

CHAOS_FOLDER keeps the server's database and all logs in that folder, and CHAOS_EVENTS_PER_RUN continues orchestrations
as new after so many events instead of 5.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path

from rich.console import Console

from tests.chaos.run import report, run


def main() -> int:
    """Run the chaos and return the exit code: 0 if nothing was lost and nothing happened twice."""
    minutes = float(os.environ.get("CHAOS_MINUTES", "5"))
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))
    console = Console()
    folder = Path(os.environ["CHAOS_FOLDER"]) if "CHAOS_FOLDER" in os.environ else None
    console.print(f"Chaos for {minutes:g} minutes; repeat it with CHAOS_SEED={seed}")
    faults, findings = asyncio.run(
        run(
            console,
            seed=seed,
            seconds=minutes * 60,
            orchestrations=300,
            symbols=60,
            server_kills=2,
            lifetime=(2.0, 8.0),
            events_per_run=int(os.environ.get("CHAOS_EVENTS_PER_RUN", "5")),
            settle=300,
            folder=folder,
        )
    )
    report(console, seed, faults, findings)
    return 1 if findings.differences else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A process that has used a Temporal client can crash while Python ends (temporalio/sdk-python#300).
    os._exit(code)
