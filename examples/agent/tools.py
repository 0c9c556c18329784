"""The tools that the model is told of, and the services behind them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from arvo import VersionedArvoContract
from examples.agent import contracts


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool.

    Attributes:
        arguments: What it takes; the docstring tells the model what it is for.
        service: The contract of the service that does it; None for what is done by being written down.
        needs_consent: Whether a person has to allow each use.
    """

    arguments: type[BaseModel]
    service: VersionedArvoContract | None = None
    needs_consent: bool = False


SERVICES = {
    "find_order": contracts.find_order.version("1.0.0"),
    "search_policy": contracts.search_policy.version("1.0.0"),
    "refund": contracts.refund.version("1.0.0"),
    "consent": contracts.consent.version("1.0.0"),
    "alarm": contracts.alarm.version("1.0.0"),
}

TOOLS = {
    "plan": Tool(contracts.Plan),
    "find_order": Tool(contracts.FindOrder, SERVICES["find_order"]),
    "search_policy": Tool(contracts.SearchPolicy, SERVICES["search_policy"]),
    "refund": Tool(contracts.Refund, SERVICES["refund"], needs_consent=True),
}
