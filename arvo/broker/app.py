"""What the broker needs of an app, which knows nothing of Temporal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from arvo.events import ArvoEvent
from arvo.handling import IArvoEventHandler

Publisher: TypeAlias = Callable[[ArvoEvent], Awaitable[None] | None]
"""Takes an event out of an app."""


class EventApp(Protocol):
    """The members of an app and the ways out of it: `arvo_temporal.ArvoApp`, or something like it."""

    @property
    def handlers(self) -> Mapping[str, IArvoEventHandler]:
        """The handlers by their sources."""

    @property
    def orchestrators(self) -> Mapping[str, IArvoEventHandler]:
        """The orchestrators by their sources."""

    @property
    def publishers(self) -> Mapping[str | None, Publisher]:
        """What takes the events of a domain out of the app; under None, those without one that nobody in it takes."""

    @property
    def task_queues(self) -> Mapping[str, str]:
        """Where the types of event are taken that other apps serve."""
