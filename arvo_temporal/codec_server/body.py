"""The body of a request to a codec server: bounded, and read as payloads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from google.protobuf.json_format import ParseDict, ParseError
from starlette.requests import Request
from temporalio.api.common.v1 import Payload, Payloads

MOST_BYTES = 8 * 1024 * 1024
"""More than two payloads of Temporal's limit, as base64."""
MOST_PAYLOADS = 10_000
_JSON = "application/json"


class RefusedError(Exception):
    """A request that is not answered.

    Attributes:
        status: Why, as a status of HTTP.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        RefusedError: It is too large, or said to be something else than JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send payloads as {_JSON}.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request has at most {MOST_BYTES} bytes.")
    return bytes(body)


def payloads_of(body: bytes) -> Sequence[Payload]:
    """Read payloads from `{"payloads": [...]}`, each as protobuf's JSON has it: metadata and data in base64.

    Raises:
        RefusedError: It is nothing of the kind.
    """
    try:
        document = json.loads(body)
        items = document.get("payloads", []) if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise ValueError("no list")
        if len(items) > MOST_PAYLOADS:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request has at most {MOST_PAYLOADS} payloads.")
        return ParseDict({"payloads": items}, Payloads(), ignore_unknown_fields=True).payloads
    except (ValueError, ParseError, RecursionError, TypeError, AttributeError) as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, 'The body is to be {"payloads": [{"metadata": {...}, "data": "..."}]}, in base64.'
        ) from error
