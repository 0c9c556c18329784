"""A codec server that listens, until it is to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from temporalio.converter import PayloadCodec

from adapter.plain_text import plain_text
from arvo_temporal.codec_server.endpoint import codec_endpoint
from arvo_temporal.codec_server.one_request import OneRequest
from arvo_temporal.codec_server.options import CodecServerError, CodecServerOptions

_CONNECTIONS = 32
"""Each may bring a whole body: together they take no more than a quarter of a GiB."""
_ENDS_WITHIN = 5


class _Server(uvicorn.Server):
    """Leaves signals to the command: that stops it in its own way."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_codec(
    codec: PayloadCodec, options: CodecServerOptions
) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """Serve a codec while the block runs.

    Args:
        codec: The codec of the app.
        options: Where it listens, and whom it answers.

    Yields:
        Its URL, and the task that ends where it can serve no longer.

    Raises:
        CodecServerError: It cannot listen there.
    """
    listening = await asyncio.to_thread(_listen, options)
    config = uvicorn.Config(
        codec_endpoint(codec, options),
        http=OneRequest,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # below that it has a line for each request that it refuses
        access_log=False,
        server_header=False,
        headers=[("Connection", "close")],
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_ENDS_WITHIN,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield _url(listening), serving
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _listen(options: CodecServerOptions) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CodecServerError(
            f"The codec server cannot listen at {plain_text(options.host)}, port {options.port}: {plain_text(reason)}. "
            "Give another one with --host and --port; port 0 takes a free one."
        ) from error


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
