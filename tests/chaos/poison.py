"""Poison: what strangers signal to orchestrations, past the client."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from adapter.payload import to_raw
from arvo import ArvoEvent
from arvo_temporal import workflow_id
from tests.chaos.faults import Faults
from tests.chaos.plan import Plan
from tests.tape import start_tape, symbol

_NULLS = 3_000
_GARBAGE_BYTES = 100_000
_OTHERS = start_tape(1).subject
_TO_TAPES = 0.8
"""Share of the poison that goes to tapes, which live as long as letters are sent."""


class Signal(NamedTuple):
    """What is signalled.

    Attributes:
        name: The name of the signal.
        arguments: Its arguments.
        refusals: To how many refusals it comes, at most.
        surely: Whether it does so in any case.
    """

    name: str
    arguments: Sequence[RawValue]
    refusals: int = 1
    surely: bool = True


@dataclass(slots=True)
class Refusals:
    """To how many refusals an orchestration has to come, at least and at most."""

    least: int = 0
    most: int = 0


@dataclass(slots=True)
class Poison:
    """What was sent.

    Attributes:
        refusals: By subject.
        ids: The ids of the events among it, which no orchestration is to consume.
    """

    refusals: dict[str, Refusals] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    async def send(self, client: Client, plan: Plan, per_second: float, faults: Faults, chance: random.Random) -> None:
        """Send poison of all kinds, one after the other, without end."""
        tapes = {signal.subject for signal in plan.signals}
        starts = sorted(start.subject for start in plan.starts), sorted(tapes)
        for kind in cycle(KINDS):
            is_taken = False
            while not is_taken:
                subject = chance.choice(starts[chance.random() < _TO_TAPES])
                is_taken = await self._signal(client, subject, KINDS[kind], chance)
                await asyncio.sleep(1 / per_second)
            faults.poison[kind] += 1

    async def _signal(self, client: Client, subject: str, make: Make, chance: random.Random) -> bool:
        """Signal poison, and tell whether the server has said that it has it: it may also not have said so."""
        event = symbol(subject, chance.randrange(1000))
        self.ids.add(event.id)
        signal, refusals = make(event, chance), self.refusals.setdefault(subject, Refusals())
        refusals.most += signal.refusals
        try:
            await client.get_workflow_handle(workflow_id(subject)).signal(signal.name, args=signal.arguments)
        except RPCError:
            return False
        refusals.least += signal.refusals if signal.surely else 0
        return True


Make = Callable[[ArvoEvent, random.Random], Signal]
"""Makes poison of an event that its orchestration would take."""


def _raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


def _foreign(event: ArvoEvent, chance: random.Random) -> Signal:
    return Signal("deliver", [_raw(event.to_json_bytes(), b"binary/foreign")])


def _garbage(event: ArvoEvent, chance: random.Random) -> Signal:
    return Signal("deliver", [_raw(chance.randbytes(chance.randrange(_GARBAGE_BYTES)))])


def _misnamed(event: ArvoEvent, chance: random.Random) -> Signal:
    return Signal(chance.choice(["diliver", "\u2603", "x" * 900]), [to_raw(event)])


def _nulls(event: ArvoEvent, chance: random.Random) -> Signal:
    number = chance.randrange(1_000, _NULLS)
    return Signal("deliver_all", [_raw(b"null")] * number, number)


def _misdirected(event: ArvoEvent, chance: random.Random) -> Signal:
    return Signal("deliver", [to_raw(ArvoEvent.from_json({**event.to_json(), "subject": _OTHERS}))])


def _paired(event: ArvoEvent, chance: random.Random) -> Signal:
    return Signal("deliver", [to_raw(event), to_raw(event)])


def _broken(event: ArvoEvent, chance: random.Random) -> Signal:
    data = event.to_json_bytes()
    return Signal("deliver", [_raw(data[: chance.randrange(1, len(data))])])


KINDS: dict[str, Make] = {
    "foreign encoding": _foreign,
    "garbage": _garbage,
    "unknown name": _misnamed,
    "nulls": _nulls,
    "wrong subject": _misdirected,
    "two arguments": _paired,
    "broken off": _broken,
}
