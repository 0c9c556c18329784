"""An orchestration in this process: Temporal's own workflow code, and by hand what the server does for it.

An activation is what the server and the SDK's core would hand to a worker: what has happened. What a workflow was given
and has answered is kept, so that it can be dropped from memory at any moment and be replayed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.api.common.v1 import Payload, Payloads, SearchAttributes
from temporalio.bridge.proto.activity_result import ActivityResolution
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    FireTimer,
    InitializeWorkflow,
    NotifyHasPatch,
    QueryWorkflow,
    RemoveFromCache,
    ResolveActivity,
    SignalWorkflow,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import (
    ContinueAsNewWorkflowExecution,
    ScheduleActivity,
    UpdateResponse,
    WorkflowCommand,
)
from temporalio.common import Priority
from temporalio.converter import DataConverter, decode_typed_search_attributes, encode_search_attributes
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
)

from adapter.app import ArvoApp
from adapter.names import PAUSE
from adapter.runtime import AppInterceptor
from adapter.search_attributes import TROUBLE, start_attributes
from arvo import ArvoEvent
from arvo_temporal import workflow_id
from tests.adversity.resolutions import called, completed
from workflows import OrchestrationWorkflow

Job = WorkflowActivationJob

Results = Literal["at once", "after a heartbeat", "with a query", "lost"]
"""When a workflow has the results of local activities.

