"""What listens at an address: a look at it with Python's own sockets, where Temporal's SDK says too little.

Each look is one connection or two, without an event of anybody, and takes a second at the most.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum

from temporalio.service import TLSConfig

_WITHIN = 1.0
_MOST = 256
_MOST_PEM = 60_000
"""Bytes that a pipe takes at once, on every system that has /dev/fd."""

_SETTINGS = 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, _SETTINGS, 0, 0, 0, 0, 0])
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")
_ALERT = "ALERT_"


class Speaks(Enum):
    """What somebody who listens was found to speak."""

    TLS = "TLS"
    HTTP2 = "HTTP/2 in plain text"
    HTTP1 = "HTTP/1"
    OTHER = "something else"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens at an address.

    Attributes:
        speaks: What it speaks; `NOTHING` also where nobody listens.
        line: The first line of what it has said, where that is text.
    """

    speaks: Speaks
    line: str = ""


async def listener_at(address: str) -> Listener:
    """Find out what listens at an address.

    Args:
        address: Host and port.
    """
    host, _ = _host_and_port(address)
    to_tls, to_http = await asyncio.gather(_answer(address, _client_hello(host)), _answer(address, _PREFACE))
    if to_tls[:2] in _TLS_RECORDS:
        return Listener(Speaks.TLS)
    if to_http[3:4] == bytes([_SETTINGS]):
        return Listener(Speaks.HTTP2)
    said = to_http or to_tls
    line = said.partition(b"\n")[0].decode("ascii", errors="replace").strip()
    if said.startswith(b"HTTP/1"):
        return Listener(Speaks.HTTP1, line)
    return Listener(Speaks.OTHER, line if line.isprintable() else "") if said else Listener(Speaks.NOTHING)


async def alert_of(address: str, tls: TLSConfig) -> str | None:
    """Return the alert by which a server refuses a TLS client, such as `CERTIFICATE_EXPIRED`; None if it does not.

    It comes after the handshake, where it is about the client's certificate, and who has sent something by then may
    never read it. So this client sends nothing.

    Args:
        address: Host and port.
        tls: What the client has: its certificate is shown. The server's is not verified.
    """
    host, port = _host_and_port(address)
    try:
        async with asyncio.timeout(_WITHIN):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=_context(tls), server_hostname=tls.domain or host
            )
            try:
                await reader.read(_MOST)
            finally:
                writer.transport.abort()
    except ssl.SSLError as error:
        _, is_alert, name = (error.reason or "").partition(_ALERT)
        return name if is_alert else None
    except (OSError, ValueError, TimeoutError):
        return None
    return None


async def _answer(address: str, hello: bytes) -> bytes:
    """Return the first bytes that a listener says to a hello; none if it says nothing."""
    host, port = _host_and_port(address)
    said = b""
    with suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(hello)
                said = await reader.read(_MOST)
            finally:
                writer.transport.abort()
    return said


def _client_hello(host: str) -> bytes:
    """Return the first message of a TLS client."""
    outgoing = ssl.MemoryBIO()
    client = _context(TLSConfig()).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def _context(tls: TLSConfig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if tls.client_cert and tls.client_private_key:
        with suppress(OSError), _readable(tls.client_cert) as certificate, _readable(tls.client_private_key) as key:
            context.load_cert_chain(certificate, key)
    return context


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """Give a file name by which a content can be read once, without writing a key to the disk.

    Raises:
        OSError: The content is too large.
    """
    if len(content) > _MOST_PEM:
        raise OSError("This is too large for a certificate or a key.")
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(content)
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
