"""The services: a store of numbers, and arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, create_arvo_event_handler
from examples.number_modifier import contracts
from examples.number_modifier.contracts import Key, KeyedValue, Operands


def create_handlers(store: dict[str, int]) -> Sequence[ArvoEventHandler]:
    """Return the handlers of a system that keeps its numbers in `store`."""

    async def read(event: ArvoEvent) -> HandlerOutput:
        key = event.data_as(Key).key
        return {"type": "evt.value.read.success", "data": {"value": store.get(key, 0)}}

    async def write(event: ArvoEvent) -> HandlerOutput:
        change = event.data_as(KeyedValue)
        store[change.key] = change.value
        return {"type": "evt.value.write.success", "data": {"value": change.value}}

    async def add(event: ArvoEvent) -> HandlerOutput:
        operands = event.data_as(Operands)
        return {"type": "evt.number.increment.success", "data": {"value": operands.value + operands.by}}

    async def subtract(event: ArvoEvent) -> HandlerOutput:
        operands = event.data_as(Operands)
        return {"type": "evt.number.decrement.success", "data": {"value": operands.value - operands.by}}

    return [
        create_arvo_event_handler(contract=contracts.value_read, executionunits=1, handler={"1.0.0": read}),
        create_arvo_event_handler(contract=contracts.value_write, executionunits=1, handler={"1.0.0": write}),
        create_arvo_event_handler(contract=contracts.number_increment, executionunits=1, handler={"1.0.0": add}),
        create_arvo_event_handler(contract=contracts.number_decrement, executionunits=1, handler={"1.0.0": subtract}),
    ]
