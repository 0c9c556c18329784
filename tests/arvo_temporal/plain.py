"""Plain Temporal workflows and activities of a user, in a module that the sandbox imports for each run."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

from temporalio import activity, workflow

from arvo import ArvoEvent, create_arvo_event

WITHIN = timedelta(seconds=10)

sent: list[str] = []
"""What `send` was given, in order."""


@activity.defn
async def send(event: str) -> None:
    sent.append(event)


@activity.defn
def shout(text: str) -> str:
    """Answer on a thread: a plain function may block."""
    assert threading.current_thread() is not threading.main_thread()
    return f"{text.upper()}!"


@workflow.defn
class Shout:
    """Does without Arvo."""

    @workflow.run
    async def run(self, text: str) -> str:
        return await workflow.execute_activity(shout, text, start_to_close_timeout=WITHIN)


@workflow.defn
class Announce:
    """Makes an event wherever workflow code may run, and sends each before it makes the next."""

    def __init__(self) -> None:
        self._events: dict[str, str] = {}

    @workflow.run
    async def run(self) -> list[str]:
        self._make("run")
        for kind in ("run", "signal", "update"):
            await workflow.wait_condition(partial(self._events.__contains__, kind))
            await workflow.execute_activity(send, self._events[kind], start_to_close_timeout=WITHIN)
        return [self._events[kind] for kind in ("run", "signal", "update")]

    @workflow.signal
    def hint(self) -> None:
        self._make("signal")

    @workflow.update
    async def ask(self) -> str:
        self._make("update")
        return self._events["update"]

    def _make(self, kind: str) -> None:
        event: ArvoEvent = create_arvo_event(type=f"com.news.{kind}", source="com.news", subject="news", data={})
        self._events[kind] = f"{event.type} {event.id} {event.time}"
