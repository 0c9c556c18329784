"""The options of commands that serve: what they log, and where their metrics are read."""

from __future__ import annotations

from typing import Annotated

import typer

from arvo_temporal.logs import LogFormat, LogLevel
from arvo_temporal.worker import ListenAddress

LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        "--log-level",
        help="What is logged, to standard error, of this process and of Temporal's SDK.",
        case_sensitive=False,
        envvar="ARVO_LOG_LEVEL",
    ),
]
LogFormatOption = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        help="How it is logged: a line of text for each event, or of JSON.",
        case_sensitive=False,
        envvar="ARVO_LOG_FORMAT",
    ),
]
LogEventsOption = Annotated[
    bool,
    typer.Option(
        "--log-events", help="Log too what becomes of each event, whatever the level.", envvar="ARVO_LOG_EVENTS"
    ),
]
TracebacksOption = Annotated[
    bool,
    typer.Option("--tracebacks", help="Log tracebacks below the line of what failed.", envvar="ARVO_TRACEBACKS"),
]
MetricsOption = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        help="Serve metrics for Prometheus at /metrics; each of several processes takes the next port, port 0 is a "
        "free one.",
        metavar="HOST:PORT",
        envvar="ARVO_METRICS",
    ),
]


def read_address(text: str | None, option: str) -> ListenAddress | None:
    """Return where an endpoint listens; None without a text.

    Args:
        text: What the option has.
        option: Its name.

    Raises:
        BadParameter: It is no address.
    """
    if not text:
        return None
    try:
        return ListenAddress.read(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def read_metrics(text: str | None, processes: int | None) -> ListenAddress | None:
    """Return where the metrics of the first process are served; None without a text.

    Raises:
        BadParameter: It is no address, or there is no port for the last process.
    """
    address = read_address(text, "--metrics")
    if address is not None and address.after((processes or 1) - 1) is None:
        raise typer.BadParameter(
            f"{processes} processes take {processes} ports, from {address.port} on, and there are not so many: give a "
            "lower one.",
            param_hint="--metrics",
        )
    return address
