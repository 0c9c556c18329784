"""The command for developers: the dev server alone, or with an app whose worker is started again when code changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from temporalio.converter import PayloadCodec

from arvo_temporal.cli.app_loading import AppLoadError, load_app
from arvo_temporal.cli.telemetry_options import LogLevelOption
from arvo_temporal.cli.workers import DbFileOption, PortOption, UiPortOption
from arvo_temporal.developing import DevelopOptions, develop
from arvo_temporal.logs import LogLevel, start_log
from arvo_temporal.process import run_command
from arvo_temporal.worker import DevServerOptions, serve_dev, use_runtime

_DB_FILE = Path(".arvo/dev.db")


def dev(
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODULE:APP]", envvar="ARVO_APP", help="The app to run, for example examples.orders.app:app."
        ),
    ] = None,
    watch: Annotated[
        list[Path] | None,
        typer.Option("--watch", metavar="FOLDER", help="Whose Python files are watched; else the current folder."),
    ] = None,
    db_file: DbFileOption = _DB_FILE,
    ui_port: UiPortOption = None,
    port: PortOption = None,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Run the Temporal dev server with its UI until Ctrl-C; with an app also its worker, anew when code changes."""
    dev_server = DevServerOptions(db_file, port, ui_port)

    async def main(stop: asyncio.Event) -> int:
        use_runtime(start_log(log_level))
        if app is None:
            await serve_dev(dev_server, stop=stop, console=Console())
        else:
            options = DevelopOptions(app, dev_server, watch or [Path.cwd()], _codec_of(app))
            await develop(options, stop=stop, console=Console())
        return 0

    run_command(main, serves=True)


def _codec_of(app: str) -> PayloadCodec | None:
    """Return the codec of an app; None also where the app cannot be loaded, of which its worker tells."""
    try:
        return load_app(app).codec
    except AppLoadError:
        return None
