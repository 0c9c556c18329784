"""Where ids and time come from inside a workflow."""

from __future__ import annotations

from contextlib import AbstractContextManager

from opentelemetry import trace
from temporalio import workflow
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider

from arvo import surroundings
from arvo.surroundings import Surroundings


def deterministic(*, tracing: bool = True) -> AbstractContextManager[Surroundings]:
    """Let code inside the block take its ids and its time from Temporal, so that a replay gets the same ones.

    Args:
        tracing: Whether spans are opened, which takes a tracer provider that knows of replays.
    """
    traced = tracing and isinstance(trace.get_tracer_provider(), ReplaySafeTracerProvider)
    return surroundings.use(Surroundings(new_id=lambda: str(workflow.uuid4()), now=workflow.now, tracing=traced))
