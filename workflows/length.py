"""When a run of an orchestration's workflow has become so long that the next one is to begin."""

from __future__ import annotations

from adapter.limits import Limits
from workflows.foresight import Foresight
from workflows.inbox import Inbox
from workflows.marks import ENOUGH
from workflows.steps import Steps


def run_is_long(inbox: Inbox, limits: Limits, steps: Steps, foresight: Foresight) -> bool:
    """Tell whether a run is near the server's limits, or has taken as much as it may.

    Args:
        inbox: What has arrived in it.
        limits: The limits of the orchestration.
        steps: What it has done.
        foresight: Knows how long its history is.
    """
    history = foresight.history()
    many = inbox.arrivals >= limits.deliveries_per_run or steps.marks.count >= ENOUGH
    # What steps send and calls take makes a history long too; a run that does nothing would end again and again.
    has_done_something = inbox.arrivals > 0 or steps.count > steps.earlier or steps.calls_made > 0
    # The size that a workflow task is told can lack what has come with that task.
    long = has_done_something and history.size + inbox.received > limits.history_bytes // 2
    return many or long or history.is_long
