"""What commands show of schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.client import (
    Schedule,
    ScheduleActionExecution,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleListDescription,
)
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from adapter.identity import workflow_id
from adapter.payload import from_raw, is_encoded, json_of
from adapter.routing import starts_orchestration
from adapter.scheduling import ORCHESTRATION, occurrence
from arvo.errors import ArvoError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.wire import read_json

_ENCODED = "encoded: give the app, --app"


async def listed_row(listed: ScheduleListDescription) -> tuple[str, str, str, str, str]:
    """Return id, what it starts, next time, state and note of a schedule in a list."""
    upcoming = listed.info.next_action_times if listed.info else ()
    state = listed.schedule.state if listed.schedule else None
    return (
        listed.id,
        await _orchestration(listed),
        _text(upcoming[0]) if upcoming else "-",
        "paused" if state and state.paused else "runs",
        (state.note if state else None) or "",
    )


async def described(description: ScheduleDescription) -> dict[str, Any]:
    """Return a schedule as JSON: what it starts with which data, what it has started, and when it goes on."""
    schedule, info = description.schedule, description.info
    init = await _init_event(schedule, description.data_converter)
    return {
        "id": description.id,
        **_started(init),
        "paused": schedule.state.paused,
        "note": schedule.state.note,
        "overlap": schedule.policy.overlap.name,
        "next": [_text(time) for time in info.next_action_times],
        "recent": [
            {
                "time": _text(result.scheduled_at),
                "workflow_id": _workflow_id(result.action),
                "orchestration": _identity(init, description.id, result.scheduled_at),
            }
            for result in info.recent_actions
        ],
        "running": [_workflow_id(execution) for execution in info.running_actions],
        "started": info.num_actions,
        "skipped": info.num_actions_skipped_overlap,
        "missed": info.num_actions_missed_catchup_window,
    }


async def _orchestration(listed: ScheduleListDescription) -> str:
    try:
        raw = await listed.memo_value(ORCHESTRATION, None, type_hint=RawValue)
        if raw is None:
            return "-"
        return f"({_ENCODED})" if is_encoded(raw) else str(read_json(json_of(raw)))
    except Exception as error:  # of a codec: the other schedules are listed all the same
        return f"({_unreadable(error)})"


async def _init_event(schedule: Schedule, converter: DataConverter) -> ArvoEvent | str:
    """Return the init event of a schedule; why there is none, where it cannot be read."""
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow) or not action.args:
        return "it starts no orchestration"
    try:
        (raw,) = await converter.decode([action.args[0]], [RawValue])
        if is_encoded(raw):
            return _ENCODED
        init = from_raw(raw)
        return init if starts_orchestration(init) else "it starts no orchestration"
    except Exception as error:  # of a codec, or what stands there is no event: the rest is shown all the same
        return _unreadable(error)


def _unreadable(error: Exception) -> str:
    return str(error) if isinstance(error, ArvoError) else f"not readable: {type(error).__name__}: {error}"


def _started(init: ArvoEvent | str) -> dict[str, Any]:
    if isinstance(init, str):
        return {"orchestration": None, "unreadable": init}
    version = ArvoOrchestrationSubject.parse(init.subject).orchestrator.version
    return {"orchestration": f"{init.type} {version}", "source": init.source, "data": init.data}


def _identity(init: ArvoEvent | str, schedule_id: str, time: datetime) -> str | None:
    return None if isinstance(init, str) else workflow_id(occurrence(init, schedule_id, time).subject)


def _workflow_id(execution: ScheduleActionExecution) -> str | None:
    return execution.workflow_id if isinstance(execution, ScheduleActionExecutionStartWorkflow) else None


def _text(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
