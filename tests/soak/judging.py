"""What a soak has to keep to."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.soak.app import ON_PURPOSE
from tests.soak.samples import Process, Sample

MOST_GROWTH = 0.5
"""MB per minute by which the memory of a worker may grow once it is warm: what hours would not show."""
_WARM_AFTER = 0.5
"""Share of a soak after which a worker is warm: its caches are full, and the allocator has what it needs."""
_LONG_ENOUGH = 300.0
"""Seconds that a worker has to be watched when it is warm, for its growth to be told from chance."""
_MORE = 8
"""By how many threads, descriptors and tasks a worker may have more than when it had just become warm; by how many a
worker may have more than another one. They come and go with what is being done."""

_COMPLAINT = re.compile(r"\b(WARN(ING)?|ERROR|CRITICAL|Traceback|never (awaited|retrieved))\b")
_EXPECTED = (
    ON_PURPOSE,
    # One of the orders has a card whose bank never answers.
    "'com.payment.authorize' of",
    # What a worker had in hand when it was asked to end is done by another one.
    "Task not found when completing",
    "Activity not found on completion",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a soak has kept to one bound.

    Attributes:
        what: What is bounded.
        value: What was found, in words.
        bound: The bound, in words.
        kept: Whether it was kept.
    """

    what: str
    value: str
    bound: str
    kept: bool


def judge(samples: Sequence[Sample], unfinished: int, log: Iterable[str], exit_code: int | None) -> Iterator[Verdict]:
    """Return what a soak comes to.

    Args:
        samples: What was recorded; the spared process is the first one in each.
        unfinished: How many orchestrations were started and have not completed.
        log: What the workers have printed, line by line.
        exit_code: That of their supervisor.
    """
    started = samples[-1].started
    yield Verdict("orchestrations done", f"{started - unfinished:,} of {started:,}", "all", unfinished == 0)
    yield Verdict("exit code of the supervisor", str(exit_code), "0", exit_code == 0)
    said = complaints(log)
    yield Verdict("warnings and errors in logs", f"{len(said)}{_first(said)}", "0", not said)
    warm = _warm(samples)
    yield from _judge_growth(warm)
    for what, count in _COUNTS.items():
        yield from _judge_level(what, [number for _, spared in warm if (number := count(spared)) is not None])


def complaints(log: Iterable[str]) -> list[str]:
    """Return the lines of a log that warn of what neither the soak nor a kill has caused."""
    return [line for line in log if _COMPLAINT.search(line) and not any(words in line for words in _EXPECTED)]


def growth(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much something grows per second: the median of the slopes between all points, minutes apart.

    One that is far off does not change it (Theil and Sen).
    """
    apart = (points[-1][0] - points[0][0]) / 4
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 - x1 >= apart]
    return statistics.median(slopes)


_COUNTS: dict[str, Callable[[Process], int | None]] = {
    "threads": lambda process: process.threads,
    "descriptors": lambda process: process.descriptors,
    "tasks": lambda process: process.tasks,
}


def _judge_growth(warm: Sequence[tuple[float, Process]]) -> Iterator[Verdict]:
    watched = warm[-1][0] - warm[0][0] if warm else 0.0
    if watched < _LONG_ENOUGH:
        return
    found = growth([(seconds, process.memory) for seconds, process in warm]) * 60
    bound = f"at most {MOST_GROWTH:+g}"
    yield Verdict("memory of the spared worker, MB a minute", f"{found:+.2f}", bound, found <= MOST_GROWTH)


def _judge_level(what: str, numbers: Sequence[int]) -> Iterator[Verdict]:
    if len(numbers) < 4:
        return
    quarter = len(numbers) // 4
    before, after = max(numbers[:quarter]), min(numbers[-quarter:])
    bound = f"at most {_MORE} more"
    yield Verdict(f"{what} of the spared worker", f"{before}, at the end {after}", bound, after <= before + _MORE)


def _warm(samples: Sequence[Sample]) -> list[tuple[float, Process]]:
    """Return the spared worker at the moments when it was warm."""
    end = samples[-1].seconds
    return [(one.seconds, one.workers[0]) for one in samples if one.workers and one.seconds >= end * _WARM_AFTER]


def _first(lines: Sequence[str]) -> str:
    return f", the first: {lines[0].strip()[:300]}" if lines else ""
