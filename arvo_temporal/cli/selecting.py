"""The options by which a command is told of many orchestrations instead of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from arvo_temporal.client import TROUBLES, ArvoClient, Filters

QueryOption = Annotated[
    str | None,
    typer.Option(metavar="QUERY", help="All orchestrations of a query, by Temporal's list filter."),
]
OrchestratorOption = Annotated[
    str | None, typer.Option(metavar="TYPE", help="All open ones of an orchestrator, such as arvo.orc.order.")
]
TroubleOption = Annotated[
    str | None, typer.Option(metavar="KIND", help=f"All open ones with a trouble: {', '.join(TROUBLES)}.")
]
LimitOption = Annotated[
    int, typer.Option(metavar="N", min=0, help="The most to look at, newest first; 0 for all of the query.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@dataclass(frozen=True, slots=True)
class Found:
    """The orchestrations that a command is to work on.

    Attributes:
        workflow_ids: Their workflow ids, newest first, each once.
        total: How many there are; more than that, where not all were asked for.
    """

    workflow_ids: tuple[str, ...]
    total: int

    @property
    def is_cut(self) -> bool:
        """Whether there are more than were asked for."""
        return self.total > len(self.workflow_ids)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orchestrations a command is to work on.

    Attributes:
        query: A query of Temporal's list filter; None for none.
        orchestrator: The type of their orchestrator; None for any.
        trouble: The kind of a trouble that they have; None for any, or none.
        limit: The most to look at; 0 for all.
        yes: Whether it is to be done without asking.
    """

    query: str | None
    orchestrator: str | None
    trouble: str | None
    limit: int
    yes: bool

    def of(self, orchestration: str | None) -> str | None:
        """Return the one orchestration that is meant, or None where a query says which.

        Raises:
            BadParameter: Neither says which, or both do.
        """
        asks = (self.query, self.orchestrator, self.trouble) != (None, None, None)
        if asks and orchestration is not None:
            raise typer.BadParameter("Give either the ID of one orchestration, or --query, --orchestrator, --trouble.")
        if not asks and orchestration is None:
            raise typer.BadParameter("Give the ID of an orchestration; or many by --query, --orchestrator, --trouble.")
        return orchestration

    async def find(self, client: ArvoClient) -> Found:
        """Return the orchestrations that are meant: open ones, where no query of one's own says which.

        Raises:
            ListError: The server cannot list them so.
        """
        filters: Filters = {
            "orchestrator": self.orchestrator,
            "trouble": self.trouble,
            "query": self.query,
            "status": "open" if self.query is None else "all",
        }
        runs = [one async for one in client.ids(limit=self.limit or None, **filters)]
        ids = tuple(dict.fromkeys(runs))
        is_full = bool(self.limit) and len(runs) == self.limit
        left = max(0, await client.count(**filters) - len(runs)) if is_full else 0
        return Found(ids, len(ids) + left)
