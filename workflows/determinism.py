"""Where ids and time come from inside a workflow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from opentelemetry import trace
from temporalio import workflow
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider

from arvo import surroundings
from arvo.surroundings import Surroundings


def deterministic(
    *, recording: bool = True, patched: Callable[[str], bool] = workflow.patched
) -> AbstractContextManager[Surroundings]:
    """Let code inside the block take its ids and its time from Temporal, so that a replay gets the same ones.

    Args:
        recording: Whether what happens is recorded: spans are opened, which takes a tracer provider that knows of
            replays, and the history notes which changes are in force. Not where a step is only tried, and forgotten.
        patched: Tells whether a change of the code is in force, where it is recorded.
    """
    return surroundings.use(
        Surroundings(
            new_id=lambda: str(workflow.uuid4()),
            now=workflow.now,
            tracing=recording and isinstance(trace.get_tracer_provider(), ReplaySafeTracerProvider),
            patched=patched if recording else _newest,
        )
    )


def _newest(change: str) -> bool:
    return True
