"""The comparison with workflows written by hand, on its smallest scale."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path


async def test_it_tells_what_both_sides_cost_and_what_of_what_is_asked_is_met(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    arguments = ("--only", "local", "--rounds", "1", "--json", str(figures))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.temporal", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    local = json.loads(figures.read_text())["local"]
    assert (local["A"]["history_events"], local["B"]["history_events"]) == (7, 17)
    assert local["A"]["history_bytes"] <= 2.5 * local["A"]["event_bytes"]
    (asked,) = [ask for ask in local["asks"] if ask["what"].startswith("history events")]
    assert asked["met"]
    assert "not met" not in next(line for line in output.decode().splitlines() if "history events, A/B" in line)
