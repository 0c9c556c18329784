"""Temporal's remote codec protocol: who is answered, with what, and what is bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from arvo_temporal.codec_server import (
    CodecServerError,
    CodecServerOptions,
    codec_endpoint,
    endpoint,
    one_request,
    serve_codec,
    serving,
)
from arvo_temporal.codec_server.body import MOST_BYTES, MOST_PAYLOADS
from arvo_temporal.codec_server.serving import _CONNECTIONS
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key
from tests.arvo_temporal.codec_server.asking import UI, Reply, ask, body_of
from tests.polling import eventually

CODEC = AesGcmCodec(keys_from(new_key()))
SECRET = Payload(metadata={"encoding": b"json/plain"}, data=b'"secret"')
TOKEN = "a-token"
EVIL = "https://evil.example.org"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serve_codec(CODEC, CodecServerOptions(port=0)) as (url, _):
        yield url


async def sealed(codec: PayloadCodec = CODEC) -> Payload:
    (payload,) = await codec.encode([SECRET])
    return payload


async def test_what_is_encrypted_is_decoded_and_encoded(url: str) -> None:
    reply = await ask(
        url, "/decode", body_of([await sealed(), SECRET]), headers={"X-Namespace": "default", "Origin": UI}
    )
    assert (reply.status, reply.payloads) == (200, [SECRET, SECRET])
    assert reply.headers["access-control-allow-origin"] == UI
    assert reply.headers["cache-control"] == "no-store"
    encoded = (await ask(url, "/encode", body_of([SECRET]))).payloads
    assert encoded[0] != SECRET
    assert await CODEC.decode(encoded) == [SECRET]
    assert json.loads((await ask(url, "/decode", b"{}")).body) == {}


async def test_what_no_key_decodes_stays_as_it_is_and_is_told_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    foreign = await sealed(AesGcmCodec(keys_from(new_key().replace("=", "other=", 1))))
    for _ in range(3):
        reply = await ask(url, "/decode", body_of([foreign, await sealed()]))
        assert reply.payloads == [foreign, SECRET], "the others are decoded all the same"
    (told,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "KeyError" in told
    assert "other" not in told


async def test_a_page_of_elsewhere_is_not_answered(url: str) -> None:
    body = body_of([await sealed()])
    reply = await ask(url, "/decode", body, headers={"Origin": EVIL})
    assert reply.status == 403
    assert "access-control-allow-origin" not in reply.headers
    assert b"secret" not in reply.body
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    good = await ask(url, "/decode", b"", method="OPTIONS", headers={"Origin": UI, **asked})
    assert (good.status, good.headers["access-control-allow-origin"]) == (200, UI)
    assert "x-namespace" in good.headers["access-control-allow-headers"].lower()
    assert (await ask(url, "/decode", b"", method="OPTIONS", headers={"Origin": EVIL, **asked})).status == 400


async def test_a_token_is_asked_for_where_there_is_one() -> None:
    body = body_of([await sealed()])
    async with serve_codec(CODEC, CodecServerOptions(port=0, token=TOKEN)) as (url, _):
        for wrong in (None, {"Authorization": "Bearer b"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
            for path in ("/decode", "/encode"):
                reply = await ask(url, path, body, headers=wrong)
                assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
                assert b"secret" not in reply.body
        right = await ask(url, "/decode", body, headers={"Authorization": f"Bearer {TOKEN}", "Origin": UI})
        preflight = await ask(
            url, "/decode", b"", method="OPTIONS", headers={"Origin": UI, "Access-Control-Request-Method": "POST"}
        )
    assert (right.status, right.payloads) == (200, [SECRET])
    assert preflight.status == 200, "browsers ask without it first"


async def test_one_that_only_decodes_does_not_encode() -> None:
    async with serve_codec(CODEC, CodecServerOptions(port=0, decode_only=True)) as (url, _):
        assert (await ask(url, "/encode", body_of([SECRET]))).status == 404
        assert (await ask(url, "/decode", body_of([await sealed()]))).payloads == [SECRET]
        assert (await ask(url, "/decode", b"", method="GET")).status == 405


async def test_what_is_too_large_is_not_read_to_its_end(url: str) -> None:
    too_large = b'{"payloads": [], "x": "' + b"x" * MOST_BYTES + b'"}'
    assert (await ask(url, "/decode", too_large, chunked=True)).status == 413
    many = json.dumps({"payloads": [{}] * (MOST_PAYLOADS + 1)}).encode()
    assert (await ask(url, "/decode", many)).status == 413
    assert (await ask(url, "/decode", b"{}", headers={"Content-Type": "text/plain"})).status == 415


async def test_a_codec_that_fails_says_nothing_of_what_it_was_given(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(PayloadCodec):
        async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
            raise RuntimeError(f"cannot take {payloads}")

        async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
            raise RuntimeError(f"cannot take {payloads}")

    async with serve_codec(Broken(), CodecServerOptions(port=0)) as (url, _):
        encoded = await ask(url, "/encode", body_of([SECRET]))
        decoded = await ask(url, "/decode", body_of([SECRET]))
    assert (encoded.status, json.loads(encoded.body)) == (422, {"message": "The codec cannot encode this."})
    assert decoded.payloads == [SECRET]
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "host", ["evil.example.org", "evil.example.org:8234", "127.0.0.1.evil.org", "[::2]", "[", "a b"]
)
async def test_who_asks_by_a_name_of_elsewhere_is_not_answered_without_a_token(url: str, host: str) -> None:
    """A page of elsewhere whose name leads to this machine asks as one of its own."""
    body = body_of([await sealed()])
    reply = await ask(url, "/decode", body, headers={"Host": host})
    assert reply.status == 403
    assert b"secret" not in reply.body
    async with serve_codec(CODEC, CodecServerOptions(port=0, token=TOKEN)) as (known, _):
        shown = {"Host": host, "Authorization": f"Bearer {TOKEN}"}
        assert (await ask(known, "/decode", body, headers=shown)).payloads == [SECRET], "behind a proxy, for example"


async def test_what_browsers_ask_first_is_granted_to_the_ui(url: str) -> None:
    """The UI sends its access token along by two headers, and may have this machine as a private network."""
    named = "authorization,authorization-extras,content-type,x-namespace"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": named}
    network = {"Access-Control-Request-Private-Network": "true"}
    reply = await ask(url, "/decode", b"", method="OPTIONS", headers={"Origin": UI, **asked, **network})
    assert (reply.status, reply.headers["access-control-allow-credentials"]) == (200, "true")
    assert set(named.split(",")) <= set(reply.headers["access-control-allow-headers"].lower().split(", "))
    assert reply.headers["access-control-allow-private-network"] == "true"


async def test_what_newer_programs_send_along_is_left_out(url: str) -> None:
    document = json.loads(body_of([await sealed()]))
    document["payloads"][0]["new"] = 1
    reply = await ask(
        url, "/decode", json.dumps(document).encode(), headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )
    assert reply.payloads == [SECRET]


async def test_no_more_than_a_few_are_decoded_at_once() -> None:
    going, most = 0, 0

    class Slow(PayloadCodec):
        async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
            return list(payloads)

        async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
            nonlocal going, most
            going += 1
            most = max(most, going)
            await asyncio.sleep(0.05)
            going -= 1
            return list(payloads)

    application = codec_endpoint(Slow(), CodecServerOptions())
    replies = await asyncio.gather(*(_asked(application, "/decode", b"{}", []) for _ in range(30)))
    assert {reply.status for reply in replies} == {200}
    assert most == 8


async def test_there_is_a_line_for_each_kind_of_failure_and_no_end_of_them_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Odd(PayloadCodec):
        kinds = 0

        async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
            self.kinds += 1
            raise type(f"Odd{self.kinds}", (Exception,), {})

        decode = encode

    application = codec_endpoint(Odd(), CodecServerOptions())
    for _ in range(100):
        assert (await _asked(application, "/encode", body_of([SECRET]), [])).status == 422
    assert len(caplog.records) == 32


async def test_its_address_is_one_that_browsers_take() -> None:
    async with serve_codec(CODEC, CodecServerOptions("::1", 0)) as (url, _):
        assert re.fullmatch(r"http://\[::1\]:\d+", url)
        assert (await ask(url, "/decode", b"{}")).status == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8234", "[::1]:8234", "127.1.2.3"])
async def test_who_asks_this_machine_is_answered(url: str, host: str) -> None:
    assert (await ask(url, "/decode", body_of([await sealed()]), headers={"Host": host})).payloads == [SECRET]


async def test_nobody_is_sent_elsewhere(url: str) -> None:
    assert (await ask(url, "/decode/", b"{}", headers={"Host": "evil.example.org"})).status == 404


HALVES = {
    "nothing": b"",
    "half a head": b"POST /decode HTTP/1.1\r\nHost: localhost\r\n",
    "half a body": b"POST /decode HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
}


@asynccontextmanager
async def waiting_clients(url: str, sent: bytes) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Let as many clients as there are places connect, and send no more than that."""
    where = urlsplit(url)
    async with AsyncExitStack() as clients:
        readers = []
        for _ in range(_CONNECTIONS):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            clients.callback(writer.close)
            writer.write(sent)
            readers.append(reader)
        yield readers


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES.keys())
async def test_clients_that_say_nothing_do_not_keep_the_places_of_others(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    monkeypatch.setattr(one_request, "_ASKS_WITHIN", 0.1)
    monkeypatch.setattr(endpoint, "_WITHIN", 0.1)
    async with waiting_clients(url, sent) as readers:
        with suppress(ConnectionError):
            await asyncio.gather(*(reader.read() for reader in readers))  # to the end, which is the server's
        reply = await eventually(lambda: ask(url, "/decode", body_of([SECRET])), lambda reply: reply.status != 503)
    assert reply.payloads == [SECRET]
    assert caplog.text == "", "no line for each of them"


async def test_a_request_that_does_not_come_to_its_end_is_ended(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_request, "_ENDS_WITHIN", 0.1)
    async with waiting_clients(url, HALVES["half a body"]) as readers:
        answers = await asyncio.gather(*(reader.read() for reader in readers), return_exceptions=True)
    assert {answer for answer in answers if isinstance(answer, bytes) and b" 503 " not in answer} == {b""}


async def test_a_connection_is_over_with_its_request(url: str) -> None:
    assert (await ask(url, "/decode", b"{}")).headers["connection"] == "close"


async def test_it_ends_without_tracebacks_while_clients_are_slow(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "_ENDS_WITHIN", 0)
    async with AsyncExitStack() as clients, serve_codec(CODEC, CodecServerOptions(port=0)) as (url, _):
        await clients.enter_async_context(waiting_clients(url, HALVES["half a body"]))
        await eventually(lambda: ask(url, "/decode", b"{}"), lambda reply: reply.status == 503)
    assert [record for record in caplog.records if record.exc_info] == []


def test_beyond_this_machine_it_takes_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.0.1", "example.org"):
        with pytest.raises(CodecServerError, match="ARVO_CODEC_TOKEN"):
            CodecServerOptions(host=host)
        assert CodecServerOptions(host=host, token=TOKEN).host == host
    for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1"):
        assert CodecServerOptions(host=host).host == host
    for origin in ("*", "example.org", "https://*.example.org", "https://example.org/ui", "https://", "file:///x"):
        with pytest.raises(CodecServerError, match="is no origin"):
            CodecServerOptions(origins=(origin,))
    for token in ("two words", "new\nline", "é"):
        with pytest.raises(CodecServerError, match="visible ASCII"):
            CodecServerOptions(token=token)
    assert TOKEN not in repr(CodecServerOptions(token=TOKEN))


async def test_an_address_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CodecServerError, match=f"port {port}: Address already in use"):
            async with serve_codec(CODEC, CodecServerOptions(port=port)):
                pass


