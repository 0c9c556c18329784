"""A use of a tool that is under way, and the event that asks for it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, JsonValue

from examples.agent.tools import TOOLS


class Call(BaseModel):
    """A use of a tool that is under way.

    Attributes:
        id: As the model calls it.
        tool: The name of the tool.
        arguments: What it is given.
        asks: Whether a person has to allow it first.
        request: The id of the event that was sent for it, to the tool or to that person.
    """

    id: str
    tool: str
    arguments: dict[str, JsonValue]
    asks: bool
    request: str = ""

    def emission(self, subject: str) -> dict[str, Any]:
        """Return the event that asks the tool, or the person who has to allow it.

        Args:
            subject: That of the agent, whose child a tool becomes that is an orchestration.
        """
        if self.asks:
            wish = {"tool": self.tool, "arguments": self.arguments}
            return {"id": self.request, "type": "com.consent.ask", "domain": ["external"], "data": wish}
        service = TOOLS[self.tool].service
        assert service is not None, "what has no service is done at once"
        type_ = service.accepts.type
        parent = {"parentSubject$$": subject} if type_.startswith("arvo.orc.") else {}
        return {"id": self.request, "type": type_, "data": {**parent, **self.arguments}}
