"""Asks a codec server, as the Temporal UI and the `temporal` command line do."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payload, Payloads

UI = "http://localhost:8233"


class Reply(NamedTuple):
    """The answer of a codec server."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def payloads(self) -> list[Payload]:
        return list(ParseDict(json.loads(self.body), Payloads()).payloads)


async def ask(
    url: str,
    path: str,
    body: bytes,
    method: str = "POST",
    *,
    chunked: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send a body as it is, with headers of one's own."""
    named = {"Content-Type": "application/json", **(headers or {})}

    def send() -> Reply:
        where = urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        try:
            connection.request(method, path, iter([body]) if chunked else body, named, encode_chunked=chunked)
            response = connection.getresponse()
            return Reply(response.status, {**response.headers}, response.read())
        finally:
            connection.close()

    return await asyncio.to_thread(send)


def body_of(payloads: Sequence[Payload]) -> bytes:
    """Return payloads as the UI sends them."""
    document: Any = MessageToDict(Payloads(payloads=payloads))
    return json.dumps(document).encode()
