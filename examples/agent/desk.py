"""The desk where a person consents to what the agent wants to do: a folder, as a stand-in for a chat or an app."""

from __future__ import annotations

from pathlib import Path

from arvo import ArvoEvent, create_arvo_event_factory
from examples.agent import contracts
from examples.agent.contracts import Wish


class Desk:
    """Keeps the wishes that wait for a decision, a file for each; it is the publisher of the domain `external`.

    Args:
        folder: Where they lie. It is made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def receive(self, request: ArvoEvent) -> None:
        """Put a wish on the desk; one that comes twice lies there once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._file(request).with_suffix(".part")
        part.write_text(request.to_json_text(), encoding="utf-8")
        part.replace(self._file(request))

    def waiting(self) -> list[ArvoEvent]:
        """Return the wishes without a decision."""
        return [ArvoEvent.from_json(file.read_text(encoding="utf-8")) for file in sorted(self._folder.glob("*.json"))]

    def decide(self, request: ArvoEvent, *, approved: bool, by: str) -> ArvoEvent:
        """Decide a wish, and return the event that tells the agent."""
        self._file(request).unlink(missing_ok=True)
        return create_arvo_event_factory(contracts.consent.version("1.0.0")).emits(
            id=f"decision-{request.id}",
            type="evt.consent.decided",
            source="com.consent.ask",
            subject=request.subject,
            to=request.source,
            parentid=request.id,
            domain="external",
            data={"approved": approved, "by": by},
        )

    def _file(self, request: ArvoEvent) -> Path:
        return self._folder / f"{request.id}.json"


def told(request: ArvoEvent) -> str:
    """Return a wish as a person reads it."""
    wish = request.data_as(Wish)
    return f"{wish.tool}({', '.join(f'{name}={value!r}' for name, value in wish.arguments.items())})"
