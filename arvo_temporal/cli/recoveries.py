"""What commands do to let an orchestration go on: what they would do, how they do it, and how they tell of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from adapter.errors import OrchestrationNotFoundError
from adapter.troubles import Trouble
from arvo.errors import ExecutionViolation
from arvo.events import ArvoEvent
from arvo_temporal.cli.printing import print_words
from arvo_temporal.cli.tables import print_table
from arvo_temporal.client import ArvoClient, NudgeResult, RedriveResult

R = TypeVar("R")

_REASONS = 3


class Done(NamedTuple):
    """What became of one orchestration of many: whether all succeeded, and what was done in words."""

    ok: bool
    told: str


class Recovery(ABC, Generic[R]):
    """Something that is done to an orchestration, to one alone or to each of many.

    Attributes:
        verb: What it is called, such as `redrive`.
        idle: What is told of one of many that has nothing to do; None where doing it tells that.
    """

    verb: ClassVar[str]
    idle: ClassVar[str | None] = None

    @abstractmethod
    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        """Return in words what it would do to one of many; nothing where there is nothing to do."""

    @abstractmethod
    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[R]:
        """Do it, and return what has come of each thing that it was done to."""

    @abstractmethod
    def told(self, results: Sequence[R]) -> str:
        """Return in words what has come of it, for one of many."""

    @abstractmethod
    def show(self, results: Sequence[R]) -> None:
        """Print what has come of it, where it was done to one alone."""

    @abstractmethod
    def as_json(self, result: R) -> Any:
        """Return a result as JSON, or as a model that can be written so."""

    def succeeded(self, result: R) -> bool:
        """Tell whether it has succeeded; what cannot be done at all raises."""
        return True

    async def apply_to_many(self, client: ArvoClient, orchestration: str) -> Done:
        """Do it to one of many, which may have nothing to do."""
        if self.idle is not None and not await self.plan(client, orchestration):
            return Done(True, self.idle)
        try:
            results = await self.apply(client, orchestration)
        except (ExecutionViolation, OrchestrationNotFoundError):
            # Somebody else has done it meanwhile, or the orchestration has come to its end.
            if self.idle is None or await self.plan(client, orchestration):
                raise
            return Done(True, self.idle)
        return Done(all(map(self.succeeded, results)), self.told(results))


@dataclass(frozen=True, slots=True)
class Redrive(Recovery[RedriveResult]):
    """Sends refused, unhandled and late events again.

    Attributes:
        event_ids: Which events; None for all that are still so.
        source: The source of the events; None for any.
    """

    event_ids: Sequence[str] | None
    source: str | None
    verb: ClassVar[str] = "redrive"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        """See the base class."""
        stopped = await client.stopped(orchestration)
        return [
            f"send {entry.type or 'no event'} again ({entry.fate})"
            for entry in stopped
            if self.source in (None, entry.source)
        ]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[RedriveResult]:
        """See the base class."""
        return await client.redrive(orchestration, self.event_ids, source=self.source)

    def told(self, results: Sequence[RedriveResult]) -> str:
        """See the base class."""
        fates = Counter(result.fate or "unknown" for result in results)
        told = ", ".join(f"{count} {fate}" for fate, count in fates.items()) or "nothing to send again"
        reasons = [result.reason or "" for result in results if not result.accepted]
        return "\n".join([told, *reasons[:_REASONS]])

    def show(self, results: Sequence[RedriveResult]) -> None:
        """See the base class."""
        if not results:
            print_words("Nothing is refused, unhandled or late.")
            return
        cells = [(one.id or "-", one.type or "-", one.fate or "unknown", one.reason or "") for one in results]
        print_table(("event", "type", "fate", "reason"), cells)

    def as_json(self, result: RedriveResult) -> Mapping[str, Any]:
        """See the base class."""
        return {
            "id": result.id,
            "source": result.source,
            "type": result.type,
            "fate": result.fate,
            "accepted": result.accepted,
            "reason": result.reason,
        }

    def succeeded(self, result: RedriveResult) -> bool:
        """See the base class."""
        return result.accepted


@dataclass(frozen=True, slots=True)
class Retry(Recovery[ArvoEvent]):
    """Sends requests again that have failed for good.

    Attributes:
        event_id: Which request; None for all that have failed.
    """

    event_id: str | None
    verb: ClassVar[str] = "retry"
    idle: ClassVar[str | None] = "nothing has failed"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        """See the base class."""
        requests = await client.requests(orchestration)
        return [f"send {one.type} {one.id} again" for one in requests if one.standing == "failed"]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[ArvoEvent]:
        """See the base class."""
        return await client.retry(orchestration, self.event_id)

    def told(self, results: Sequence[ArvoEvent]) -> str:
        """See the base class."""
        return "\n".join(f"sent again {request.type} {request.id}" for request in results)

    def show(self, results: Sequence[ArvoEvent]) -> None:
        """See the base class."""
        for request in results:
            print_words("sent again", request.type, request.id, f"to {request.to}")

    def as_json(self, result: ArvoEvent) -> Mapping[str, Any]:
        """See the base class."""
        return {"id": result.id, "type": result.type, "to": result.to}


@dataclass(frozen=True, slots=True)
class Nudge(Recovery[NudgeResult]):
    """Tries at once what waits for its next try.

    Attributes:
        reset: Whether to reset a run whose workflow task fails.
    """

    reset: bool
    verb: ClassVar[str] = "nudge"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        """See the base class."""
        return [f"try at once: {what}" for what in await client.between_tries(orchestration)]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[NudgeResult]:
        """See the base class."""
        return await client.nudge(orchestration, reset=self.reset)

    def told(self, results: Sequence[NudgeResult]) -> str:
        """See the base class."""
        return "\n".join(result.told for result in results) or "nothing waits for its next try"

    def show(self, results: Sequence[NudgeResult]) -> None:
        """See the base class."""
        if not results:
            print_words("Nothing waits for its next try.")
            return
        cells = [(one.kind, one.name, "yes" if one.nudged else "no", one.told) for one in results]
        print_table(("what", "name", "nudged", "outcome"), cells)

    def as_json(self, result: NudgeResult) -> Mapping[str, Any]:
        """See the base class."""
        return {"kind": result.kind, "name": result.name, "nudged": result.nudged, "told": result.told}

    def succeeded(self, result: NudgeResult) -> bool:
        """See the base class."""
        return result.nudged


@dataclass(frozen=True, slots=True)
class Dismiss(Recovery[Trouble]):
    """Ends trouble that needs no cure.

    Attributes:
        event_id: The event, or request, that it is about; None for all.
        kind: The kind of trouble; None for any.
    """

    event_id: str | None
    kind: str | None
    verb: ClassVar[str] = "dismiss"
    idle: ClassVar[str | None] = "no trouble"

    async def plan(self, client: ArvoClient, orchestration: str) -> list[str]:
        """See the base class."""
        troubles = await client.troubles(orchestration)
        return [f"dismiss {_named(one)}" for one in troubles if self.kind in (None, one.kind)]

    async def apply(self, client: ArvoClient, orchestration: str) -> Sequence[Trouble]:
        """See the base class."""
        return await client.dismiss(orchestration, self.event_id, kind=self.kind)

    def told(self, results: Sequence[Trouble]) -> str:
        """See the base class."""
        return "\n".join(f"dismissed {_named(trouble)}" for trouble in results)

    def show(self, results: Sequence[Trouble]) -> None:
        """See the base class."""
        for over in results:
            print_words("dismissed", over.kind, over.type, over.id)

    def as_json(self, result: Trouble) -> Trouble:
        """See the base class."""
        return result


def _named(trouble: Trouble) -> str:
    return f"{trouble.kind} {trouble.type or 'no event'} {trouble.id or ''}".rstrip()
