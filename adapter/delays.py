"""The delays of a machine, by the names that the statechart gives to what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from adapter.moments import span_words
from adapter.summaries import one_line
from arvo.orchestration import ArvoMachine
from arvo.statechart import Schedule
from arvo.statechart.inspecting import state_name
from arvo.statechart.running import StateNode

_AFTER = "xstate.after."


def delaying_state(machine: ArvoMachine | None, event_type: str) -> str | None:
    """Return the path of the state whose `after` an event is that is over; None for an event of another kind."""
    node = _delaying_states(machine).get(event_type) if machine is not None else None
    return None if machine is None or node is None else state_name(node)


def delay_words(machine: ArvoMachine | None, event_type: str) -> str:
    """Return an event's type in words: of a delay that is over, how long it was and where, such as `after 3 days in x`.

    Args:
        machine: The machine that has waited.
        event_type: The type of the event.
    """
    node = _delaying_states(machine).get(event_type) if machine is not None else None
    if node is None:
        return event_type
    delay = event_type.removeprefix(_AFTER).removesuffix(f".{node.id}")
    with suppress(ValueError):  # the name of a delay
        delay = span_words(float(delay))
    return f"after {delay} in {delaying_state(machine, event_type)}"


def delay_summary(machine: ArvoMachine | None, schedule: Schedule) -> str:
    """Return what the UI shows of a timer, such as `approving: 3 days`.

    Args:
        machine: The machine that waits.
        schedule: What it has asked for.
    """
    event_type = str(schedule.event["type"])
    name = delaying_state(machine, event_type)
    return one_line(f"{event_type if name is None else name}: {span_words(schedule.delay_ms)}")


@lru_cache(maxsize=1024)
def _delaying_states(machine: ArvoMachine) -> Mapping[str, StateNode]:
    return {
        descriptor: node
        for node in machine.logic.nodes
        for descriptor in node.transitions
        if descriptor.startswith(_AFTER)
    }
