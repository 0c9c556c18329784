"""The commands of a run of an orchestration: those in its history, and those that code gives when it is replayed.

Commands are what Temporal compares on a replay: activities, child workflows, timers, and how the run ends. Local
activities are left out here, since a history has them in the order of their ends, with the timers between their tries.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.common import RawValue
from temporalio.converter import PayloadCodec
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle, ChildWorkflowHandle

_ENDS = ("completion", "failure", "continuation")
_ENDS_IN_HISTORY = {
    "workflow_execution_completed_event_attributes": "completion",
    "workflow_execution_failed_event_attributes": "failure",
    "workflow_execution_continued_as_new_event_attributes": "continuation",
}
_EXTERN = "arvo_command_recorder"


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

    @property
    def is_end(self) -> bool:
        """Whether it ends the run."""
        return self.kind in _ENDS

    def is_like(self, other: Command) -> bool:
        """Tell whether Temporal could take one for the other."""
        return self.kind == other.kind and (self.is_end or self.name == other.name)


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
        elif kind == "timer_started_event_attributes" and event.user_metadata.HasField("summary"):
            found.append(Command("timer"))
        elif kind in _ENDS_IN_HISTORY:
            found.append(Command(_ENDS_IN_HISTORY[kind]))
    return found


class CommandRecorder(Interceptor):
    """Notes the commands that workflow code gives when a replayer runs it.

    Attributes:
        commands: The commands, in order.
    """

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """See the base class."""
        input.unsafe_extern_functions[_EXTERN] = lambda: self
        return _Inbound

    @contextmanager
    def timer(self) -> Iterator[None]:
        """Note a durable timer, unless it is cancelled in the workflow task that starts it: a history has neither."""
        timer, task = Command("timer"), _task()
        self.commands.append(timer)
        try:
            yield
        except asyncio.CancelledError:
            if _task() == task:
                self.commands = [command for command in self.commands if command is not timer]
            raise


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        recorder = _recorder()
        try:
            result = await super().execute_workflow(input)
        except FailureError as error:
            if not is_cancelled_exception(error):
                recorder.commands.append(Command("failure", error.message))
            raise
        recorder.commands.append(Command("completion"))
        return result


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
        handle = super().start_activity(input)
        _recorder().commands.append(_carrying("activity", input.activity, _payloads(input.args)))
        return handle

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> ChildWorkflowHandle[Any, Any]:
        _recorder().commands.append(_carrying("child workflow", input.workflow, _payloads(input.args)))
        return await super().start_child_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        _recorder().commands.append(Command("continuation"))
        super().continue_as_new(input)


def _recorder() -> CommandRecorder:
    return cast("Callable[[], CommandRecorder]", workflow.extern_functions()[_EXTERN])()


def _task() -> int:
    """Return what tells one workflow task of a run from the others."""
    return workflow.info().get_current_history_length()


def _payloads(args: Sequence[Any]) -> list[Payload]:
    return [arg.payload for arg in args if isinstance(arg, RawValue)]


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
