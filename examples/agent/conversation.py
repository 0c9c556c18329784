"""The state of the agent: what was said, and which uses of tools are under way. It is the context of the resumable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ValidationError

from arvo import ArvoEvent
from examples.agent.calls import Call
from examples.agent.contracts import Report, Task
from examples.agent.tools import TOOLS
from examples.agent.turn import Message, ToolCall, Turn

_SYSTEM = "You are the support of a shop. Plan first. Use tools at once where they do not need each other. Be brief."


class Conversation(BaseModel):
    """A conversation with a model that uses tools.

    Attributes:
        task: What it is about, and its budget.
        messages: What was said, in the form of the chat completions API.
        calls: The uses of tools under way.
        answer: The model's last word; None as long as there is none.
        turns: How many turns the model has taken.
        tokens: What they have cost.
    """

    task: Task
    messages: list[Message]
    calls: list[Call] = []
    answer: str | None = None
    turns: int = 0
    tokens: int = 0

    @classmethod
    def about(cls, task: Task) -> Self:
        """Begin a conversation."""
        first = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": task.question}]
        return cls(task=task, messages=first)

    @property
    def awaits_model(self) -> bool:
        """Whether it is the model's turn, and one is left."""
        return self.answer is None and not self.calls and self.turns < self.task.max_turns

    def add(self, turn: Turn) -> None:
        """Add a turn of the model: its last word, or uses of tools."""
        self.turns += 1
        self.tokens += turn.tokens
        self.messages.append(turn.as_message())
        if not turn.calls:
            self.answer = turn.text
        for wanted in turn.calls:
            self._take(wanted)

    def requests(self, event: ArvoEvent) -> list[dict[str, Any]]:
        """Return the events that ask for all that is under way.

        Args:
            event: The event that the step began with. The ids derive from its own: a step that is done again asks
                under the same ones.
        """
        for position, call in enumerate(self.calls):
            call.request = f"{event.id}.{position}"
        return [call.emission(event.subject) for call in self.calls]

    def alarm(self, event: ArvoEvent) -> dict[str, Any]:
        """Return the event that asks to be told when the time is up."""
        return {"type": "arvo.orc.alarm", "data": {"parentSubject$$": event.subject, "seconds": self.task.seconds}}

    def hear(self, collected: Mapping[str, list[ArvoEvent]]) -> bool:
        """Take in the answers to all that is under way; False, and nothing else, while one is missing.

        What a person has allowed is then under way once more: to the tool.
        """
        answers = {answer.parentid: answer for some in collected.values() for answer in some}
        if any(call.request not in answers for call in self.calls):
            return False
        answered, self.calls = self.calls, []
        for call in answered:
            answer = answers[call.request]
            if call.asks and answer.data.get("approved") is True:
                self.calls.append(call.model_copy(update={"asks": False}))
            else:
                self._tell(call.id, _told(answer))
        return True

    def report(self, outcome: Literal["answered", "out_of_turns", "out_of_time"]) -> Report:
        """Return how it has ended."""
        return Report(outcome=outcome, answer=self.answer, turns=self.turns, tokens=self.tokens)

    def _take(self, wanted: ToolCall) -> None:
        """Let a tool be used; what the model has got wrong it is told."""
        tool = TOOLS.get(wanted.name)
        if tool is None:
            self._tell(wanted.id, f"error: there is no tool '{wanted.name}', only {', '.join(TOOLS)}")
            return
        try:
            arguments = tool.arguments.model_validate_json(wanted.arguments or "{}")
        except ValidationError as error:
            self._tell(wanted.id, f"error: {error}")
            return
        if tool.service is None:
            self._tell(wanted.id, "noted")
            return
        given = arguments.model_dump(mode="json")
        self.calls.append(Call(id=wanted.id, tool=wanted.name, arguments=given, asks=tool.needs_consent))

    def _tell(self, call: str, content: str) -> None:
        self.messages.append({"role": "tool", "tool_call_id": call, "content": content})


def _told(answer: ArvoEvent) -> str:
    """Return what the model is told of an answer; a failure is for it to judge as well."""
    if answer.type.startswith("sys."):
        return f"error: {answer.data['errorName']}: {answer.data['errorMessage']}"
    return json.dumps(dict(answer.data))
