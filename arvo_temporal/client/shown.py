"""What is shown of an orchestration: what it tells of itself, and what only the server knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from adapter.view import OrchestrationView, TroubleView


class PendingTry(BaseModel):
    """An activity of an orchestration that is tried, or waits for its next try.

    Attributes:
        type: Its type: of a handler, or what it does.
        attempt: The number of the try, counted from 1.
        most: After how many it is given up; None for none.
        running: Whether it is tried just now.
        next: When it is tried next; None while it is tried, or waits for a worker.
        failure: Why the last try failed, in one line.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    attempt: int
    most: int | None = None
    running: bool = False
    next: datetime | None = None
    failure: str | None = None


class ShownOrchestration(BaseModel):
    """An orchestration as it is shown.

    Attributes:
        workflow_id: Its workflow id.
        type: The type of its workflow.
        status: That of its workflow: `running`, `completed`, `failed`, `canceled`, `terminated`, `timed_out`.
        started: When it was started.
        closed: When it ended; None while it runs.
        task_queue: The task queue that its workers serve.
        view: What it tells of itself; None where nobody answers for it.
        unanswered: Why there is no view.
        tries: What is tried for it.
        troubles: What keeps it from going on, by its own word and by that of the server.
        children: The orchestrations that it has started, the newest ones first.
        more_children: Whether there are more of them.
    """

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    type: str
    status: str
    started: datetime
    closed: datetime | None = None
    task_queue: str
    view: OrchestrationView | None = None
    unanswered: str | None = None
    tries: tuple[PendingTry, ...] = ()
    troubles: tuple[TroubleView, ...] = ()
    children: tuple[ShownOrchestration, ...] = ()
    more_children: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON, without what is not there."""
        return self.model_dump(mode="json", exclude_none=True)

    def family(self) -> Iterator[ShownOrchestration]:
        """Yield this one and all below it."""
        yield self
        for child in self.children:
            yield from child.family()
