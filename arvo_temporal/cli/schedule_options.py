"""The options of schedules: when they start, what with, and how they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from temporalio.client import ScheduleOverlapPolicy

from adapter.errors import AppError
from adapter.spans import span
from arvo.errors import shorten
from arvo_temporal.cli.reading import read_object


class Overlap(StrEnum):
    """What happens where an orchestration still runs when the next time comes, in Temporal's words."""

    SKIP = "Skip"
    BUFFER_ONE = "BufferOne"
    BUFFER_ALL = "BufferAll"
    CANCEL_OTHER = "CancelOther"
    TERMINATE_OTHER = "TerminateOther"
    ALLOW_ALL = "AllowAll"

    @property
    def policy(self) -> ScheduleOverlapPolicy:
        """The same for Temporal's client."""
        return ScheduleOverlapPolicy[self.name]


def read_span(text: str) -> timedelta:
    """Read a span of time, such as `1h`, `90s`, `"1h 30m"` or `PT5M`.

    Raises:
        BadParameter: It is none, or not longer than nothing.
    """
    try:
        return span(text, "The span")
    except AppError as error:
        raise typer.BadParameter(f"{error} Or write 1h or 90s.") from None


def read_time(text: str) -> datetime:
    """Read a moment, such as `2026-05-04T00:00:00Z`.

    Raises:
        BadParameter: It is none, has no offset, or lies beyond the years that there are.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise typer.BadParameter(f"{shorten(text)} is no time with an offset: write it as 2026-05-04T00:00:00Z.")


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The schedule.")]
NoteOption = Annotated[str | None, typer.Option("--note", "--notes", metavar="TEXT", help="A note for people.")]
DataOption = Annotated[
    dict[str, Any],
    typer.Option(
        "--data", parser=read_object, metavar="JSON|@FILE|-", help="What each orchestration begins with, an object."
    ),
]
EveryOption = Annotated[
    list[timedelta] | None,
    typer.Option("--every", "--interval", parser=read_span, metavar="SPAN", help="Time between starts: 1h, 90s."),
]
CronOption = Annotated[
    list[str] | None, typer.Option("--cron", metavar="CRON", help="Times as cron writes them: '0 9 * * 1-5'.")
]
TimezoneOption = Annotated[
    str | None,
    typer.Option("--timezone", "--time-zone", metavar="NAME", help="Time zone of --cron: Europe/Berlin; else UTC."),
]
JitterOption = Annotated[
    timedelta | None,
    typer.Option(parser=read_span, metavar="SPAN", help="Start each time by a random span later, at most this."),
]
CatchupOption = Annotated[
    timedelta | None,
    typer.Option(parser=read_span, metavar="SPAN", help="How late a time may start after an outage; else a year."),
]
TimeoutOption = Annotated[
    timedelta | None,
    typer.Option(parser=read_span, metavar="SPAN", help="How long an orchestration may take: then it is terminated."),
]
OverlapOption = Annotated[
    Overlap | None,
    typer.Option(
        "--overlap",
        "--overlap-policy",
        case_sensitive=False,
        help="What happens where an orchestration still runs; else as the schedule says, and that is Skip.",
    ),
]
