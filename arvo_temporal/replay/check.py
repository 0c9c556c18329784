"""Checks present code against the history of a run: does it do what was done, and if not, what differs and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter

from adapter.app import ArvoApp
from adapter.definition import find_machine
from adapter.definition_changes import ChangedMachine, changed_machine
from adapter.errors import EncodedPayloadError
from adapter.memo import MEMO, remembered_machine, remembered_mode
from adapter.observation import HistoryEntry
from adapter.policies import StepMode
from arvo_temporal.replay.carried_context import differing_context
from arvo_temporal.replay.replaying import ReplayedRun, replay
from arvo_temporal.replay.runs import has_begun, worked_off
from arvo_temporal.replay.workflow_commands import Command, commands_in

CURE = (
    "To fix: deploy the code that ran, and ship the change as a new version of the contract beside the old one, or "
    "behind arvo.patched() (docs/versioning.md). Until then this orchestration waits, and loses nothing."
)

_CONTEXT_CURE = (
    "To fix: read it as it may be, or use a typed context whose new fields have defaults, or ship the change as a new "
    "version of the contract (docs/versioning.md)."
)

_INLINE_CAUSE = (
    "The function of this resumable runs inline, so each replay calls it again: it returns something else than it did "
    "then, because it was changed or depends on more than its arguments, or the app sends events another way."
)
_CALLED_CAUSE = (
    "What the function of this resumable has returned is in the history: so the contracts are others now, or the app "
    "sends events another way."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the present code departs from a history.

    Attributes:
        step: The step at which it does; None if it is before the first one.
        expected: What the history has; None if it has nothing there, or if that is not known.
        produced: What the code gives; None likewise.
        reason: Why the replay failed, in Temporal's words or in those of the exception.
        raised: Whether it failed by an exception, which says itself what to do.
    """

    step: HistoryEntry | None
    expected: Command | None
    produced: Command | None
    reason: str
    raised: bool

    def __str__(self) -> str:
        place = f"Step {self.step.step} ({self.step.event_type})" if self.step else "The beginning"
        if self.expected is None and self.produced is None:
            return self.reason if self.reason.startswith(place) else f"{place} differs: {self.reason}"
        return (
            f"{place} differs: the history has {self.expected or 'nothing there'}, "
            f"this code gives {self.produced or 'nothing there'}."
        )


@dataclass(frozen=True, slots=True)
class RunCheck:
    """What the check of one run came to.

    Attributes:
        workflow_id: The orchestration.
        run_id: The run.
        steps: How many steps the present code took.
        difference: Where it departs from the history; None if it does not.
        changed: How the definition of the machine has changed since the run began; None if it has not.
        remembered: Whether the run remembers the definition that it began with.
        move: What the present code does by itself at the next event, because the history ends before it; None if
            nothing.
        context: What the present code would miss or misread in the context that the run carries, in words.
        unreadable: Why the history cannot be decoded, so that nothing was checked; None if it can.
        function: Where the function of a resumable runs, in this run; None for a machine.
    """

    workflow_id: str
    run_id: str
    steps: int
    difference: Difference | None
    changed: ChangedMachine | None
    remembered: bool
    move: Difference | None = None
    context: tuple[str, ...] = ()
    unreadable: str | None = None
    function: StepMode | None = None

    @property
    def is_fine(self) -> bool:
        """Whether the present code can go on with the orchestration."""
        return self.difference is None and not self.context and self.unreadable is None

    def explanation(self) -> str:
        """Return in words what differs, why, and what to do about it."""
        if self.unreadable is not None:
            return self.unreadable
        if self.difference is None and self.context:
            return "\n".join(("It carries another context than this code reads:", *self.context, _CONTEXT_CURE))
        return "\n".join(filter(None, (str(self.difference or "Nothing differs."), self._cause(), self._cure())))

    def _cause(self) -> str | None:
        if self.changed is not None:
            return str(self.changed)
        if self.difference is None or self.difference.raised:
            return None
        if self.function is not None:
            return _INLINE_CAUSE if self.function == "inline" else _CALLED_CAUSE
        if self.remembered:
            return (
                "The definition of the machine is the one that this run began with: a guard, an action or an "
                "expression does something else, or the app sends events another way."
            )
        return "The definition that this run began with is not remembered, as it was started by hand."

    def _cure(self) -> str | None:
        return CURE if self.difference and not self.difference.raised else None


