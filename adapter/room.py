"""Room in the history of an orchestration: who adds to it waits before the server would end the run.

The server ends a run whose history has 50 MB, and whoever caused it is told of success. How large a history is, only
the server knows; whoever adds to it knows how much that was since the server was last asked, and so asks rarely.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from adapter.errors import OrchestrationBusyError
from adapter.temporal_errors import is_not_found

WAITS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""Seconds between two looks whether a run takes more: its worker has to work off what it has, and continue as new."""

_LOOKS = 16
"""How often the server is asked while a history grows to its bound."""
_KNOWN = 4096
"""Of how many orchestrations it is known what was added; of those beyond, the server is asked by chance."""


@dataclass(slots=True)
class _Estimate:
    """What is known of a history, in bytes.

    Attributes:
        known: How large it was when the server was last asked.
        sent: All that was added by this process.
        seen: How much of that the server had seen when it was last asked.
    """

    known: int
    sent: int
    seen: int = 0

    def after(self, size: int) -> int:
        """Return how large the history is once so much more was added."""
        return self.known + self.sent - self.seen + size


class Room:
    """Tells whether histories take more.

    Args:
        client: A Temporal client.
        bound: How many bytes a history may come to; up to half of it there is always room, as beyond it a run ends.
    """

    def __init__(self, client: Client, bound: int) -> None:
        self._client = client
        self._bound = bound
        self._step = max(bound // _LOOKS, 1)
        self._estimates: OrderedDict[str, _Estimate] = OrderedDict()

    async def has_room(self, identity: str, size: int) -> bool:
        """Tell whether so much may be added now, and note that it is.

        Args:
            identity: The workflow id.
            size: How many bytes are to be added.

        Raises:
            RPCError: The server cannot be asked.
        """
        estimate = self._estimate(identity)
        if estimate.sent - estimate.seen + size > self._step or estimate.after(size) > self._bound:
            sent = estimate.sent
            estimate.known = await self._ask(identity)
            estimate.seen = max(estimate.seen, sent)
            if estimate.known > self._bound // 2 and estimate.after(size) > self._bound:
                return False
        estimate.sent += size
        return True

    async def wait(self, identity: str, size: int) -> None:
        """Wait until so much may be added, and note that it is.

        Raises:
            OrchestrationBusyError: It may not for as long as `WAITS` says.
            RPCError: The server cannot be asked.
        """
        for wait in WAITS:
            if await self.has_room(identity, size):
                return
            await asyncio.sleep(wait)
        if not await self.has_room(identity, size):
            raise busy(identity)

    def _estimate(self, identity: str) -> _Estimate:
        estimate = self._estimates.get(identity)
        if estimate is None:
            # Somewhere within a step: many senders of one event each ask as often as one sender of many.
            estimate = self._estimates[identity] = _Estimate(0, random.randrange(self._step))
            if len(self._estimates) > _KNOWN:
                self._estimates.popitem(last=False)
        else:
            self._estimates.move_to_end(identity)
        return estimate

    async def _ask(self, identity: str) -> int:
        """Return the size of a history; 0 if there is none, or nothing is added to it any more."""
        try:
            description = await self._client.get_workflow_handle(identity).describe()
        except RPCError as error:
            if not is_not_found(error):
                raise
            return 0
        if description.status is not WorkflowExecutionStatus.RUNNING:
            return 0
        return description.raw_description.workflow_execution_info.history_size_bytes


def busy(identity: str) -> OrchestrationBusyError:
    """Return what a sender is told whose event was not taken in time."""
    return OrchestrationBusyError(
        f"The orchestration '{identity}' takes no more for now: what it has in this run is near what the server "
        "allows, and no worker has worked it off. This event was not delivered. See that a worker runs, and send it "
        "again.",
        workflow_id=identity,
    )
