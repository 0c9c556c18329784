"""The commands about schedules: orchestrations that Temporal starts at intervals or at times of the calendar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, NoReturn

import typer
from temporalio.client import (
    ScheduleBackfill,
    ScheduleHandle,
    ScheduleIntervalSpec,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
)

from adapter.app import ArvoApp
from adapter.plain_text import plain_json, plain_text
from adapter.scheduling import SCHEDULER
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.running import AppOption, QueueOption
from arvo_temporal.cli.schedule_options import (
    CatchupOption,
    CronOption,
    DataOption,
    EveryOption,
    IdArgument,
    JitterOption,
    NoteOption,
    Overlap,
    OverlapOption,
    TimeoutOption,
    TimezoneOption,
    read_time,
)
from arvo_temporal.cli.schedule_view import described, listed_row
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient, Composer, schedule_errors
from arvo_temporal.connection import connect, named_task_queue
from arvo_temporal.plugin import ArvoPlugin
from arvo_temporal.process import run_command

schedule = typer.Typer(
    no_args_is_help=True, help="Start orchestrations at intervals, or at times of the calendar: Temporal's schedules."
)


@schedule.command()
def create(
    app: Annotated[str, typer.Argument(metavar="MODULE:APP", help="The app, for example examples.orders.app:app.")],
    orchestrator: Annotated[
        str,
        typer.Argument(metavar="ORCHESTRATOR", help="What is started: TYPE, in its newest version, or TYPE/VERSION."),
    ],
    data: DataOption,
    every: EveryOption = None,
    cron: CronOption = None,
    timezone: TimezoneOption = None,
    jitter: JitterOption = None,
    schedule_id: Annotated[
        str | None,
        typer.Option("--id", "--schedule-id", metavar="ID", help="Id of the schedule; else the orchestrator's type."),
    ] = None,
    overlap: OverlapOption = None,
    catchup_window: CatchupOption = None,
    execution_timeout: TimeoutOption = None,
    paused: Annotated[bool, typer.Option("--paused", help="Begin with the schedule paused.")] = False,
    pause_on_failure: Annotated[
        bool, typer.Option("--pause-on-failure", help="Pause the schedule when an orchestration fails.")
    ] = False,
    note: NoteOption = None,
    source: Annotated[str, typer.Option(metavar="NAME", help="Who starts the orchestrations.")] = SCHEDULER,
    task_queue_name: QueueOption = None,
) -> None:
    """Make a schedule that starts an orchestration at each of its times, each with a subject of its own.

    The data is checked against the contract now. Give --every, --cron, or both.
    """
    if not every and not cron:
        raise typer.BadParameter("Say when it starts: --every 1h, or --cron '0 9 * * 1-5'.")
    if timezone is not None and not cron:
        raise typer.BadParameter(
            "--timezone is that of --cron: a span as in --every is as long in each zone. Leave it out, or give --cron."
        )
    spec = ScheduleSpec(
        intervals=[ScheduleIntervalSpec(length) for length in every or ()],
        cron_expressions=cron or [],
        time_zone_name=timezone,
        jitter=jitter,
    )
    policy = SchedulePolicy((overlap or Overlap.SKIP).policy, catchup_window, pause_on_failure)

    async def main(_stop: asyncio.Event) -> int:
        loaded = load_app(app)
        contract = Composer(loaded).contract(orchestrator)
        client = await _connected(loaded, task_queue_name)
        handle = await client.schedules.create(
            contract,
            data,
            spec,
            id=schedule_id,
            source=source,
            policy=policy,
            state=ScheduleState(note=note, paused=paused),
            execution_timeout=execution_timeout,
        )
        _say("created", handle.id)
        return 0

    run_command(main)


@schedule.command("list")
def list_schedules(app: AppOption = None) -> None:
    """List the schedules that start orchestrations, with what each starts, and when it does next."""

    async def body(client: ArvoClient) -> None:
        rows = [await listed_row(listed) async for listed in client.schedules.list()]
        if rows:
            print_table(("schedule", "starts", "next", "state", "note"), [[*map(plain_text, row)] for row in rows])
        else:
            print("There is no schedule that starts orchestrations.")

    _run(body, app)


@schedule.command()
def describe(schedule_id: IdArgument, app: AppOption = None) -> None:
    """Print a schedule as JSON: what it starts, the orchestrations of its last times, and its next times."""

    async def body(client: ArvoClient) -> None:
        with schedule_errors(schedule_id):
            description = await client.schedules.handle(schedule_id).describe()
        print(plain_json(await described(description)))

    _run(body, app)


@schedule.command()
def pause(schedule_id: IdArgument, note: NoteOption = None) -> None:
    """Pause a schedule: no time starts anything. What is running goes on."""
    _do("paused", schedule_id, lambda handle: handle.pause(note=note))


@schedule.command()
def unpause(schedule_id: IdArgument, note: NoteOption = None) -> None:
    """Let a paused schedule go on; the times that it has missed are not made up for, backfill does that."""
    _do("unpaused", schedule_id, lambda handle: handle.unpause(note=note))


@schedule.command()
def trigger(schedule_id: IdArgument, overlap: OverlapOption = None) -> None:
    """Start an orchestration now, also where the schedule is paused."""
    policy = overlap.policy if overlap else None
    _do("triggered", schedule_id, lambda handle: handle.trigger(overlap=policy))


@schedule.command()
def backfill(
    schedule_id: IdArgument,
    start_time: Annotated[datetime, typer.Option(parser=read_time, metavar="TIME", help="The first moment.")],
    end_time: Annotated[datetime, typer.Option(parser=read_time, metavar="TIME", help="The last moment.")],
    overlap: OverlapOption = None,
) -> None:
    """Start what a schedule would have started in a span of the past; a time that was started before is not again."""
    if end_time < start_time:
        raise typer.BadParameter("--end-time lies before --start-time, so there is nothing between them.")
    policy = overlap.policy if overlap else None
    _do("backfilled", schedule_id, lambda handle: handle.backfill(ScheduleBackfill(start_time, end_time, policy)))


@schedule.command()
def delete(schedule_id: IdArgument) -> None:
    """Delete a schedule. What it has started goes on."""
    _do("deleted", schedule_id, lambda handle: handle.delete())


def _do(done: str, schedule_id: str, what: Callable[[ScheduleHandle], Awaitable[None]]) -> NoReturn:
    async def body(client: ArvoClient) -> None:
        with schedule_errors(schedule_id):
            await what(client.schedules.handle(schedule_id))
        _say(done, schedule_id)

    _run(body, None)


def _run(body: Callable[[ArvoClient], Awaitable[None]], app: str | None) -> NoReturn:
    async def main(_stop: asyncio.Event) -> int:
        await body(await _connected(load_app(app) if app else None))
        return 0

    run_command(main)


async def _connected(app: ArvoApp | None, queue: str | None = None) -> ArvoClient:
    client = await connect(plugins=[ArvoPlugin(app)] if app else [])
    return ArvoClient(client, app, task_queue=named_task_queue(queue))


def _say(*words: str) -> None:
    print("  ".join(map(plain_text, words)))
