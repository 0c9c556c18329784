"""Activities that wait for a worker which has them, as those of an older release have not while a new one comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

from adapter.failures import is_lacking
from adapter.summaries import one_line

T = TypeVar("T")

_LONGEST_WAIT = 60
"""Seconds until an activity is tried anew that has come to workers that lack it."""


async def until_a_worker_has_it(what: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do something by an activity; where its last try came to a worker that lacks it, do it anew, until one has it.

    Args:
        what: What it is, for the UI.
        work: Does it.

    Raises:
        FailureError: It has failed for good.
    """
    for waits in count():
        try:
            return await work()
        except FailureError as error:
            # A local activity that fails raises its cause, and only in a replay an ActivityError around it.
            if not is_lacking(error.cause if isinstance(error, ActivityError) else error):
                raise
        await workflow.sleep(min(2**waits, _LONGEST_WAIT), summary=one_line(f"no worker has {what} yet"))
    raise AssertionError("it is tried until it has an end")
