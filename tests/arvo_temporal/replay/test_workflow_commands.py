"""The timers among the commands of a run: which of them a history has."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, TimerStartedEventAttributes
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.client import WorkflowHistory

from arvo_temporal.replay import workflow_commands
from arvo_temporal.replay.workflow_commands import CommandRecorder, commands_in


@pytest.mark.parametrize(("cancelled_in", "commands"), [(3, []), (7, ["a timer"])])
def test_a_timer_that_its_own_workflow_task_cancels_is_no_command(
    monkeypatch: pytest.MonkeyPatch, cancelled_in: int, commands: list[str]
) -> None:
    tasks = iter([3, cancelled_in])
    monkeypatch.setattr(workflow_commands, "_task", lambda: next(tasks))
    recorder = CommandRecorder()
    with pytest.raises(asyncio.CancelledError), recorder.timer():
        raise asyncio.CancelledError
    assert [str(command) for command in recorder.commands] == commands


async def test_the_pause_before_a_local_activity_is_tried_again_is_no_timer_of_the_machine() -> None:
    started = EventType.EVENT_TYPE_TIMER_STARTED
    attributes = TimerStartedEventAttributes(timer_id="1")
    pause = HistoryEvent(event_type=started, timer_started_event_attributes=attributes)
    own = HistoryEvent(
        event_type=started,
        timer_started_event_attributes=attributes,
        user_metadata=UserMetadata(summary=Payload(data=b"xstate.after.1000.trip.booking")),
    )
    assert [str(command) for command in await commands_in(WorkflowHistory("trip", [pause, own]), None)] == ["a timer"]
