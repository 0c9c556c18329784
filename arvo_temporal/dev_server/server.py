"""The Temporal dev server: the real server with its UI, as a process of one's own."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from arvo.errors import ArvoError
from arvo_temporal.dev_server.child_process import ChildProcess
from arvo_temporal.dev_server.ports import LOOPBACK, free_port, is_free

_PROGRAM = "temporal"
_PORT_TAKEN = "address already in use"
_STARTS = 5
_POLL = 0.05
_TAIL_LINES = 12


class DevServerError(ArvoError):
    """The dev server could not be started, or has ended."""

    code = "ARVO320"


class DevServer:
    """A Temporal dev server, running inside `async with`.

    Everything listens on the loopback address only, on free ports unless they are given. When the block is left, by
    whatever way, the server is stopped; it cannot outlive this process either.

    Args:
        port: Port of the gRPC frontend.
        ui: Whether to serve the Temporal UI.
        ui_port: Port of the UI.
        http_port: Port of the HTTP API.
        metrics_port: Port of the metrics.
        db_file: SQLite file that keeps everything from one start to the next; without it, all is lost at the end.
        namespace: Namespace that is created if need be, and awaited.
        search_attributes: Names and types of search attributes to register: `{"orderId": "Keyword"}`.
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
        http_port: int | None = None,
        metrics_port: int | None = None,
        db_file: str | Path | None = None,
        namespace: str = "default",
        search_attributes: Mapping[str, str] | None = None,
        dynamic_config: Mapping[str, Any] | None = None,
        log_file: str | Path | None = None,
        executable: str | Path | None = None,
        ready_within: float = 30.0,
        stop_within: float = 10.0,
    ) -> None:
        self.namespace = namespace
        self._given = {"port": port, "http-port": http_port, "metrics-port": metrics_port}
        if ui:
            self._given["ui-port"] = ui_port
        self._ports: dict[str, int] = {}
        self._db_file = Path(db_file) if db_file is not None else None
        self._search_attributes = dict(search_attributes or {})
        self._dynamic_config = dict(dynamic_config or {})
        self._keep_log = log_file is not None
        self._log_file = Path(log_file) if log_file is not None else None
        self._executable = executable
        self._ready_within = ready_within
        self._stop_within = stop_within
        self._log_start = 0
        self._process: ChildProcess | None = None

    @property
    def address(self) -> str:
        """Host and port of the gRPC frontend, as Temporal clients take it."""
        return f"{LOOPBACK}:{self._port('port')}"

    @property
    def ui_url(self) -> str | None:
        """Address of the Temporal UI; None without UI."""
        return f"http://{LOOPBACK}:{self._port('ui-port')}" if "ui-port" in self._given else None

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._running().pid

    @property
    def log_file(self) -> Path:
        """File with the output of the server."""
        if self._log_file is None:
            raise DevServerError("The dev server has no log yet: enter it first (async with DevServer() as server).")
        return self._log_file

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
        if not self._keep_log and self._log_file is not None:
            self._log_file.unlink(missing_ok=True)
            self._log_file = None

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
        return self._tail()

    async def _start_on_free_ports(self, program: Path) -> None:
        for remaining in reversed(range(_STARTS)):
            self._ports = self._choose_ports()
            try:
                return await self._start(program)
            except DevServerError:
                # Between our choice and the server's start anyone can take a port.
                if not remaining or not self._lost_a_chosen_port():
                    raise

    async def _start(self, program: Path) -> None:
        log_file = self._open_log()
        self._log_start = log_file.stat().st_size if log_file.exists() else 0
        lock = self._lock_database()
        try:
            self._process = ChildProcess(
                [str(program), *self._arguments()],
                log_file=log_file,
                keep_open=[] if lock is None else [lock],
            )
        finally:
            if lock is not None:
                os.close(lock)
        await self._wait_until_ready(self._process)

    async def _wait_until_ready(self, process: ChildProcess) -> None:
        deadline = time.monotonic() + self._ready_within
        while time.monotonic() < deadline:
            # Asked in this order: what answers on a given port may be another server, while ours is just ending.
            answers = await self._answers()
            if process.exit_code is not None:
                await process.wait()
                raise DevServerError(
                    f"The dev server ended while starting (exit code {process.exit_code}).{self._hint()}"
                )
            if answers:
                return
            await asyncio.sleep(_POLL)
        raise DevServerError(
            f"The dev server at {self.address} was not ready within {self._ready_within:g} seconds.{self._hint()}"
        )

    async def _answers(self) -> bool:
        if not all([await _listens(port) for port in self._ports.values()]):
            return False
        try:
            client = await Client.connect(self.address, connect_timeout=timedelta(seconds=2))
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self.namespace), timeout=timedelta(seconds=2)
            )
        except (RPCError, RuntimeError):
            return False
        return True

    def _choose_ports(self) -> dict[str, int]:
        ports = {name: given for name, given in self._given.items() if given is not None}
        for name in self._given:
            if name not in ports:
                ports[name] = free_port(avoid=set(ports.values()))
            elif not is_free(ports[name]):
                raise DevServerError(
                    f"Port {ports[name]} (--{name}) of {LOOPBACK} is in use: stop what listens there, or "
                    "choose another."
                )
        return ports

    def _lost_a_chosen_port(self) -> bool:
        taken = [line for line in self._tail().splitlines() if _PORT_TAKEN in line]
        given = [port for port in self._given.values() if port is not None]
        return bool(taken) and not any(f":{port}:" in line for port in given for line in taken)

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", LOOPBACK, "--namespace", self.namespace]
        for name, port in self._ports.items():
            arguments += [f"--{name}", str(port)]
        if "ui-port" not in self._ports:
            arguments.append("--headless")
        if self._db_file is not None:
            arguments += ["--db-filename", str(self._db_file)]
        for name, type_name in self._search_attributes.items():
            arguments += ["--search-attribute", f"{name}={type_name}"]
        for key, value in self._dynamic_config.items():
            arguments += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
        return arguments

    def _lock_database(self) -> int | None:
        """Lock the database file for the server, which inherits the lock: it lasts exactly as long as the server."""
        if self._db_file is None:
            return None
        self._db_file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{self._db_file}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise DevServerError(
                f"The database file {self._db_file} is in use by another dev server, and two of them would destroy "
                "it: stop the other one, or name another file (--db-file)."
            ) from None
        return lock

    def _open_log(self) -> Path:
        if self._log_file is None:
            handle, name = tempfile.mkstemp(prefix="arvo-dev-server-", suffix=".log")
            os.close(handle)
            self._log_file = Path(name)
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        return self._log_file

    def _hint(self) -> str:
        tail = self._tail()
        return f" It said:\n{tail}" if tail else " It said nothing."

    def _tail(self) -> str:
        """Return the end of what the server has said since its last start."""
        with suppress(OSError), self.log_file.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode("utf-8", errors="replace").splitlines()
            return "\n".join(line for line in lines[-_TAIL_LINES:] if line.strip())
        return ""

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise DevServerError(
                "The dev server has no address yet: enter it first (async with DevServer() as server)."
            )
        return self._ports[name]

    def _running(self) -> ChildProcess:
        if self._process is None:
            raise DevServerError("The dev server is not running: enter it first (async with DevServer() as server).")
        return self._process


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


def find_program(executable: str | Path | None = None) -> Path:
    """Find the `temporal` program.

    Args:
        executable: The program itself, if it is known.

    Returns:
        That one, or the one beside this Python, or the first one on the PATH.

    Raises:
        DevServerError: There is none.
    """
    if executable is not None:
        if os.access(executable, os.X_OK):
            return Path(executable)
        raise DevServerError(f"There is no program {executable}: give the path of Temporal's command line program.")
    beside = Path(sys.executable).with_name(_PROGRAM)
    if os.access(beside, os.X_OK):
        return beside
    if found := shutil.which(_PROGRAM):
        return Path(found)
    raise DevServerError(
        f"The program '{_PROGRAM}', which contains the dev server, is neither beside {sys.executable} nor on the "
        "PATH: install it with  pip install 'arvo-temporal[dev]'"
    )
