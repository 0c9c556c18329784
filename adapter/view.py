"""What an orchestration tells of itself to people: where it stands, what it waits for, what went wrong.

Nothing of an event's data is in it. Times are in ISO 8601, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class StateView(_Told):
    """An active state, with the active states in it; those of a parallel one stand side by side.

    Attributes:
        path: The keys that lead to it, joined by dots; without that of the machine.
        key: Its own key.
        description: What its author says of it.
        tags: Its tags.
        parallel: Whether it is a parallel one.
        since: When it was entered; None where that is not known.
        states: The active states in it.
    """

    path: str
    key: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    parallel: bool = False
    since: str | None = None
    states: tuple[StateView, ...] = ()


class TimerView(_Told):
    """A delayed transition, or a delayed event, that waits for its time.

    Attributes:
        state: Path of the state whose `after` it is; None for an event that is raised later.
        event: The type of the event that is raised; None for a transition of `after`.
        delay_ms: How long the whole delay is, in milliseconds.
        due: When it happens.
    """

    state: str | None = None
    event: str | None = None
    delay_ms: float
    due: str


class EmissionView(_Told):
    """A produced event that is on its way, or whose answer has not come.

    Attributes:
        id: Its id.
        type: Its type.
        to: Who it is for.
        domain: The domain that it leaves by.
        way: How it leaves: `handler`, `child`, `orchestration` or `publisher`.
        since: When it was produced; None where that is not known.
        place: Where the orchestration stood when it was produced.
        child: The workflow id of the child that it starts.
    """

    id: str
    type: str
    to: str | None = None
    domain: str | None = None
    way: str
    since: str | None = None
    place: str | None = None
    child: str | None = None


class AwaitedView(_Told):
    """What a resumable has sent last and expects answers to.

    Attributes:
        id: The id of the request.
        type: Its type; None where the record does not tell.
        answers: The types of the answers that have come.
    """

    id: str
    type: str | None = None
    answers: tuple[str, ...] = ()


class StepView(_Told):
    """One of the last steps.

    Attributes:
        number: Its number, counted from 1.
        event: The type of the event that was consumed, or the delay that was over.
        before: The state before it; None before the first one, and for resumables.
        after: The state after it.
        time: When it was made.
        produced: The types of the events that it produced, the first ones where they are many.
        more_produced: How many more there were.
        fate: What became of the event.
    """

    number: int
    event: str
    before: str | None = None
    after: str | None = None
    time: str
    produced: tuple[str, ...] = ()
    more_produced: int = 0
    fate: str


class TroubleView(_Told):
    """What keeps an orchestration from going on as it should.

    Attributes:
        kind: `refused`, `unhandled` or `failed`; beside them what only the server knows: `task-failing`, `no-worker`.
        event: The type of the event that it is about.
        event_id: Its id.
        reason: The kind of error, without anything of an event's data.
        since: When it began.
        cure: The command that cures it.
    """

    kind: str
    event: str | None = None
    event_id: str | None = None
    reason: str | None = None
    since: str | None = None
    cure: str


class OrchestrationView(_Told):
    """What an orchestration tells of itself.

    Attributes:
        workflow_id: Its workflow id.
        key: The id of its execution.
        orchestrator: Its type.
        version: Its version.
        title: What its author says of it, in one line: the machine's `description`.
        parent: The workflow id of the orchestration that it was started by; None for a root.
        status: `beginning` before its first step, then that of its record: `active`, `done`, `error`, `stopped`; or
            `failed`.
        since: When it came where it stands: the time of its newest change of state.
        states: The active states; none for a resumable.
        accepts: The types of the events that can have an effect now, innermost state first; wildcards as they are.
        awaits: Of a resumable, what it has sent last.
        timers: What waits for its time, the nearest first.
        emissions: What is on its way, oldest first.
        more_emissions: How many more there are.
        steps: The last steps, oldest first.
        waiting: How many events wait for their turn.
        fates: How often each fate came up.
        troubles: What keeps it from going on, oldest first.
        more_troubles: How many older ones there are.
    """

    workflow_id: str
    key: str
    orchestrator: str
    version: str
    title: str | None = None
    parent: str | None = None
    status: str
    since: str | None = None
    states: tuple[StateView, ...] = ()
    accepts: tuple[str, ...] = ()
    awaits: tuple[AwaitedView, ...] = ()
    timers: tuple[TimerView, ...] = ()
    emissions: tuple[EmissionView, ...] = ()
    more_emissions: int = 0
    steps: tuple[StepView, ...] = ()
    waiting: int = 0
    fates: Mapping[str, int] = {}
    troubles: tuple[TroubleView, ...] = ()
    more_troubles: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON, without what is not there."""
        return self.model_dump(mode="json", exclude_none=True)
