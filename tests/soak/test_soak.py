"""A short soak, its bounds, and its plot."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.judging import complaints, growth, judge
from tests.soak.plot import draw
from tests.soak.run import Plan, soak
from tests.soak.samples import Process, Sample


async def test_a_short_soak_ends_with_all_done_and_keeps_its_bounds(tmp_path: Path) -> None:
    told: list[int] = []
    plan = Plan(20, kill_every=6, record_every=1, per_second=1, most_ticks=5, settle=120)
    made = await soak(plan, tmp_path, lambda sample, kills: told.append(kills))
    assert [verdict for verdict in made.verdicts if not verdict.kept] == []
    assert [kill.signal for kill in made.kills[:2]] == ["KILL", "TERM"]
    assert len(told) == len(made.samples)
    last = made.samples[-1]
    assert last.finished >= last.started > 0
    assert last.open == 0
    spared = [sample.workers[0] for sample in made.samples]
    assert len({process.pid for process in spared}) == 1
    assert spared[-1].tasks is not None
    svg = ElementTree.fromstring(draw(made))
    words = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert any(f"{last.started} orchestrations started" in (word or "") for word in words)
    assert {"Memory of the workers, MB", "completed", "open", "threads", "descriptors", "tasks"} <= set(words)


def watched(minutes: int, memory: float = 0.0, descriptors: int = 0) -> list[Sample]:
    """What is recorded of workers that grow by so much a minute."""
    return [
        Sample(
            seconds=seconds,
            workers=(Process(1, 100 + memory * seconds / 60, 10, 17 + descriptors * seconds // 60, 12),),
            server=None,
            started=10,
            open=0,
            finished=10,
        )
        for seconds in range(0, minutes * 60, 5)
    ]


def broken(samples: list[Sample], unfinished: int = 0, log: str = "", exit_code: int = 0) -> list[str]:
    return [verdict.what for verdict in judge(samples, unfinished, log.splitlines(), exit_code) if not verdict.kept]


def test_each_bound_is_found_broken() -> None:
    assert broken(watched(20)) == []
    assert broken(watched(20), unfinished=1) == ["orchestrations done"]
    assert broken(watched(20), exit_code=1) == ["exit code of the supervisor"]
    assert broken(watched(20), log="2026 WARN something\n") == ["warnings and errors in logs"]
    assert broken(watched(20, memory=1.0)) == ["memory of the spared worker, MB a minute"]
    assert broken(watched(20, memory=0.4)) == []
    assert broken(watched(20, descriptors=2)) == ["descriptors of the spared worker"]


def test_memory_is_judged_only_where_it_was_watched_for_long() -> None:
    assert broken(watched(4, memory=10.0)) == []


def test_one_high_moment_is_no_growth() -> None:
    samples = watched(20)
    (process,) = samples[-1].workers
    samples[-1] = replace(samples[-1], workers=(replace(process, memory=400.0),))
    assert broken(samples) == []


def test_growth_is_per_second() -> None:
    assert growth([(float(x), 2.0 * x) for x in range(10)]) == pytest.approx(2.0)


def test_failures_on_purpose_and_kills_are_no_complaints() -> None:
    expected = [
        "Completing activity as failed (...) ExecutionViolation: The service is down, says the soak.",
        "WARNING Completing activity as failed: The service is down, says the soak.",
        "WARNING 'com.payment.authorize' of 'arvo.orc.order/1.0.0/x/y' has failed for good, by the way 'handler'",
        "Worker process 12 has ended by SIGKILL: starting another one.",
        "WARN temporalio_sdk_core::worker: Task not found when completing",
    ]
    assert complaints(expected) == []
    other = "WARNING 'com.carrier.book' of 'arvo.orc.order/1.0.0/x/y' has failed for good, by the way 'handler'"
    assert complaints([other]) == [other]
    assert complaints(
        ["WARN x", "ERROR x", "Traceback (most recent call last):", "coroutine 'x' was never awaited"]
    ) == [
        "WARN x",
        "ERROR x",
        "Traceback (most recent call last):",
        "coroutine 'x' was never awaited",
    ]
