"""Replays one run of an orchestration by an app's present code, in this process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Interceptor, Replayer
from temporalio.workflow import NondeterminismError

from adapter.app import ArvoApp
from adapter.codec import app_converter
from adapter.failure_conversion import LenientEncodedFailureConverter, LenientFailureConverter
from adapter.observation import HistoryEntry, ObservingInterceptor
from adapter.runtime import AppInterceptor
from adapter.silence import SilentInterceptor
from adapter.temporal_errors import words_of_replaying
from arvo_temporal.replay.readable import require_readable
from arvo_temporal.replay.runs import has_begun
from arvo_temporal.replay.workflow_commands import Command, CommandRecorder
from workflows import OrchestrationWorkflow


@dataclass(frozen=True, slots=True)
class ReplayedRun:
    """What an app's code makes of the history of a run.

    Attributes:
        steps: The steps that it took, oldest first, until the end or until it was found to differ.
        commands: The commands that it gave.
        failure: Why the replay failed, in Temporal's words or in those of the exception; None if it did not.
        raised: Whether it failed by an exception of the workflow's code, not by a command that differs.
        data_converter: What has read the payloads of the history.
    """

    steps: list[HistoryEntry]
    commands: list[Command]
    failure: str | None
    raised: bool
    data_converter: DataConverter


async def replay(app: ArvoApp, run: WorkflowHistory, client: Client | None = None, *more: Interceptor) -> ReplayedRun:
    """Replay one run; nothing is sent, and no worker takes part.

    Args:
        app: The app whose code is to replay it.
        run: The history.
        client: The client that it was read with, whose data converter reads the payloads; None for Temporal's own.
        *more: What else takes part.

    Raises:
        EncodedPayloadError: The history cannot be decoded.
    """
    converter = app_converter(app, client.data_converter if client else None)
    if not has_begun(run):
        return ReplayedRun([], [], None, False, converter)
    await require_readable(run, converter)
    steps: list[HistoryEntry] = []
    recorder = CommandRecorder()
    replayer = Replayer(
        workflows=[OrchestrationWorkflow],
        interceptors=[
            *(AppInterceptor(app), SilentInterceptor(), ObservingInterceptor(steps.append, recorder.timer)),
            *(recorder, *more),
        ],
        namespace=client.namespace if client else "default",
        data_converter=_with_plain_failures(converter),
        runtime=_quiet(),
    )
    result = await replayer.replay_workflow(run, raise_on_replay_failure=False)
    failure = result.replay_failure
    return ReplayedRun(
        steps=steps,
        commands=recorder.commands,
        failure=words_of_replaying(failure) if failure else None,
        raised=failure is not None and not isinstance(failure, NondeterminismError),
        data_converter=converter,
    )


def _with_plain_failures(converter: DataConverter) -> DataConverter:
    """Return a converter that leaves the messages of failures readable: those of a replay go nowhere."""
    if converter.failure_converter_class is not LenientEncodedFailureConverter:
        return converter
    return replace(converter, failure_converter_class=LenientFailureConverter)


@cache
def _quiet() -> Runtime:
    """Return a runtime that does not log: what a replay finds is returned."""
    return Runtime(telemetry=TelemetryConfig(logging=None))
