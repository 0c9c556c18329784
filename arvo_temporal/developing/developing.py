"""Runs an app for its developer: dev server, worker, and the worker again when code changes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NoReturn

from rich.console import Console
from temporalio.converter import PayloadCodec

from arvo_temporal.dev_server import DevServer
from arvo_temporal.developing.code_changes import CodeChanges
from arvo_temporal.developing.log_line import LogLine
from arvo_temporal.developing.screen import Screen
from arvo_temporal.developing.ui_codec import UiCodec
from arvo_temporal.developing.worker_process import WorkerProcess
from arvo_temporal.tasks import first_completed
from arvo_temporal.worker import DevServerOptions, new_dev_server, wait_for_stop

_PAUSE = 1.0
"""Seconds after which a worker that was ended by somebody else is started again."""

_SHOWN = ("WARNING", "ERROR", "CRITICAL", "")


@dataclass(frozen=True, slots=True)
class DevelopOptions:
    """What is developed, and how.

    Attributes:
        app: What the worker serves, as MODULE:APP.
        dev_server: How to run the dev server.
        watched: Folders whose Python files are watched; the current one by default.
        codec: The codec of the app as it is at the start, which is served to the UI.
    """

    app: str
    dev_server: DevServerOptions = field(default_factory=lambda: DevServerOptions(None))
    watched: Sequence[Path] = field(default_factory=lambda: [Path.cwd()])
    codec: PayloadCodec | None = None


async def develop(options: DevelopOptions, *, stop: asyncio.Event, console: Console) -> None:
    """Run a dev server and a worker, and the worker again when code changes, until `stop` is set.

    What an app encrypts, its UI shows by a codec server.

    Args:
        options: What is developed, and how.
        stop: Asks it to end.
        console: Where it shows what happens.

    Raises:
        AppError: What is to be watched cannot be.
        SettingsError: The connection settings cannot be read.
        DevServerError: The dev server could not be started, or has ended.
        CodecServerError: The codec server could not be started.
    """
    changes = CodeChanges(options.watched)
    codec = UiCodec(options.codec, avoid=options.dev_server.given_ports)
    async with new_dev_server(options.dev_server, ui_codec_endpoint=codec.url) as server, codec.serving(server):
        with (
            NamedTemporaryFile(prefix="arvo-", suffix=".toml") as no_profiles,
            Screen(console, _addresses(server, codec)) as screen,
        ):
            served = _Served(options.app, _environment(server, no_profiles.name), changes, screen)
            await first_completed(wait_for_stop(stop, server), changes.watch(), served.again_and_again())


class _Served:
    """The worker, and the next one when code changes."""

    def __init__(self, app: str, environment: dict[str, str], changes: CodeChanges, screen: Screen) -> None:
        self._app = app
        self._environment = environment
        self._changes = changes
        self._screen = screen
        self._serves = False

    async def again_and_again(self) -> NoReturn:
        while True:
            self._screen.starts()
            self._serves = False
            worker = await WorkerProcess.start(self._app, self._environment, printed=self._printed, logged=self._logged)
            self._screen.says(f"Worker: starts {self._app}.")
            try:
                await first_completed(self._until_code_changes(), self._report_end(worker))
            finally:
                await worker.stop()

    async def _until_code_changes(self) -> None:
        changed = await self._changes.next()
        names = ", ".join(Path(path).name for path in changed[:3])
        self._screen.says(f"Worker: starts again, as code has changed: {names}{' ...' * (len(changed) > 3)}")

    async def _report_end(self, worker: WorkerProcess) -> None:
        """Say that a worker has ended; after an error of its own it waits for a change, else it goes on soon."""
        end = await worker.ended()
        if end is not None and end.startswith("exit code"):
            self._screen.says(f"Worker: has ended by {end}, and starts again when code changes.", wrong=True)
            await asyncio.Event().wait()
        self._screen.says(f"Worker: has ended by {end or 'itself'}, and starts again.", wrong=True)
        await asyncio.sleep(_PAUSE)

    def _printed(self, line: str) -> None:
        self._screen.shows(line)
        if not self._serves:
            self._serves = True
            self._screen.says(f"Worker: serves {self._app}, and starts again when code changes.")

    def _logged(self, line: str) -> None:
        read = LogLine.read(line)
        if read.is_fate or read.level in _SHOWN:
            self._screen.logs(read)


def _addresses(server: DevServer, codec: UiCodec) -> list[tuple[str, str]]:
    return [
        ("Temporal UI", f"{server.ui_url}/namespaces/{server.namespace}/workflows"),
        *([("its codec", codec.words)] if codec.words else []),
        ("Temporal", server.address),
        ("to use it", f"export TEMPORAL_ADDRESS={server.address}"),
    ]


def _environment(server: DevServer, config_file: str) -> dict[str, str]:
    """Return the environment of workers: our own, but of Temporal's settings those of the dev server alone."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    columns = shutil.get_terminal_size().columns
    return {
        **own,
        "COLUMNS": str(columns),
        "TEMPORAL_ADDRESS": server.address,
        "TEMPORAL_NAMESPACE": server.namespace,
        "TEMPORAL_CONFIG_FILE": config_file,
        "PYTHONUNBUFFERED": "1",
        "ARVO_LOG_FORMAT": "json",
        "ARVO_LOG_EVENTS": "1",
    }
