"""A server that lets nobody in: the dev server knows no credentials."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from arvo_temporal.dev_server.ports import LOOPBACK

_SETTINGS, _HEADERS = 4, 1
_ACK, _END_OF_STREAM_AND_HEADERS = 0x1, 0x5


@asynccontextmanager
async def refusing(status: int) -> AsyncIterator[str]:
    """Run a server that answers every call of gRPC with a status, and speaks as much HTTP/2 as that takes.

    Args:
        status: The status, such as 16, unauthenticated.
    """
    headers = b"\x88" + b"".join(
        b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
        for name, value in ((b"content-type", b"application/grpc"), (b"grpc-status", str(status).encode()))
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        writer.write(_frame(_SETTINGS, 0, 0))
        while head := await reader.read(9):
            await reader.readexactly(int.from_bytes(head[:3]))
            if head[3] == _HEADERS:
                writer.write(_frame(_HEADERS, _END_OF_STREAM_AND_HEADERS, int.from_bytes(head[5:9]), headers))
            elif head[3] == _SETTINGS and not head[4]:
                writer.write(_frame(_SETTINGS, _ACK, 0))
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, 0) as listening:
        yield f"{LOOPBACK}:{listening.sockets[0].getsockname()[1]}"


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return a frame of HTTP/2."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload
