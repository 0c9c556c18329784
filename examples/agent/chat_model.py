"""A language model behind an endpoint of the chat completions API: OpenAI's, or any other that speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPException
from threading import Event
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from examples.agent.stream import read_turn
from examples.agent.tools import Tool
from examples.agent.turn import Message, ModelUnavailableError, Turn

OnText = Callable[[int, str], None]
"""Told what a model writes while it writes it: the number of its turn, counted from 1, and the next piece."""

_MAY_WORK_LATER = {408, 409, 429}
_TOLD = 500


class ModelRefusedError(Exception):
    """The endpoint refuses the request, and would again: its key, its model or its form is wrong."""


class ChatModel:
    """Asks a model for its next turn, streamed.

    Args:
        base_url: Where the endpoint is, such as `https://api.openai.com/v1`.
        key: The API key.
        name: The name of the model.
        on_text: Told what it writes while it writes it, on another thread.
        silence: How many seconds it may say nothing.
    """

    def __init__(self, base_url: str, key: str, name: str, on_text: OnText, *, silence: float = 60) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._name = name
        self._on_text = on_text
        self._silence = silence

    @classmethod
    def of(cls, environment: Mapping[str, str], on_text: OnText) -> ChatModel:
        """Return the model that OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL name."""
        base_url = environment.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        name = environment.get("OPENAI_MODEL") or "gpt-4o-mini"
        return cls(base_url, environment.get("OPENAI_API_KEY", ""), name, on_text)

    async def complete(self, messages: Sequence[Message], tools: Mapping[str, Tool]) -> Turn:
        """Return the next turn of a conversation.

        Raises:
            ModelUnavailableError: It cannot be reached, is overloaded or breaks off; it may work later.
            ModelRefusedError: It refuses the request.
        """
        body = {
            "model": self._name,
            "messages": messages,
            "tools": [_described(name, tool) for name, tool in tools.items()],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        number = 1 + sum(message["role"] == "assistant" for message in messages)
        is_cancelled = Event()
        try:
            return await asyncio.to_thread(self._complete, body, number, is_cancelled)
        finally:
            is_cancelled.set()  # a thread cannot be stopped: it sees this with the next line of the stream

    def _complete(self, body: dict[str, Any], number: int, is_cancelled: Event) -> Turn:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = Request(f"{self._base_url}/chat/completions", json.dumps(body).encode(), headers)
        try:
            with urlopen(request, timeout=self._silence) as response:
                return read_turn(_until(response, is_cancelled), lambda text: self._on_text(number, text))
        except HTTPError as error:
            raise _refusal(error) from None
        except (OSError, HTTPException) as error:
            raise ModelUnavailableError(f"The model at {self._base_url} does not answer: {error}") from error


def _described(name: str, tool: Tool) -> dict[str, Any]:
    schema = tool.arguments.model_json_schema()
    function = {"name": name, "description": schema.pop("description", ""), "parameters": schema}
    return {"type": "function", "function": function}


def _until(lines: IO[bytes], is_cancelled: Event) -> Iterator[bytes]:
    for line in lines:
        if is_cancelled.is_set():
            return
        yield line


def _refusal(error: HTTPError) -> Exception:
    told = error.read().decode(errors="replace")[:_TOLD]
    message = f"The model answers {error.code}: {told}"
    may_work_later = error.code >= 500 or error.code in _MAY_WORK_LATER
    return ModelUnavailableError(message) if may_work_later else ModelRefusedError(message)
