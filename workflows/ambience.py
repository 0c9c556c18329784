"""Where ids and time come from inside a workflow."""

from __future__ import annotations

from contextlib import AbstractContextManager

from temporalio import workflow

from arvo import surroundings
from arvo.surroundings import Surroundings


def deterministic() -> AbstractContextManager[Surroundings]:
    """Let code inside the block take its ids and its time from Temporal, so that a replay gets the same ones."""
    return surroundings.use(Surroundings(new_id=lambda: str(workflow.uuid4()), now=workflow.now))