At once is in the workflow task that has begun the activity; after a heartbeat, in the one that follows. With a query it
is the one that follows as well, but the result is recorded before: so a replay has it at once. It may also be recorded,
and the worker die with the task that follows.
"""

_MOMENT = timedelta(milliseconds=1)
"""So long a workflow waits where it only wants another workflow task."""
_ENDS = ("complete_workflow_execution", "fail_workflow_execution", "cancel_workflow_execution")


def payload(data: bytes, encoding: bytes = b"json/plain") -> Payload:
    """Return a payload."""
    return Payload(metadata={"encoding": encoding}, data=data)


def event_payload(event: ArvoEvent) -> Payload:
    """Return an event as a payload."""
    return payload(event.to_json_bytes())


@dataclass(slots=True)
class _Task:
    """A workflow task: what the worker was given, and what it has answered.

    A replay has the result of a local activity that was recorded before where the activity was `begun`.
    """

    activation: WorkflowActivation
    commands: list[WorkflowCommand]
    begun: int | None = None


@dataclass(slots=True)
class _Run:
    """A run of the workflow, as the server knows it."""

    id: str
    arguments: list[Payload]
    memo: Mapping[str, Payload]
    attributes: Mapping[str, Payload]
    before: str
    began: datetime
    length: int = 0
    tasks: list[_Task] = field(default_factory=list)
    timers: dict[int, datetime] = field(default_factory=dict)
    activities: dict[int, Payload] = field(default_factory=dict)
    calls: dict[int, Sequence[Payload]] = field(default_factory=dict)


class InProcess:
    """One orchestration, from the start of its workflow to its end.

    Args:
        app: The app that serves it.
        init: The event that starts it.

    Attributes:
        now: The time.
        history_bytes: How long the history is said to be, a little for each event apart.
        results: When it has the results of local activities.
        runs: How many runs there have been.
        requests: The events that have left by activities, each once, in order.
        accepted: The numbers of the updates that were not rejected at the door.
        answers: What updates were answered with, by their numbers; None for one that was rejected or has failed.
        result: The result of the workflow; None while it is open.
    """

    def __init__(self, app: ArvoApp, init: ArvoEvent) -> None:
        self.now = datetime(2030, 1, 1, tzinfo=UTC)
        self.history_bytes = 0
        self.results: Results = "at once"
        self.runs = 0
        self.requests: dict[str, ArvoEvent] = {}
        self.accepted: set[int] = set()
        self.answers: dict[int, Any] = {}
        self.result: Any = None
        self._app = app
        self._init = init
        self._updates = 0
        given = SearchAttributes()
        encode_search_attributes(start_attributes(init), given)
        self._attributes: dict[str, Payload] = dict(given.indexed_fields)
        self._begin([event_payload(init)], {}, "")

    @property
    def is_open(self) -> bool:
        """Whether the workflow has not ended."""
        return self.result is None

    @property
    def pauses(self) -> int:
        """How many pauses the present run has made within its workflow tasks."""
        commands = [command for task in self._run.tasks for command in task.commands]
        return sum(command.schedule_local_activity.activity_type == PAUSE for command in commands)

    @property
    def trouble(self) -> set[str]:
        """The kinds of trouble that a list would show."""
        encoded = self._attributes.get(TROUBLE.name)
        return set(json.loads(encoded.data) if encoded else ())

    @property
    def waiting(self) -> list[ArvoEvent]:
        """The events whose activities have not ended, in order."""
        return [ArvoEvent.from_json(argument.data) for argument in self._run.activities.values()]

    @property
    def is_calling(self) -> bool:
        """Whether a call of the function of a resumable is under way."""
        return bool(self._run.calls)

    def signal(self, *signals: tuple[str, Iterable[Payload]]) -> None:
        """Let signals arrive, all in one workflow task."""
        self._happen(
            Job(signal_workflow=SignalWorkflow(signal_name=name, input=args, originating_event_id=1))
            for name, args in signals
        )

    def update(self, name: str, argument: Payload) -> int:
        """Send an update, and return its number."""
        self._updates += 1
        number = str(self._updates)
        update = DoUpdate(id=number, protocol_instance_id=number, name=name, input=[argument], run_validator=True)
        self._happen([Job(do_update=update)])
        return self._updates

    def call(self) -> None:
        """Let the call that is under way, of the function of a resumable, come back."""
        ((seq, arguments),) = self._run.calls.items()
        self._complete(seq, called(self._app, self._init.type, arguments))

    def answer(self, event_id: str, result: Payload) -> None:
        """Let the activity of an event complete."""
        for seq, argument in self._run.activities.items():
            if ArvoEvent.from_json(argument.data).id == event_id:
                self._complete(seq, completed(result))
                return
        raise AssertionError(f"{event_id} is not under way")

    def advance(self, seconds: float) -> None:
        """Let time pass: timers fire, each at its own moment."""
        end = self.now + timedelta(seconds=seconds)
        while (due := min(self._run.timers.values(), default=end)) <= end and self.is_open and self._run.timers:
            self.now = max(self.now, due)
            self._fire_what_is_due(self.now)
        self.now = end

    def restart(self) -> None:
        """Drop the workflow from memory, and replay what has happened: nothing else may come of it."""
        self._evict()
        self._load()

    def lose_next_task(self) -> None:
        """Let the worker die with its next workflow task, whose answer is lost: another worker gets the task."""
        self._is_to_be_lost = True

    def query(self, name: str) -> Any:
        """Return the answer to a query."""
        ask = Job(query_workflow=QueryWorkflow(query_id="q", query_type=name))
        completion = self._instance.activate(self._activation([ask], is_replaying=True))
        (command,) = completion.successful.commands
        return json.loads(command.respond_to_query.succeeded.response.data)

    def _begin(self, arguments: Iterable[Payload], memo: Mapping[str, Payload], before: str) -> None:
        self.runs += 1
        self._is_to_be_lost = False
        self._run = _Run(f"run-{self.runs}", list(arguments), memo, dict(self._attributes), before, self.now)
        self._load()
        start = InitializeWorkflow(
            workflow_type=self._init.type, workflow_id=workflow_id(self._init.subject), arguments=self._run.arguments
        )
        self._happen([Job(initialize_workflow=start)])

    def _happen(self, jobs: Iterable[Job]) -> None:
        """Let something arrive, in a workflow task of its own."""
        self._run.length += 3
        self._work(jobs)
        if self.results != "at once" and self.is_open:
            self._fire_what_is_due(self.now + _MOMENT)

    def _fire_what_is_due(self, moment: datetime) -> None:
        seqs = [seq for seq, due in self._run.timers.items() if due <= moment]
        for seq in seqs:
            del self._run.timers[seq]
        if seqs:
            self._happen(Job(fire_timer=FireTimer(seq=seq)) for seq in seqs)

    def _work(self, jobs: Iterable[Job], begun: int | None = None) -> None:
        """Give the worker what there is, and do what it asks for.

        Args:
            jobs: What there is.
            begun: Where a replay has it already; None if that is here.
        """
        assert self.is_open, "nothing happens to a workflow that has ended"
        activation = self._activation(jobs)
        if self._is_to_be_lost:
            self._is_to_be_lost = False
            self._activate(activation)
            self.restart()
        elif begun is not None and self.results == "lost":
            self.restart()
            activation = self._foreseen(activation, begun)
        commands = self._activate(activation)
        self._run.tasks.append(_Task(activation, commands, begun))
        run = self._run
        for command in commands:
            self._perform(command)
            if self._run is not run:
                return  # What comes after the end of a run is nothing to the server.
        self._finish_local_activities(commands, activation.history_length)

    def _perform(self, command: WorkflowCommand) -> None:
        match command.WhichOneof("variant"):
            case "start_timer":
                wait = command.start_timer.start_to_fire_timeout.ToTimedelta()
                self._run.timers[command.start_timer.seq] = self.now + wait
            case "cancel_timer":
                self._run.timers.pop(command.cancel_timer.seq, None)
            case "schedule_activity":
                self._schedule(command.schedule_activity)
            case "upsert_workflow_search_attributes":
                fields = command.upsert_workflow_search_attributes.search_attributes.indexed_fields
                changed = {**self._attributes, **fields}
                unset = (b"", b"null", b"[]")
                self._attributes = {name: value for name, value in changed.items() if value.data not in unset}
            case "update_response":
                self._answered(command.update_response)
            case "continue_as_new_workflow_execution":
                self._continue_as_new(command.continue_as_new_workflow_execution)
            case end if end in _ENDS:
                assert end == "complete_workflow_execution", command
                self.result = json.loads(command.complete_workflow_execution.result.data)

    def _schedule(self, command: ScheduleActivity) -> None:
        if command.activity_type == self._init.type:
            self._run.calls[command.seq] = command.arguments
            return
        (argument,) = command.arguments
        self._run.activities[command.seq] = argument
        event = ArvoEvent.from_json(argument.data)
        self.requests.setdefault(event.id, event)

    def _answered(self, response: UpdateResponse) -> None:
        number = int(response.protocol_instance_id)
        if response.HasField("accepted"):
            self.accepted.add(number)
        else:
            self.answers[number] = json.loads(response.completed.data) if response.HasField("completed") else None

    def _continue_as_new(self, command: ContinueAsNewWorkflowExecution) -> None:
        if self.results != "at once":
            self.restart()  # The run is to end in a replay as well.
        self._evict()
        self._begin(command.arguments, dict(command.memo), self._run.id)

    def _finish_local_activities(self, commands: Iterable[WorkflowCommand], begun: int) -> None:
        """Complete what is done within a workflow task: calls, and the pauses of a workflow that has much to do."""
        for command in commands:
            if command.HasField("schedule_local_activity"):
                local = command.schedule_local_activity
                is_call = local.activity_type == self._init.type
                result = called(self._app, self._init.type, local.arguments) if is_call else completed(payload(b"null"))
                self._complete_local(ResolveActivity(seq=local.seq, result=result, is_local=True), begun)

    def _complete_local(self, resolution: ResolveActivity, begun: int) -> None:
        if self.results != "at once":
            self._run.length += 3
        self._work([Job(resolve_activity=resolution)], begun if self.results in ("with a query", "lost") else None)

    def _complete(self, seq: int, result: ActivityResolution) -> None:
        self._run.activities.pop(seq, None)
        self._run.calls.pop(seq, None)
        self._happen([Job(resolve_activity=ResolveActivity(seq=seq, result=result))])

    def _activation(self, jobs: Iterable[Job], *, is_replaying: bool = False) -> WorkflowActivation:
        activation = WorkflowActivation(run_id=self._run.id, is_replaying=is_replaying, jobs=jobs)
        activation.history_length = self._run.length
        activation.history_size_bytes = self._bytes(self._run.length)
        activation.timestamp.FromDatetime(self.now)
        return activation

    def _bytes(self, length: int) -> int:
        return self.history_bytes + 100 * length

    def _foreseen(self, activation: WorkflowActivation, begun: int) -> WorkflowActivation:
        """Return what a replay has at a place in the history."""
        replayed = WorkflowActivation()
        replayed.CopyFrom(activation)
        replayed.is_replaying = True
        if replayed.history_length != begun:
            replayed.history_length, replayed.history_size_bytes = begun, self._bytes(begun)
        return replayed

    def _activate(self, activation: WorkflowActivation) -> list[WorkflowCommand]:
        completion = self._instance.activate(activation)
        assert completion.HasField("successful"), completion.failed.failure.message
        return list(completion.successful.commands)

    def _load(self) -> None:
        """Load the workflow of the present run into memory, by a replay of what has happened in it."""
        self._instance = asyncio.run(self._create())
        for task in self._run.tasks:
            place, marks = task.activation.history_length, _marks(task.commands)
            replayed = self._foreseen(task.activation, place if task.begun is None else task.begun)
            if task.begun is None:
                replayed.jobs.extend(marks)
            assert self._activate(replayed) == task.commands

    def _evict(self) -> None:
        self._instance.activate(self._activation([Job(remove_from_cache=RemoveFromCache())]))

    async def _create(self) -> WorkflowInstance:
        """Return a workflow; the SDK needs a loop for that, which is not the one that the workflow runs in."""
        converter = DataConverter.default
        extern_functions: dict[str, Any] = {"__temporal_assert_local_activity_valid": lambda name: None}
        AppInterceptor(self._app).workflow_interceptor_class(WorkflowInterceptorClassInput(extern_functions))
        return UnsandboxedWorkflowRunner().create_instance(
            WorkflowInstanceDetails(
                payload_converter_factory=lambda: converter.payload_converter,
                failure_converter_class=converter.failure_converter_class,
                interceptor_classes=[],
                defn=workflow._Definition.must_from_class(OrchestrationWorkflow),
                info=self._info(),
                randomness_seed=self.runs,
                extern_functions=extern_functions,
                disable_eager_activity_execution=True,
                worker_level_failure_exception_types=[],
                patch_activation_callback=None,
                last_completion_result=Payloads(),
                last_failure=None,
            )
        )

    def _info(self) -> workflow.Info:
        return workflow.Info(
            attempt=1,
            continued_run_id=self._run.before or None,
            cron_schedule=None,
            execution_timeout=None,
            first_execution_run_id="run-1",
            headers={},
            namespace="default",
            original_execution_run_id=self._run.id,
            parent=None,
            root=None,
            priority=Priority.default,
            raw_memo=self._run.memo,
            retry_policy=None,
            run_id=self._run.id,
            run_timeout=None,
            search_attributes={},
            start_time=self._run.began,
            task_queue=self._app.task_queue,
            task_timeout=timedelta(seconds=10),
            typed_search_attributes=decode_typed_search_attributes(
                SearchAttributes(indexed_fields=self._run.attributes)
            ),
            workflow_id=workflow_id(self._init.subject),
            workflow_start_time=self._run.began,
            workflow_type=self._init.type,
        )


def _marks(commands: Iterable[WorkflowCommand]) -> list[Job]:
    """Return what tells a replay of the patch markers that a workflow task has left."""
    return [
        Job(notify_has_patch=NotifyHasPatch(patch_id=command.set_patch_marker.patch_id))
        for command in commands
        if command.HasField("set_patch_marker")
    ]
