"""An endpoint of the chat completions API on loopback, with a scripted model behind it that streams as others do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from examples.agent.script import Script
from examples.agent.turn import Message, Turn

_NAMES = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL")
_PATH = "/v1/chat/completions"
_LARGEST = 8 * 1024 * 1024
_PIECE = 12
_LOOKS_FOR_ITS_END = 0.05


class ScriptedEndpoint:
    """Serves a script while its block runs.

    Args:
        script: What the model says.
        key: The API key that it wants.
        pace: Seconds between two pieces of a stream.

    Attributes:
        asked: For which turn of a conversation the model was asked, once for each request.
        left: How often somebody has left in the middle of a stream.
    """

    def __init__(self, script: Script, *, key: str, pace: float = 0.0) -> None:
        self.asked: list[int] = []
        self.left = 0
        self._script = script
        self._key = key
        self._pace = pace
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(_LOOKS_FOR_ITS_END,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which the clients of such an endpoint find this one."""
        url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return {
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": self._key,
            "OPENAI_MODEL": "scripted",
            "NO_PROXY": "127.0.0.1",
        }

    def answer(self, messages: list[Message]) -> Turn:
        """Return the next turn of a conversation."""
        self.asked.append(1 + sum(message["role"] == "assistant" for message in messages))
        return self._script(messages)

    def refusal(self, path: str, authorization: str | None) -> HTTPStatus | None:
        """Return with which status a request is refused, if it is."""
        if path != _PATH:
            return HTTPStatus.NOT_FOUND
        return None if authorization == f"Bearer {self._key}" else HTTPStatus.UNAUTHORIZED

    def pieces(self, turn: Turn) -> Iterator[dict[str, Any]]:
        """Yield the pieces of a stream, at the pace of this model."""
        for piece in _pieces(turn):
            yield piece
            time.sleep(self._pace)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        class Handler(_Handler):
            endpoint = self

        return Handler


@contextmanager
def model_variables(
    environment: Mapping[str, str], script: Script, pace: float
) -> Iterator[tuple[Mapping[str, str], Sequence[int] | None]]:
    """Yield the environment variables that name the model, and for which turns it was asked.

    Args:
        environment: If it names one, that is the model, and nobody counts. Else a scripted one is served meanwhile.
        script: What that says.
        pace: How fast, in seconds between two pieces.
    """
    if environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_KEY"):
        yield {name: environment[name] for name in _NAMES if environment.get(name)}, None
        return
    with ScriptedEndpoint(script, key="none-of-your-business", pace=pace) as endpoint:
        yield endpoint.environment, endpoint.asked


class _Handler(BaseHTTPRequestHandler):
    endpoint: ScriptedEndpoint

    def do_POST(self) -> None:
        status = self.endpoint.refusal(self.path, self.headers.get("Authorization"))
        if status is not None:
            self._send(status, {"error": {"message": status.phrase, "type": "invalid_request_error"}})
            return
        try:
            body = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _LARGEST)))
            turn = self.endpoint.answer(body["messages"])
        except (ValueError, TypeError, KeyError) as error:
            self._send(HTTPStatus.BAD_REQUEST, {"error": {"message": repr(error), "type": "invalid_request_error"}})
            return
        try:
            self._stream(turn) if body.get("stream") else self._send(HTTPStatus.OK, _completion(turn))
        except ConnectionError:  # that is what this example is about
            self.endpoint.left += 1

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the screen belongs to the agent."""

    def _stream(self, turn: Turn) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in self.endpoint.pieces(turn):
            self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, status: HTTPStatus, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _completion(turn: Turn) -> dict[str, Any]:
    choice = {"index": 0, "message": turn.as_message(), "finish_reason": _reason(turn)}
    return {"object": "chat.completion", "choices": [choice], "usage": {"total_tokens": turn.tokens}}


def _pieces(turn: Turn) -> Iterator[dict[str, Any]]:
    for text in _cut(turn.text):
        yield _piece({"content": text})
    for index, call in enumerate(turn.calls):
        function = {"name": call.name, "arguments": ""}
        yield _piece({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]})
        for part in _cut(call.arguments):
            yield _piece({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    yield _piece({}, _reason(turn))
    yield {"object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": turn.tokens}}


def _piece(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def _reason(turn: Turn) -> str:
    return "tool_calls" if turn.calls else "stop"


def _cut(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
