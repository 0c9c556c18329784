"""A short run of the chaos."""

from __future__ import annotations

from rich.console import Console

from tests.chaos.poison import KINDS
from tests.chaos.releases import ROLLED_OUT
from tests.chaos.run import report, run


async def test_nothing_is_lost_and_nothing_happens_twice() -> None:
    seed = 20
    console = Console()
    faults, findings = await run(
        console,
        seed=seed,
        seconds=15,
        orchestrations=18,
        symbols=40,
        server_kills=1,
        lifetime=(2.0, 5.0),
        events_per_run=2,
        settle=120,
    )
    report(console, seed, faults, findings)
    assert findings.differences == []
    assert faults.worker_kills >= 2
    assert faults.server_kills == 1
    assert faults.releases == len(ROLLED_OUT)
    assert faults.held > 0
    assert set(faults.poison) == set(KINDS)
    assert findings.refused > 0
    assert findings.large > 0
    assert findings.garbage >= findings.unanswered > 0
    assert findings.duplicates > 0
    assert findings.continued > 0
