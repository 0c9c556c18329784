"""The memory within one process, with a span around each access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arvo.orchestration.memory import SimpleMachineMemory
from arvo.telemetry import ActiveSpan, is_on, open_span
from arvo.wire import JsonObject, write_json


class TelemeteredSimpleMachineMemory(SimpleMachineMemory):
    """A `SimpleMachineMemory` whose reads, writes and locks are seen in the trace of the event being processed.

    The spans are called as in the TypeScript package, `Read Simple Memory` and so on; `arvo.memory.id` is the
    subject, `arvo.memory.record.bytes` the size of what is written.
    """

    async def read(self, id: str, /) -> JsonObject | None:
        """As in `SimpleMachineMemory`."""
        with _span("Read", id):
            return await super().read(id)

    async def write(self, id: str, data: Mapping[str, Any], previous: Mapping[str, Any] | None = None, /) -> None:
        """As in `SimpleMachineMemory`."""
        with _span("Write", id) as span:
            if is_on():
                span.set_attributes({"arvo.memory.record.bytes": len(write_json(data))})
            await super().write(id, data, previous)

    async def lock(self, id: str, /) -> bool:
        """As in `SimpleMachineMemory`."""
        with _span("Lock", id):
            return await super().lock(id)

    async def unlock(self, id: str, /) -> bool:
        """As in `SimpleMachineMemory`."""
        with _span("Unlock", id):
            return await super().unlock(id)


def _span(access: str, id: str) -> ActiveSpan:
    return open_span(f"{access} Simple Memory", attributes={"arvo.memory.id": id})
