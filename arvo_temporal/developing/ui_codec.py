"""The codec server beside a dev server: by it the UI shows what the app encrypts."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from temporalio.converter import PayloadCodec

from arvo_temporal.dev_server import DevServer, free_port, is_free

_LOOPBACK = "127.0.0.1"
_USUAL_PORT = 8234
_PACKAGES = ("starlette", "uvicorn")


class UiCodec:
    """Serves a codec to the UI of a dev server.

    Args:
        codec: The codec of the app; None where it has none, and then nothing is served.
        avoid: Ports that it leaves to others.
    """

    def __init__(self, codec: PayloadCodec | None, *, avoid: Collection[int] = ()) -> None:
        self._codec = codec
        self._is_installed = all(importlib.util.find_spec(name) is not None for name in _PACKAGES)
        self._port = _USUAL_PORT if _USUAL_PORT not in avoid and is_free(_USUAL_PORT) else free_port(avoid=avoid)

    @property
    def url(self) -> str | None:
        """Where the UI finds it; None where nothing is served."""
        return f"http://{_LOOPBACK}:{self._port}" if self._codec is not None and self._is_installed else None

    @property
    def words(self) -> str | None:
        """What is to be told of it; None where the app has no codec."""
        if self._codec is None or self._is_installed:
            return self.url
        return "pip install 'arvo-temporal[codec]' lets the UI show what the app encrypts"

    @asynccontextmanager
    async def serving(self, server: DevServer) -> AsyncIterator[None]:
        """Serve it to the UI of a server while the block runs.

        Raises:
            CodecServerError: Somebody else has taken its port.
        """
        if self._codec is None or not self._is_installed:
            yield
            return
        from arvo_temporal.codec_server import CodecServerOptions, serve_codec

        ui = str(server.ui_url)
        origins = (ui, ui.replace(_LOOPBACK, "localhost"))
        async with serve_codec(self._codec, CodecServerOptions(_LOOPBACK, self._port, origins)):
            yield
