"""The Temporal dev server: the real server with its UI, as a process of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from temporalio.client import Client
from temporalio.service import RPCError

from adapter.search_attributes import ATTRIBUTES
from adapter.temporal_errors import says_port_is_taken
from arvo_temporal.child_process import ChildProcess
from arvo_temporal.dev_server.database import damage, locked
from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.log import ServerLog
from arvo_temporal.dev_server.ports import LOOPBACK, choose_ports
from arvo_temporal.dev_server.privacy import UMASK
from arvo_temporal.dev_server.program import Configuration, find_program
from arvo_temporal.dev_server.readiness import until_ready
from arvo_temporal.registration import SetupError, register_attributes
from arvo_temporal.tasks import first_completed

_STARTS = 5
_ENTER_FIRST = "enter it first (async with DevServer() as server)."


class DevServer:
    """A Temporal dev server, running inside `async with`.

    Everything listens on the loopback address only, on free ports unless they are given. When the block is left, by
    whatever way, the server is stopped; it cannot outlive this process either. What it writes, only its owner can read.

    Args:
        port: Port of the gRPC frontend.
        ui: Whether to serve the Temporal UI.
        ui_port: Port of the UI.
        ui_codec_endpoint: URL of a codec server that the UI asks, so that it shows what is encrypted.
        http_port: Port of the HTTP API.
        metrics_port: Port of the metrics.
        db_file: SQLite file that keeps everything from one start to the next; without it, all is lost at the end.
        namespace: Namespace that is created if need be, and awaited.
        search_attributes: Names and types of search attributes of yours to register: `{"orderId": "Keyword"}`.
        for_orchestrations: Whether to register those of orchestrations too.
        dynamic_config: Values of Temporal's dynamic configuration.
        log_file: Where the server's output goes; by default a temporary file that goes with the server.
        executable: The `temporal` program; by default the one beside this Python, or on the PATH.
        ready_within: Seconds that the server may take until it answers.
        stop_within: Seconds that it may take to end before it is killed.

    Raises:
        DevServerError: On entering: there is no `temporal` program, a given port is taken, the database file is in
            use, or the server ended or stayed silent instead of getting ready.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        ui: bool = True,
        ui_port: int | None = None,
        ui_codec_endpoint: str | None = None,
        http_port: int | None = None,
        metrics_port: int | None = None,
        db_file: str | Path | None = None,
        namespace: str = "default",
        search_attributes: Mapping[str, str] | None = None,
        for_orchestrations: bool = True,
        dynamic_config: Mapping[str, Any] | None = None,
        log_file: str | Path | None = None,
        executable: str | Path | None = None,
        ready_within: float = 30.0,
        stop_within: float = 10.0,
    ) -> None:
        self.namespace = namespace
        self._configuration = Configuration(
            namespace=namespace,
            db_file=Path(db_file) if db_file is not None else None,
            dynamic_config=dict(dynamic_config or {}),
            ui_codec_endpoint=ui_codec_endpoint,
        )
        self._search_attributes = {**(ATTRIBUTES if for_orchestrations else {}), **(search_attributes or {})}
        self._given_ports = {"port": port, "http-port": http_port, "metrics-port": metrics_port}
        if ui:
            self._given_ports["ui-port"] = ui_port
        self._ports: dict[str, int] = {}
        self._log = ServerLog(Path(log_file) if log_file is not None else None)
        self._executable = executable
        self._ready_within = ready_within
        self._stop_within = stop_within
        self._process: ChildProcess | None = None

    @property
    def address(self) -> str:
        """Host and port of the gRPC frontend, as Temporal clients take it."""
        return f"{LOOPBACK}:{self._port('port')}"

    @property
    def ui_url(self) -> str | None:
        """Address of the Temporal UI; None without UI."""
        return f"http://{LOOPBACK}:{self._port('ui-port')}" if "ui-port" in self._given_ports else None

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._running().pid

    @property
    def log_file(self) -> Path:
        """File with the output of the server."""
        if self._log.file is None:
            raise DevServerError(f"The dev server has no log yet: {_ENTER_FIRST}")
        return self._log.file

    async def __aenter__(self) -> Self:
        """Start the server and wait until it answers."""
        program = find_program(self._executable)
        try:
            await self._start_on_free_ports(program)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        await self.stop()

    async def stop(self) -> None:
        """End the server in good order: it is asked to, waited for, and killed only if it does not come to an end."""
        if self._process is not None:
            await self._process.stop(self._stop_within)
            self._process = None
        self._log.discard()

    async def kill(self) -> None:
        """End the server at once by SIGKILL, as a crash would."""
        await self._running().kill()

    async def restart(self) -> None:
        """Start the server again on the same ports and database file, ending it first if it still runs.

        Raises:
            DevServerError: It did not get ready.
        """
        await self._running().stop(self._stop_within)
        await self._start(find_program(self._executable))

    async def ended(self) -> str:
        """Wait until the server has ended by itself; return what it said last."""
        await self._running().wait()
        return self._log.tail()

    async def _start_on_free_ports(self, program: Path) -> None:
        for remaining in reversed(range(_STARTS)):
            self._ports = choose_ports(self._given_ports)
            try:
                return await self._start(program)
            except DevServerError:
                # Between our choice and the server's start anyone can take a port.
                if not remaining or not self._lost_a_chosen_port():
                    raise

    async def _start(self, program: Path) -> None:
        command = [str(program), *self._configuration.arguments(self._ports)]
        log_file = self._log.open()
        with locked(self._configuration.db_file) as lock:
            self._process = await ChildProcess.start(command, log_file=log_file, keep_open=lock, umask=UMASK)
        await self._until_ready(self._process)

    async def _until_ready(self, process: ChildProcess) -> None:
        try:
            async with asyncio.timeout(self._ready_within):
                await first_completed(process.wait(), until_ready(self.address, self.namespace, self._ports.values()))
        except TimeoutError:
            raise DevServerError(
                f"The dev server at {self.address} was not ready within {self._ready_within:g} seconds.{self._hint()}"
            ) from None
        if process.exit_code is not None:
            reason = self._damage() or "."
            raise DevServerError(
                f"The dev server ended while starting (exit code {process.exit_code}){reason}{self._hint()}"
            )
        await self._register_attributes()

    async def _register_attributes(self) -> None:
        """Register search attributes in a namespace of this start or of an earlier one, which its options do not."""
        client = await Client.connect(self.address, namespace=self.namespace)
        try:
            await register_attributes(client, self._search_attributes, within=self._ready_within)
        except (RPCError, SetupError) as error:
            raise DevServerError(f"The dev server does not take its search attributes: {error}") from error

    def _lost_a_chosen_port(self) -> bool:
        taken = [line for line in self._log.tail().splitlines() if says_port_is_taken(line)]
        given = [port for port in self._given_ports.values() if port is not None]
        return bool(taken) and not any(f":{port}:" in line for port in given for line in taken)

    def _damage(self) -> str | None:
        db_file = self._configuration.db_file
        return damage(db_file, self._log.tail()) if db_file is not None else None

    def _hint(self) -> str:
        tail = self._log.tail()
        return f" It said:\n{tail}" if tail else " It said nothing."

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise DevServerError(f"The dev server has no address yet: {_ENTER_FIRST}")
        return self._ports[name]

    def _running(self) -> ChildProcess:
        if self._process is None:
            raise DevServerError(f"The dev server is not running: {_ENTER_FIRST}")
        return self._process
