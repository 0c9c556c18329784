"""Where produced events go that nobody within the system takes."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import TypeAlias

from arvo.broker.app import EventApp
from arvo.broker.attempts import Call
from arvo.broker.subscriptions import topic_of
from arvo.events import ArvoEvent
from arvo.handling import publishing
from arvo.wire import is_system_error_type

Hook: TypeAlias = Callable[[ArvoEvent], Awaitable[None] | None]


class WaysOut:
    """The publishers of an app, if there is one, and a hook for the events that have a domain.

    Args:
        app: The app, or None.
        hook: Takes the events that have a domain, besides the publishers.
        completions: Types of the events with which orchestrations complete.
    """

    def __init__(self, app: EventApp | None, hook: Hook | None, completions: Collection[str]) -> None:
        self._app = app
        self._hook = hook
        self._completions = completions

    def has_other_app_for(self, event: ArvoEvent) -> bool:
        """Tell whether another app takes an event without a domain."""
        return self._app is not None and topic_of(event) in self._app.task_queues

    def of(self, event: ArvoEvent) -> list[Call]:
        """Return the calls that bring an event out."""
        calls: list[Call] = []
        if self._app is not None and event.domain in self._app.publishers:
            calls.append(partial(_publish, self._app.publishers[event.domain], event))
        if self._hook is not None and event.domain is not None:
            calls.append(partial(self._hook, event))
        return calls

    def complaint(self, event: ArvoEvent) -> str | None:
        """Return why there is no way out for an event, where its sender has to be told; otherwise None.

        How something ended needs no taker. Without an app, an event of a contract may be answered from outside by
        `publish`, and one with a domain too.
        """
        if self._app is not None:
            if event.type in self._completions or is_system_error_type(event.type):
                return None
            return (
                f"Nobody takes '{event.type}': the app has no handler or orchestrator of type '{topic_of(event)}' and "
                f"no publisher for the domain {event.domain!r}."
            )
        if event.domain is not None or event.dataschema is not None:
            return None
        return f"Nobody takes '{event.type}': no contract of the orchestration and no handler here has this type."


async def _publish(publisher: Hook, event: ArvoEvent) -> None:
    with publishing(event):
        result = publisher(event)
        if inspect.isawaitable(result):
            await result
