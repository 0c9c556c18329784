"""Plays a path on Temporal: the same events, by a real worker."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from adapter.app import ArvoApp
from arvo.events import ArvoEvent
from arvo.orchestration import OrchestrationRecord, create_arvo_orchestrator
from arvo.testing import ArvoPath
from arvo_temporal.client import ArvoClient
from arvo_temporal.pytest.fixtures import ServeApp, ServeAppInSkippedTime, TimeSkipping

LONGEST_WAIT: Final = 5.0
"""Seconds that a path may wait for its timers where time does not jump."""

_PATIENCE: Final = 30.0
_ASK_EVERY: Final = 0.02


async def play(path: ArvoPath, worker: ServeApp | ServeAppInSkippedTime) -> OrchestrationRecord:
    """Play a path by a worker that has nothing but its machine, and return the last record.

    What the orchestration sends is taken by nobody: the answers are those of the path.

    Args:
        path: One of `arvo_paths`.
        worker: The fixture `arvo_worker`, or `arvo_time_skipping` for a path that waits for timers.

    Raises:
        AssertionError: The orchestration comes to another state than the path.
        ValueError: The path waits for longer than a test may where time does not jump.
        ViolationError: An event, or one that the machine produces, does not fit its contract.
    """
    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=0, machines=[path.machine])],
        publishers=dict.fromkeys([None, *_domains(path)], _take),
    )
    async with worker(app) as served:
        client = served.client if isinstance(served, TimeSkipping) else served
        subject, record = "", None
        for step, event in zip(path.path.steps, path.events(), strict=True):
            await _wait(path, step.wait_ms / 1000, served)
            if isinstance(event, ArvoEvent) and step.timer is None:
                subject = event.subject
                await client.execute(event)
            record = await _record(client, subject, step.snapshot.value)
            found = None if record is None else record.get("value")
            if found != step.snapshot.value:
                raise AssertionError(
                    f"The path '{path}' leads elsewhere on Temporal: after '{step.label}' the state is {found!r}, not "
                    f"{step.snapshot.value!r}"
                )
    assert record is not None, "a path has a start"
    return record


async def _take(event: ArvoEvent) -> None:
    """Take an event, and do nothing."""


def _domains(path: ArvoPath) -> set[str]:
    return {event.domain for event in path.run().produced if event.domain is not None}


async def _wait(path: ArvoPath, seconds: float, served: ArvoClient | TimeSkipping) -> None:
    if not seconds:
        return
    if isinstance(served, TimeSkipping):
        await served.sleep(seconds)
    elif seconds <= LONGEST_WAIT:
        await asyncio.sleep(seconds)
    else:
        raise ValueError(f"The path '{path}' waits for {seconds:g} seconds. To fix: play it with arvo_time_skipping.")


async def _record(client: ArvoClient, subject: str, value: Any) -> OrchestrationRecord | None:
    """Return the record once it has a state value, or the one that there is after a while: timers take a moment."""
    record = await client.record(subject)
    try:
        async with asyncio.timeout(_PATIENCE):
            while record is None or record.get("value") != value:
                await asyncio.sleep(_ASK_EVERY)
                record = await client.record(subject)
    except TimeoutError:
        return record
    return record
