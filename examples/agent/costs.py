"""What a task has cost: turns and tokens of the model, steps of the agent, events in its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Table
from temporalio.api.history.v1 import HistoryEvent

from arvo_temporal import ArvoClient, workflow_id
from examples.agent.contracts import Report


async def costs(client: ArvoClient, subject: str, report: Report, asked: Sequence[int] | None) -> dict[str, int]:
    """Return what an agent that has ended has cost.

    Args:
        client: A client that has the app.
        subject: The subject of the agent.
        report: How it has ended.
        asked: For which turns the model was asked; None if nobody has counted.
    """
    history = await client.client.get_workflow_handle(workflow_id(subject)).fetch_history()
    activities = _activities(history.events)
    return {
        "turns of the model": report.turns,
        **({} if asked is None else {"requests to the model": len(asked)}),
        "tokens": report.tokens,
        "steps of the agent": len(await client.history(subject)),
        "activities": len(activities),
        "activities that were tried again": sum(tries > 1 for tries in activities),
        "events in its history": len(history.events),
    }


def table_of(costs: Mapping[str, int]) -> Table:
    """Return costs as a table."""
    table = Table("what it has cost", "")
    table.columns[1].justify = "right"
    for name, number in costs.items():
        table.add_row(name, f"{number:,}")
    return table


def _activities(events: Sequence[HistoryEvent]) -> list[int]:
    """Return of each activity which try of it was the last."""
    tries: Counter[int] = Counter()
    for event in events:
        if event.HasField("activity_task_started_event_attributes"):
            attributes = event.activity_task_started_event_attributes
            tries[attributes.scheduled_event_id] = attributes.attempt
    return list(tries.values())
