"""The client: sends events to orchestrations, reads what they came to, and lets them go on."""

from __future__ import annotations

from arvo_temporal.client.listing import ListingClient
from arvo_temporal.client.recovering import RecoveringClient


class ArvoClient(RecoveringClient, ListingClient):
    """Sends events to orchestrations and reads their records.

    Args:
        client: A Temporal client.
        app: The app whose orchestrations are meant. With it, an init event that its contract refuses is refused
            here, before anything is started.
        task_queue: The task queue of the orchestrations that are started; unset, the app's, and without an app the
            type of the orchestration, which is that of an app that has it as its first and names no other one.

    Attributes:
        client: The Temporal client, with the app's codec.
        schedules: Makes and finds schedules that start orchestrations.
    """
