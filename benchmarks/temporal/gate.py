"""Stopping the polls of a worker before the worker itself: what the SDK has no option for, by a tuner."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

_SLOTS = 100


class Gate(CustomSlotSupplier):
    """Slots of a worker, which it needs before it polls; none are given once the gate is closed."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_SLOTS)
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self._all_free = asyncio.Event()
        self._closed = False

    def options(self) -> dict[str, WorkerTuner]:
        """Return the options of a worker whose workflow and activity tasks go through this gate."""
        rest = FixedSizeSlotSupplier(_SLOTS)
        tuner = WorkerTuner.create_composite(
            workflow_supplier=self, activity_supplier=self, local_activity_supplier=rest, nexus_supplier=rest
        )
        return {"tuner": tuner}

    async def close(self, within: float) -> None:
        """Let no more polls begin, and wait until those that are open have ended, and what they brought is done."""
        self._closed = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_free.wait(), within)

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        await self._free.acquire()
        if self._closed:
            await asyncio.Event().wait()
        self._taken += 1
        self._all_free.clear()
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        return None

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._taken -= 1
        self._free.release()
        if not self._taken:
            self._all_free.set()