async def check_run(app: ArvoApp, run: WorkflowHistory, client: Client | None = None) -> RunCheck:
    """Check an app's present code against the history of one run.

    Args:
        app: The app.
        run: The history.
        client: The client that it was read with; None for a history from a file.
    """
    try:
        return await _check(app, run, client)
    except EncodedPayloadError as error:
        return RunCheck(run.workflow_id, run.run_id, 0, None, None, remembered=False, unreadable=str(error))


async def _check(app: ArvoApp, run: WorkflowHistory, client: Client | None) -> RunCheck:
    replayed = await replay(app, run, client)
    memo = await _memo(run, replayed.data_converter)
    then = remembered_machine(memo)
    orchestrator_type = run.events[0].workflow_execution_started_event_attributes.workflow_type.name
    machine = find_machine(app.orchestrators.get(orchestrator_type), then.version) if then else None
    is_function = then is None and orchestrator_type in app.resumables
    difference, move = await _difference(run, replayed), None
    if difference is None and has_begun(worked_off(run)):
        difference, move = await _beyond_the_end(app, worked_off(run), client)
    return RunCheck(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        steps=len(replayed.steps),
        difference=difference,
        changed=changed_machine(then, machine),
        remembered=then is not None,
        move=move,
        context=await differing_context(machine, run, replayed.data_converter) if machine else (),
        function=remembered_mode(memo, app.step_mode(orchestrator_type)) if is_function else None,
    )


async def _difference(run: WorkflowHistory, replayed: ReplayedRun) -> Difference | None:
    if replayed.failure is None:
        return None
    if replayed.raised:
        return Difference(replayed.steps[-1] if replayed.steps else None, None, None, replayed.failure, raised=True)
    history = await commands_in(run, replayed.data_converter.payload_codec)
    expected, produced = _first_difference(history, replayed.commands)
    return Difference(_step_of(expected, produced, replayed.steps), expected, produced, replayed.failure, raised=False)


async def _beyond_the_end(
    app: ArvoApp, run: WorkflowHistory, client: Client | None
) -> tuple[Difference | None, Difference | None]:
    """Return what the present code gives behind the last command of a run: an end that it has not had, or a move.

    Temporal finds no difference there, and a worker would give these commands at the next event.

    Args:
        app: The app.
        run: The history, up to what a worker has worked off.
        client: The client that it was read with.
    """
    replayed = await replay(app, run, client)
    if replayed.failure is not None:
        return None, None
    history = await commands_in(run, replayed.data_converter.payload_codec)
    beyond = [
        Difference(_step_of(None, command, replayed.steps), None, command, "", raised=False)
        for command in replayed.commands[len(history) :]
    ]
    end = next((one for one in beyond if one.produced is not None and one.produced.is_end), None)
    return end, None if end else next(iter(beyond), None)


def _first_difference(history: Sequence[Command], present: Sequence[Command]) -> tuple[Command | None, Command | None]:
    for expected, produced in zip_longest(history, present):
        if expected is None or produced is None or not produced.is_like(expected):
            return expected, produced
    return None, None


def _step_of(expected: Command | None, produced: Command | None, steps: Sequence[HistoryEntry]) -> HistoryEntry | None:
    """Return the step that gave a command, or should have; the last one where that is not known."""
    causes = [
        step
        for step in steps
        if (expected and expected.parent == step.event_id)
        or (produced and produced.event in [event.id for event in step.events])
    ]
    return min(causes, key=lambda step: step.step, default=steps[-1] if steps else None)


async def _memo(run: WorkflowHistory, converter: DataConverter) -> Any:
    memo = run.events[0].workflow_execution_started_event_attributes.memo.fields
    return (await converter.decode([memo[MEMO]]))[0] if MEMO in memo else None
