"""The scenarios: what is driven through both sides, and how much of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from benchmarks.temporal.measuring import Sample, side_by_side
from benchmarks.temporal.services import TOOL_CALLS
from benchmarks.temporal.sides import Side

_SENDERS = 32
_AT_ONCE = 24
_BURST = 1000
_ASKED = 10
_WAITING = 200
_CALM = 4
_EVENTS_EACH = 3
_EVENTS_PER_SECOND = 10
_HISTORIES = 5

ASKED = {"rate": (">=", 0.95), "p50": ("<=", 1.05), "history_events": ("<=", 1.0), "cpu": ("<=", 1.3)}
"""What the ratio A/B is asked to be in most scenarios."""

TURNS = 10
"""How often the sides take turns in a round while latencies are measured: so a slow second falls on both."""

Drive = Callable[[Side, Sample, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    Attributes:
        name: How it is chosen on the command line.
        title: What happens in it.
        unit: What its throughput counts.
        load: Does much at once on a side, for the throughput; the number is that of the round.
        probe: Does a little on a side, for the latency; the number is that of the turn.
        asked: What the ratio A/B of each figure is asked to be: at least, or at most.
        emission: How side A runs its handlers.
        bytes_asked: Most bytes of history for each JSON byte of the ArvoEvents consumed and produced; None where
            contexts go in and out, and make the most of it.
    """

    name: str
    title: str
    unit: str
    load: Drive
    probe: Drive
    asked: Mapping[str, tuple[str, float]] = field(default_factory=lambda: ASKED)
    emission: str = "activity"
    bytes_asked: float | None = 2.5


async def warm_up(side: Side) -> None:
    """Use a side once in every way."""
    for kind in ("call", "increment", "family", "agent", "loop"):
        await _one(side, kind)
    count = await side.start("count", {"goal": 2})
    await side.tick(count)()
    await side.ask(count)
    await side.result(count)


async def _one(side: Side, kind: str) -> str:
    reference = await side.start(kind, {"key": "answer", "by": 2} if kind == "increment" else {"key": "answer"})
    await side.result(reference)
    return reference


async def _many(kind: str, side: Side, sample: Sample, _round: int) -> None:
    """Run many orchestrations at once, from start to end."""
    async with sample.throughput(_AT_ONCE):
        references = await side_by_side(_SENDERS, [partial(_one, side, kind)] * _AT_ONCE)
    sample.references += references[:_HISTORIES]


async def _single(kind: str, side: Side, sample: Sample, _turn: int) -> None:
    """Run an orchestration from start to end."""
    await sample.timed(_one(side, kind))


async def _burst(side: Side, sample: Sample, _round: int) -> None:
    """Signal many events to one orchestration at once, which leaves the number of workflow tasks least to chance."""
    reference = await side.start("count", {"goal": _BURST})
    ticks = [side.tick(reference) for _ in range(_BURST)]
    async with sample.throughput(_BURST):
        await side_by_side(_BURST, ticks)
        await side.result(reference)
    sample.references.append(reference)


async def _asks(side: Side, sample: Sample, _turn: int) -> None:
    """Ask an orchestration, event by event."""
    reference = await side.start("count", {"goal": _ASKED})
    for _ in range(_ASKED):
        await sample.timed(side.ask(reference))
    await side.result(reference)


async def _crowd(side: Side, sample: Sample, round_: int) -> None:
    """Let many orchestrations wait for events, and send these in random order as fast as they can be sent."""
    references = await _waiting(side, _WAITING)
    turns = references * _EVENTS_EACH
    random.Random(round_).shuffle(turns)
    ticks = [side.tick(reference) for reference in turns]
    async with sample.throughput(len(ticks)):
        await side_by_side(_SENDERS, ticks)
        await side_by_side(len(references), [partial(side.result, reference) for reference in references])


async def _calm(side: Side, sample: Sample, turn: int) -> None:
    """Let some orchestrations wait for events that come at random moments; timed from the last one to the result.

    They come slowly enough that few wait for each other: how many do would be chance.
    """
    references = await _waiting(side, _CALM)
    await _at_random_moments(side, sample, references, random.Random(turn))
    sample.references += references[:1]


async def _waiting(side: Side, count: int) -> list[str]:
    return await side_by_side(_SENDERS, [partial(side.start, "count", {"goal": _EVENTS_EACH})] * count)


async def _at_random_moments(side: Side, sample: Sample, references: list[str], order: random.Random) -> None:
    left = dict.fromkeys(references, _EVENTS_EACH)
    turns = references * _EVENTS_EACH
    order.shuffle(turns)
    async with asyncio.TaskGroup() as sending:
        for reference in turns:
            left[reference] -= 1
            is_last = left[reference] == 0
            work = sample.timed(_last(side, reference)) if is_last else _send(side, reference)
            sending.create_task(work)
            await asyncio.sleep(order.expovariate(_EVENTS_PER_SECOND))


async def _send(side: Side, reference: str) -> None:
    await side.tick(reference)()


async def _last(side: Side, reference: str) -> None:
    await _send(side, reference)
    await side.result(reference)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("call", "one service call", "orchestrations", partial(_many, "call"), partial(_single, "call")),
        Scenario(
            "increment",
            "read, compute, complete",
            "orchestrations",
            partial(_many, "increment"),
            partial(_single, "increment"),
        ),
        Scenario(
            "local",
            "read, compute, complete; A runs its handlers as local activities",
            "orchestrations",
            partial(_many, "increment"),
            partial(_single, "increment"),
            asked={**ASKED, "p50": ("<=", 0.6), "history_events": ("<=", 0.6)},
            emission="local",
        ),
        Scenario(
            "family",
            "a parent with two children",
            "orchestrations",
            partial(_many, "family"),
            partial(_single, "family"),
        ),
        Scenario(
            "agent",
            f"{TOOL_CALLS} tool calls, each decided by an activity; A is a resumable",
            "orchestrations",
            partial(_many, "agent"),
            partial(_single, "agent"),
            asked={"history_events": ("<=", 1.3)},
            bytes_asked=None,
        ),
        Scenario(
            "loop",
            f"{TOOL_CALLS} tool calls, decided by the workflow; A is a resumable, inline",
            "orchestrations",
            partial(_many, "loop"),
            partial(_single, "loop"),
        ),
        Scenario("burst", f"{_BURST} events signalled to one orchestration", "events", _burst, _asks),
        Scenario("crowd", f"{_WAITING} orchestrations waiting for events", "events", _crowd, _calm),
    )
}
