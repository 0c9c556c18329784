"""The HTTP endpoint that probes ask: /livez and /readyz, each 200 and `ok`, or 503 and the reason in one line.

It answers from threads of its own, so also while the event loop is blocked.
"""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from adapter.plain_text import plain_text
from arvo.errors import ArvoError
from arvo_temporal.worker.listen_address import ListenAddress

_log = logging.getLogger(__name__)

_AT_ONCE = 16

Judge = Callable[[], str | None]
"""Returns why something is not so, None if it is; is called on threads."""


class HealthEndpointError(ArvoError):
    """The health endpoint cannot listen at its address."""

    code = "ARVO327"


@contextmanager
def health_endpoint(address: ListenAddress | Path, *, not_live: Judge, not_ready: Judge) -> Iterator[str]:
    """Serve the endpoint while the block runs.

    Args:
        address: Where it listens: over TCP, or at a path as a Unix socket.
        not_live: What /livez says.
        not_ready: What /readyz says.

    Yields:
        Its URL, or the path.

    Raises:
        HealthEndpointError: It cannot listen there.
    """
    judges = {"/livez": not_live, "/readyz": not_ready}
    try:
        server = _new_server(address, judges)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HealthEndpointError(
            f"The health endpoint cannot listen at {address}: {plain_text(reason)}. Give another address with --health "
            "or ARVO_HEALTH; port 0 takes a free one."
        ) from error
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.25}, name="health", daemon=True).start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        if isinstance(address, Path):
            address.unlink(missing_ok=True)


def _new_server(address: ListenAddress | Path, judges: dict[str, Judge]) -> _Server:
    if isinstance(address, Path):
        address.unlink(missing_ok=True)  # of a dead process that had the same id
        return _UnixServer(str(address), judges)
    if ":" in address.host:
        return _IPv6Server((address.host, address.port), judges)
    return _Server((address.host, address.port), judges)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: Any, judges: dict[str, Judge]) -> None:
        self.judges = judges
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(address, _Request)

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the resolver for the name of the host.
        if self.allow_reuse_address and self.address_family != socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{ListenAddress(str(host), int(port))}"

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # who has asked may be gone
            _log.exception("A request to the health endpoint has failed.")


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


class _UnixServer(_Server):
    address_family = socket.AF_UNIX

    @property
    def url(self) -> str:
        return str(self.server_address)


class _Request(BaseHTTPRequestHandler):
    timeout: ClassVar[float] = 2.0
    server: _Server

    def do_GET(self) -> None:
        judge = self.server.judges.get(self.path.partition("?")[0])
        if judge is None:
            self._answer(HTTPStatus.NOT_FOUND, f"There is {' and '.join(self.server.judges)}.")
        elif (reason := judge()) is None:
            self._answer(HTTPStatus.OK, "ok")
        else:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, plain_text(reason))

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):
                self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a probe comes every few seconds."""

    def version_string(self) -> str:
        return "arvo-temporal"
