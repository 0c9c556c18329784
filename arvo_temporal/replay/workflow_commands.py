"""The commands of a run of an orchestration: those in its history, and those that code gives when it is replayed.

Commands are what Temporal compares on a replay: activities, child workflows, timers, and how the run ends. Local
activities are left out here, since a history has them in the order of their ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info

_ENDS = ("completion", "failure", "continuation")
_ENDS_IN_HISTORY = {
    "workflow_execution_completed_event_attributes": "completion",
    "workflow_execution_failed_event_attributes": "failure",
    "workflow_execution_continued_as_new_event_attributes": "continuation",
}
_ENDS_AS_COMMANDS = {
    "complete_workflow_execution": "completion",
    "fail_workflow_execution": "failure",
    "continue_as_new_workflow_execution": "continuation",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        kind: `activity`, `child workflow`, `timer`, or how the run ended.
        name: The type of the activity or of the child workflow; of a failure, its message.
        event: The id of the event that it carries.
        event_type: The type of that event.
        parent: The `parentid` of that event: the event in answer to which it was produced.
    """

    kind: str
    name: str = ""
    event: str | None = None
    event_type: str | None = None
    parent: str | None = None

    def __str__(self) -> str:
        if self.kind in _ENDS:
            return f"its {self.kind} ({self.name})" if self.name else f"its {self.kind}"
        carried = f" with '{self.event_type}'" if self.event_type not in (None, self.name) else ""
        return f"{self.kind} '{self.name}'{carried}" if self.name else f"a {self.kind}"

    def is_like(self, other: Command) -> bool:
        """Tell whether Temporal could take one for the other."""
        return self.kind == other.kind and (self.kind in _ENDS or self.name == other.name)


async def commands_in(run: WorkflowHistory, codec: PayloadCodec | None) -> list[Command]:
    """Return the commands that a history has, in order.

    Args:
        run: The history.
        codec: What decodes its payloads.
    """
    found: list[Command] = []
    for event in run.events:
        kind = event.WhichOneof("attributes")
        attributes: Any = getattr(event, kind) if kind else None
        if kind == "activity_task_scheduled_event_attributes":
            payloads = await _decoded(attributes.input.payloads, codec)
            found.append(_carrying("activity", attributes.activity_type.name, payloads))
        elif kind == "start_child_workflow_execution_initiated_event_attributes":
            payloads = await _decoded(attributes.input.payloads, codec)
            found.append(_carrying("child workflow", attributes.workflow_type.name, payloads))
        elif kind == "timer_started_event_attributes":
            found.append(Command("timer"))
        elif kind in _ENDS_IN_HISTORY:
            found.append(Command(_ENDS_IN_HISTORY[kind]))
    return found


class CommandRecorder(UnsandboxedWorkflowRunner):
    """Runs workflow code for a replayer and notes the commands that it gives.

    Args:
        on_failure: Called with the message of an exception that ends the replay.

    Attributes:
        commands: The commands, in order.
    """

    def __init__(self, on_failure: Callable[[str], None]) -> None:
        self.commands: list[Command] = []
        self._on_failure = on_failure
        self._timers: dict[int, tuple[int, Command]] = {}

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See the base class."""
        return _Watched(super().create_instance(det), self._completed)

    def _completed(self, activation: Any, completion: Any) -> None:
        if completion.HasField("failed"):
            self._on_failure(_message(completion.failed.failure))
        for command in completion.successful.commands:
            self._note(command, activation.history_length)

    def _note(self, command: Any, task: int) -> None:
        kind = command.WhichOneof("variant")
        if kind == "schedule_activity":
            activity = command.schedule_activity
            self.commands.append(_carrying("activity", activity.activity_type, activity.arguments))
        elif kind == "start_child_workflow_execution":
            child = command.start_child_workflow_execution
            self.commands.append(_carrying("child workflow", child.workflow_type, child.input))
        elif kind == "start_timer":
            timer = Command("timer")
            self._timers[command.start_timer.seq] = (task, timer)
            self.commands.append(timer)
        elif kind == "cancel_timer":
            self._forget(command.cancel_timer.seq, task)
        elif kind in _ENDS_AS_COMMANDS:
            message = _message(command.fail_workflow_execution.failure)
            self.commands.append(Command(_ENDS_AS_COMMANDS[kind], message))

    def _forget(self, seq: int, task: int) -> None:
        """Drop a timer that is cancelled in the workflow task that started it: the history has neither."""
        started_in, timer = self._timers.pop(seq, (None, None))
        if started_in == task:
            self.commands = [command for command in self.commands if command is not timer]


class _Watched(WorkflowInstance):
    """A workflow that runs as it would, and tells what each activation came to."""

    def __init__(self, instance: WorkflowInstance, completed: Callable[[Any, Any], None]) -> None:
        self._instance = instance
        self._completed = completed

    def activate(self, act: Any) -> Any:
        completion = self._instance.activate(act)
        self._completed(act, completion)
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


def _message(failure: Failure) -> str:
    """Return the message of a failure; apps with a codec keep it among its attributes."""
    if not failure.HasField("encoded_attributes"):
        return failure.message
    return str(json.loads(failure.encoded_attributes.data)["message"])


def _carrying(kind: str, name: str, payloads: Sequence[Payload]) -> Command:
    event = _event_in(payloads)
    return Command(kind, name, event.get("id"), event.get("type"), event.get("parentid"))


def _event_in(payloads: Sequence[Payload]) -> Mapping[str, Any]:
    try:
        value = json.loads(payloads[0].data) if payloads else None
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}


async def _decoded(payloads: Sequence[Payload], codec: PayloadCodec | None) -> Sequence[Payload]:
    return await codec.decode(payloads) if codec else payloads
