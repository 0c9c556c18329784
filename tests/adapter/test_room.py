"""Whoever adds to a history asks the server rarely, and waits while there is no room."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from adapter import room
from adapter.room import Room
from arvo_temporal import OrchestrationBusyError


class Server:
    """Knows one history, and how often it was asked for its size."""

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.asked = 0

    def get_workflow_handle(self, identity: str) -> Server:
        return self

    async def describe(self) -> Any:
        self.asked += 1
        if self.size is None:
            raise RPCError("unknown", RPCStatusCode.NOT_FOUND, b"")
        info = SimpleNamespace(history_size_bytes=self.size)
        raw = SimpleNamespace(workflow_execution_info=info)
        return SimpleNamespace(status=WorkflowExecutionStatus.RUNNING, raw_description=raw)


def room_of(server: Server, bound: int = 1600) -> Room:
    return Room(cast("Client", server), bound)


async def test_the_server_is_asked_once_in_a_sixteenth_of_the_bound() -> None:
    server = Server(0)
    rooms = room_of(server)
    for _ in range(1000):
        assert await rooms.has_room("orchestration", 1)
    assert 9 <= server.asked <= 11


async def test_senders_of_one_event_each_ask_as_often_as_one_of_many() -> None:
    server = Server(0)
    for _ in range(1000):
        assert await room_of(server).has_room("orchestration", 10)
    assert 50 < server.asked < 150


async def test_there_is_none_beyond_the_bound_and_again_in_the_next_run() -> None:
    server = Server(1500)
    rooms = room_of(server)
    assert await rooms.has_room("orchestration", 100)
    server.size = 1600
    assert not await rooms.has_room("orchestration", 100)
    server.size = 10
    assert await rooms.has_room("orchestration", 100)


async def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WAITS", (0.0, 0.0))
    with pytest.raises(OrchestrationBusyError, match="not delivered"):
        await room_of(Server(1600)).wait("orchestration", 101)  # so much that the server is always asked


async def test_what_the_server_does_not_know_has_room() -> None:
    assert await room_of(Server(None)).has_room("orchestration", 10_000)
