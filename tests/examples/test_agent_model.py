"""The model of the agent over HTTP: what its endpoint streams, and what the client makes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.agent.chat_model import ChatModel, ModelRefusedError
from examples.agent.script import Script, support
from examples.agent.scripted_endpoint import ScriptedEndpoint, model_variables
from examples.agent.stream import read_turn
from examples.agent.tools import TOOLS
from examples.agent.turn import Message, ModelUnavailableError, ToolCall, Turn
from tests.polling import eventually

QUESTION: list[Message] = [{"role": "user", "content": "Where is my teapot?"}]
TWO_CALLS = Turn(
    "Ünï — I look.",
    [ToolCall("a", "find_order", '{"order_id": "4711"}'), ToolCall("b", "search_policy", '{"words": "broken"}')],
    tokens=12,
)


def saying(turn: Turn) -> Script:
    return lambda messages: turn


def model_of(endpoint: ScriptedEndpoint, written: list[tuple[int, str]] | None = None) -> ChatModel:
    pieces = [] if written is None else written
    return ChatModel.of(endpoint.environment, lambda turn, text: pieces.append((turn, text)))


@pytest.mark.parametrize("turn", [Turn("Hello.", (), 3), Turn("", TWO_CALLS.calls, 7), TWO_CALLS])
async def test_a_turn_comes_through_the_stream_as_it_is(turn: Turn) -> None:
    with ScriptedEndpoint(saying(turn), key="k") as endpoint:
        answer = await model_of(endpoint).complete(QUESTION, TOOLS)
    assert (answer.text, list(answer.calls), answer.tokens) == (turn.text, list(turn.calls), turn.tokens)


async def test_what_is_written_is_told_while_it_is_written() -> None:
    written: list[tuple[int, str]] = []
    with ScriptedEndpoint(saying(TWO_CALLS), key="k") as endpoint:
        await model_of(endpoint, written).complete([*QUESTION, Turn("Wait.").as_message()], TOOLS)
    assert {turn for turn, _ in written} == {2}
    assert len(written) > 5
    assert "".join(text for _, text in written).startswith("Ünï — I look. find_order{")


async def test_the_endpoint_is_told_of_the_tools_as_openai_wants_it() -> None:
    bodies: list[dict[str, Any]] = []
    with answering(200, b'data: {"choices": []}\n\ndata: [DONE]\n\n', bodies) as url:
        await ChatModel(url, "k", "m", lambda turn, text: None).complete(QUESTION, TOOLS)
    [body] = bodies
    assert body["stream"] is True
    functions = {tool["function"]["name"]: tool["function"] for tool in body["tools"]}
    assert functions.keys() == TOOLS.keys()
    assert functions["refund"]["description"].startswith("Give the customer of an order money back")
    assert functions["refund"]["parameters"]["required"] == ["order_id", "amount"]


def test_who_does_not_want_a_stream_gets_the_whole_turn_at_once() -> None:
    with ScriptedEndpoint(support, key="k") as endpoint:
        request = Request(
            f"{endpoint.environment['OPENAI_BASE_URL']}/chat/completions",
            json.dumps({"model": "m", "messages": QUESTION}).encode(),
            {"Authorization": "Bearer k"},
        )
        with urlopen(request, timeout=30) as response:
            [choice] = json.load(response)["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"]["name"] == "plan"


def test_a_model_that_the_environment_names_is_taken_instead_of_the_scripted_one() -> None:
    named = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "k"}
    with model_variables({**named, "HOME": "/"}, support, 0) as (model, asked):
        assert (model, asked) == (named, None)


async def test_without_one_a_scripted_one_answers() -> None:
    with model_variables({"OPENAI_API_KEY": ""}, support, 0) as (model, asked):
        turn = await ChatModel.of(model, lambda turn, text: None).complete(QUESTION, TOOLS)
    assert [call.name for call in turn.calls] == ["plan"]
    assert asked == [1]


async def test_a_wrong_key_is_refused_for_good() -> None:
    with ScriptedEndpoint(support, key="k") as endpoint:
        wrong = ChatModel.of({**endpoint.environment, "OPENAI_API_KEY": "x"}, lambda turn, text: None)
        with pytest.raises(ModelRefusedError, match=r"401: .*Unauthorized"):
            await wrong.complete(QUESTION, TOOLS)
    assert endpoint.asked == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, ModelRefusedError), (404, ModelRefusedError), (429, ModelUnavailableError), (503, ModelUnavailableError)],
)
async def test_what_may_work_later_is_told_from_what_will_not(status: int, error: type[Exception]) -> None:
    with answering(status, b"no") as url, pytest.raises(error, match=f"{status}: no"):
        await ChatModel(url, "k", "m", lambda turn, text: None).complete(QUESTION, TOOLS)


async def test_an_endpoint_that_is_gone_may_come_back() -> None:
    with answering(200, b"") as url:
        pass
    with pytest.raises(ModelUnavailableError, match=f"{url} does not answer"):
        await ChatModel(url, "k", "m", lambda turn, text: None).complete(QUESTION, TOOLS)


async def test_a_call_that_is_cancelled_leaves_the_stream() -> None:
    has_begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    with ScriptedEndpoint(saying(Turn("word " * 1_000_000)), key="k") as endpoint:

        def on_text(turn: int, text: str) -> None:
            loop.call_soon_threadsafe(has_begun.set)

        call = asyncio.create_task(ChatModel.of(endpoint.environment, on_text).complete(QUESTION, TOOLS))
        await has_begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        async def left() -> int:
            return endpoint.left

        await eventually(left, bool)


@st.composite
def streams(draw: st.DrawFn) -> tuple[Turn, list[bytes]]:
    """Return a turn, and one of the ways in which it can be streamed."""
    words = st.lists(st.text(max_size=5), max_size=4)
    text = draw(words)
    calls = draw(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1), words), max_size=3))
    tokens = draw(st.integers(0, 10**6))
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}, *({"content": part} for part in text)]
    for index, (id_, name, parts) in enumerate(calls):
        deltas.append({"tool_calls": [{"index": index, "id": id_, "function": {"name": name}}]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in parts]
    pieces: list[Any] = [{"choices": [{"delta": delta}]} for delta in deltas]
    pieces.append({"choices": [], "usage": {"total_tokens": tokens}})
    made = [ToolCall(id_, name, "".join(parts)) for id_, name, parts in calls]
    space = draw(st.sampled_from([b"", b" "]))
    lines = [line for piece in pieces for line in (b"data:" + space + json.dumps(piece).encode() + b"\r\n", b"\r\n")]
    return Turn("".join(text), made, tokens), [b": hello\n", *lines, b"data: [DONE]\n"]


@given(streams())
def test_a_turn_is_the_same_however_it_is_cut(stream: tuple[Turn, list[bytes]]) -> None:
    turn, lines = stream
    assert read_turn(lines, lambda text: None) == turn


@given(streams(), st.data())
def test_a_stream_that_breaks_off_is_no_turn(stream: tuple[Turn, list[bytes]], data: st.DataObject) -> None:
    _, lines = stream
    with pytest.raises(ModelUnavailableError, match="breaks off"):
        read_turn(lines[: data.draw(st.integers(0, len(lines) - 1))], lambda text: None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["choices", "delta", "usage", "tool_calls"]), inner)
    ),
)


@given(st.lists(JSON.map(lambda value: b"data: " + json.dumps(value).encode()) | st.binary()))
def test_garbage_in_a_stream_is_an_error_that_says_so(lines: Sequence[bytes]) -> None:
    with pytest.raises(ModelUnavailableError):
        read_turn(lines, lambda text: None)


@contextmanager
def answering(status: int, body: bytes, bodies: list[dict[str, Any]] | None = None) -> Iterator[str]:
    """Serve an endpoint that gives everybody one answer, and yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if bodies is not None:
                bodies.append(json.loads(asked))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
