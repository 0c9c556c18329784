"""Events as another program would signal them: past the client, each in a signal of its own."""

from __future__ import annotations

from adapter.payload import to_raw
from arvo import ArvoEvent
from arvo_temporal import ArvoClient, workflow_id


async def signal_alone(client: ArvoClient, event: ArvoEvent) -> None:
    """Signal an event to its orchestration."""
    await client.client.get_workflow_handle(workflow_id(event.subject)).signal("deliver", to_raw(event))
