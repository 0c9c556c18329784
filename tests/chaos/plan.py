"""What is sent: chosen by the seed alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from arvo import ArvoEvent, create_arvo_orchestrator_event_factory
from arvo_temporal import Limits
from examples.number_modifier import contracts as number_contracts
from examples.orders import contracts as order_contracts
from examples.orders.incoming import incoming_orders
from tests.chaos.functions import start_reader, start_survey
from tests.chaos.questions import start_quiz
from tests.tape import start_tape, symbol

_LARGEST = Limits().event_bytes
_SYMBOLS_TO_A_LARGE_ONE = 120
"""One symbol of so many is large."""
_MOST_ROUNDS = 8
READERS = ("arvo.orc.tape", "arvo.orc.spool", "arvo.orc.reel")
"""The types of the orchestrations that read signals."""
_ORDERS = [order for order in incoming_orders() if order.expected != "refused"]


@dataclass(slots=True)
class Plan:
    """The orchestrations of a run.

    Attributes:
        starts: Their init events.
        signals: The events for them that come from outside.
        large: The ids of those signals that are large.
        letters: All of these, each one to three times, shuffled, in the order in which they are sent; some events
            come before the init event of their orchestration.
    """

    starts: list[ArvoEvent] = field(default_factory=list)
    signals: list[ArvoEvent] = field(default_factory=list)
    large: set[str] = field(default_factory=set)
    letters: list[ArvoEvent] = field(default_factory=list)


def make_plan(seed: int, orchestrations: int, symbols: int) -> Plan:
    """Plan a run.

    Args:
        seed: Decides everything.
        orchestrations: How many are started from outside, as many of each kind.
        symbols: How many signals each tape gets; spools and reels get a third.
    """
    chance, plan, line = random.Random(seed), Plan(), list[tuple[float, ArvoEvent]]()

    def put(event: ArvoEvent, earliest: float, latest: float) -> None:
        line.extend((chance.uniform(earliest, latest), event) for _ in range(chance.randint(1, 3)))

    for number in range(orchestrations):
        start = _KINDS[number % len(_KINDS)](number, symbols, chance)
        begin = chance.uniform(0, 0.4)
        plan.starts.append(start)
        put(start, begin, begin + 0.1)
        if start.type in READERS:
            for position in range(start.data["length"]):
                signal = symbol(start.subject, chance.randrange(1000), to=start.type)
                if position % _SYMBOLS_TO_A_LARGE_ONE == number % _SYMBOLS_TO_A_LARGE_ONE:
                    signal = _large(signal, chance)
                    plan.large.add(signal.id)
                plan.signals.append(signal)
                put(signal, begin, 1.0)
    plan.letters = [letter for _, letter in sorted(line, key=lambda placed: placed[0])]
    return plan


def _order(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    text = chance.choice(_ORDERS).text
    data = {**ArvoEvent.from_json(text).data, "order_id": f"order-{number}"}
    return create_arvo_orchestrator_event_factory(order_contracts.order.version("1.0.0")).init(
        source="com.test.chaos", data=data
    )


def _modification(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    data = {
        "parentSubject$$": None,
        "key": f"number-{number}",
        "operation": chance.choice(["increment", "decrement"]),
        "by": chance.randrange(100),
    }
    return create_arvo_orchestrator_event_factory(number_contracts.number_modifier.version("1.0.0")).init(
        source="com.test.chaos", data=data
    )


def _tape(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    return start_tape(symbols)


def _quiz(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    return start_quiz(chance.randint(1, _MOST_ROUNDS))


def _of_function(symbols: int) -> int:
    """Return how many signals a function gets: a call costs more than a step of a machine."""
    return max(1, symbols // 3)


def _spool(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    return start_reader("spool", _of_function(symbols))


def _reel(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    return start_reader("reel", _of_function(symbols))


def _survey(number: int, symbols: int, chance: random.Random) -> ArvoEvent:
    return start_survey(chance.randint(1, _MOST_ROUNDS))


_KINDS = (_order, _modification, _tape, _quiz, _spool, _survey, _reel)


def _large(event: ArvoEvent, chance: random.Random) -> ArvoEvent:
    """Return an event with so much beside its data that it has up to `event_bytes`; every other one has all of them."""
    size = chance.choice([_LARGEST, chance.randrange(_LARGEST // 4, _LARGEST)])
    return _padded(event, size - len(_padded(event, 0, chance).to_json_bytes()), chance)


def _padded(event: ArvoEvent, size: int, chance: random.Random) -> ArvoEvent:
    padding = chance.randbytes(size // 2 + 1).hex()[:size]
    return ArvoEvent.from_json({**event.to_json(), "data": {**event.data, "padding": padding}})
