"""Temporal's remote codec protocol over HTTP: payloads in, payloads out, decoded or encoded by the codec of an app.

It never logs what is in a payload, nor what a codec says of it: such words may quote it.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from google.protobuf.json_format import MessageToDict
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from arvo_temporal.codec_server.body import RefusedError, payloads_of, read_body
from arvo_temporal.codec_server.options import CodecServerOptions, is_of_this_machine

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_WITHIN = 30.0
_MOST_KINDS = 32
_HEADERS = ("Authorization", "Authorization-Extras", "Content-Type", "X-Namespace")

_Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_endpoint(codec: PayloadCodec, options: CodecServerOptions) -> Starlette:
    """Return the endpoint as an ASGI application, with `POST /decode` and, unless it only decodes, `POST /encode`.

    Args:
        codec: The codec of the app.
        options: Whom it answers.
    """
    endpoint = _Endpoint(codec, options)
    routes = [Route("/decode", endpoint.decode, methods=["POST"])]
    if not options.decode_only:
        routes.append(Route("/encode", endpoint.encode, methods=["POST"]))
    # The token goes with each request by its own header, so cookies that a page lets go along change nothing.
    pages = Middleware(
        CORSMiddleware,
        allow_origins=list(options.origins),
        allow_methods=["POST"],
        allow_headers=_HEADERS,
        allow_credentials=True,
        allow_private_network=True,
    )
    application = Starlette(routes=routes, middleware=[pages])
    application.router.redirect_slashes = False  # whoever asks would say where to
    return application


class _Endpoint:
    def __init__(self, codec: PayloadCodec, options: CodecServerOptions) -> None:
        self._codec = codec
        self._origins = frozenset(options.origins)
        self._expected = f"Bearer {options.token}".encode() if options.token else None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._told: set[str] = set()

    async def decode(self, request: Request) -> Response:
        return await self._answer(request, self._decoded)

    async def encode(self, request: Request) -> Response:
        return await self._answer(request, self._encoded)

    async def _answer(self, request: Request, work: _Work) -> Response:
        try:
            self._check(request)
            async with asyncio.timeout(_WITHIN):
                payloads = payloads_of(await read_body(request))
                async with self._turns:
                    answered = await work(payloads)
        except RefusedError as error:
            return _refused(error.status, str(error))
        except TimeoutError:
            return _refused(HTTPStatus.REQUEST_TIMEOUT, "That took too long.")
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except asyncio.CancelledError:  # the server ends, and has waited long enough: nothing is wrong
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "This codec server ends.")
        return JSONResponse(MessageToDict(Payloads(payloads=answered)), headers={"Cache-Control": "no-store"})

    def _check(self, request: Request) -> None:
        """Refuse whoever may not ask: a page of elsewhere, also by a name that leads here, and who has not the token.

        Raises:
            RefusedError: It is such a one.
        """
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise RefusedError(HTTPStatus.FORBIDDEN, "This codec server does not answer pages of this origin.")
        if self._expected is None:
            if not is_of_this_machine(request.headers.get("host")):
                raise RefusedError(HTTPStatus.FORBIDDEN, "This codec server answers to 127.0.0.1 and localhost alone.")
        elif not hmac.compare_digest(
            request.headers.get("authorization", "").encode("utf-8", "replace"), self._expected
        ):
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "This codec server asks for its token.")

    async def _encoded(self, payloads: Sequence[Payload]) -> list[Payload]:
        try:
            return list(await self._codec.encode(payloads))
        except Exception as error:
            self._tell(error)
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "The codec cannot encode this.") from error

    async def _decoded(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decode what can be decoded; the rest comes back as it is, and is shown as what it is: encoded."""
        try:
            return list(await self._codec.decode(payloads))
        except Exception:
            return [await self._decode_one(payload) for payload in payloads]

    async def _decode_one(self, payload: Payload) -> Payload:
        try:
            (decoded,) = await self._codec.decode([payload])
        except Exception as error:
            self._tell(error)
            return payload
        return decoded

    def _tell(self, error: Exception) -> None:
        """Log the name of an error, once for each kind."""
        name = type(error).__name__
        if name not in self._told and len(self._told) < _MOST_KINDS:
            self._told.add(name)
            _log.warning(
                "The codec raises %s for a payload, as it does where a key is missing: that stays encoded. "
                "This is said once.",
                name,
            )


def _refused(status: HTTPStatus, message: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse({"message": message}, status_code=status, headers=headers)