_PAYLOAD = st.fixed_dictionaries(
    {}, optional={"metadata": st.none() | st.dictionaries(st.text(), st.text()), "data": st.text()}
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["payloads", "metadata", "data", "x"]), inner),
    max_leaves=20,
)
_BODIES = (
    st.binary()
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(_PAYLOAD | _JSON).map(lambda items: json.dumps({"payloads": items}).encode())
    | st.integers(1, 100_000).map(lambda depth: b'{"payloads": ' + b"[" * depth)
)


@given(path=st.sampled_from(["/decode", "/encode"]), body=_BODIES, tokens=st.lists(st.binary(max_size=40), max_size=2))
def test_whatever_comes_is_answered_and_never_by_a_failure(path: str, body: bytes, tokens: list[bytes]) -> None:
    options = CodecServerOptions(token=TOKEN) if tokens else CodecServerOptions()
    reply = asyncio.run(_asked(codec_endpoint(CODEC, options), path, body, tokens))
    assert reply.status in (200, 400, 401, 413)
    assert isinstance(json.loads(reply.body), dict)


async def _asked(application: Any, path: str, body: bytes, tokens: list[bytes]) -> Reply:
    """Ask the endpoint in this process, as an HTTP server does."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), *((b"authorization", token) for token in tokens)]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    await application({**scope, "headers": headers, "http_version": "1.1", "scheme": "http"}, receive, send)
    return Reply(sent[0]["status"], {}, b"".join(message.get("body", b"") for message in sent[1:]))
