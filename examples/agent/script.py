"""What the scripted model says: it looks at what it has been told so far, as a real one does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from examples.agent.tools import Tool
from examples.agent.turn import Message, ToolCall, Turn

Script = Callable[[Sequence[Message]], Turn]
"""Returns the next turn of a conversation."""

QUESTION = "My teapot of order 4711 came broken. I want my money back. Ada"


class Scripted:
    """A model that follows a script within this process, for tests in milliseconds."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def complete(self, messages: Sequence[Message], tools: Mapping[str, Tool]) -> Turn:
        """Return the next turn of a conversation."""
        return self._script(messages)


def support(messages: Sequence[Message]) -> Turn:
    """Plan; look at order and rules at once, again where that fails; refund; tell the customer."""
    known = _results(messages)
    if "plan" not in known:
        steps = ["look at the order and at the rules", "refund what is to be refunded", "tell the customer"]
        return _turn(messages, "Let me see.", plan={"steps": steps})
    missing = {name: arguments for name, arguments in _LOOKED_AT.items() if _is_missing(known.get(name))}
    if missing:
        return _turn(messages, "I look at what is missing, all at once.", **missing)
    order = json.loads(known["find_order"])
    if "refund" not in known:
        refund = {"order_id": order["order_id"], "amount": order["price"]}
        return _turn(messages, "It came broken, so the rules give the money back.", refund=refund)
    reference = _reference(known["refund"])
    if reference is None:
        return _turn(messages, "I am sorry, Ada: I may not refund this. A colleague will write to you.")
    return _turn(
        messages, f"Dear {order['customer']}, {order['price'] / 100:.2f} are on their way to you: {reference}."
    )


def endless(messages: Sequence[Message]) -> Turn:
    """Plan, and plan again."""
    return _turn(messages, "I have to think.", plan={"steps": ["think"]})


_LOOKED_AT: dict[str, dict[str, Any]] = {
    "find_order": {"order_id": "4711"},
    "search_policy": {"words": "broken refund"},
}


def _turn(messages: Sequence[Message], text: str, **calls: Mapping[str, Any]) -> Turn:
    number = sum(message["role"] == "assistant" for message in messages) + 1
    used = [
        ToolCall(f"call_{number}_{position}", name, json.dumps(arguments))
        for position, (name, arguments) in enumerate(calls.items(), 1)
    ]
    tokens = sum(len(json.dumps(message)) for message in messages) // 4 + len(text) // 4
    return Turn(text, used, tokens)


def _results(messages: Sequence[Message]) -> dict[str, str]:
    """Return what each tool has said last."""
    calls = [call for message in messages for call in message.get("tool_calls", ())]
    names = {call["id"]: call["function"]["name"] for call in calls}
    return {names[message["tool_call_id"]]: message["content"] for message in messages if message["role"] == "tool"}


def _is_missing(result: str | None) -> bool:
    return result is None or result.startswith("error")


def _reference(result: str) -> str | None:
    if _is_missing(result):
        return None
    reference: str | None = json.loads(result).get("reference")
    return reference
