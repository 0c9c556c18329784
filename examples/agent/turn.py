"""A turn of a language model: what it says, and which tools it wants to use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from examples.agent.tools import Tool

Message = dict[str, Any]
"""A message in the form of the chat completions API."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to use, with arguments as it has written them: JSON, one hopes."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says in one turn. `tokens` are those of the whole prompt and of the reply."""

    text: str = ""
    calls: Sequence[ToolCall] = ()
    tokens: int = 0

    def as_message(self) -> Message:
        """Return it in the form of the chat completions API."""
        message: Message = {"role": "assistant", "content": self.text}
        if self.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.calls
            ]
        return message


class ModelUnavailableError(Exception):
    """The model cannot be reached, is overloaded or breaks off; it may work later."""


class Model(Protocol):
    """A language model."""

    async def complete(self, messages: Sequence[Message], tools: Mapping[str, Tool]) -> Turn:
        """Return the next turn of a conversation."""
