"""Errands whose courier is down: at once and for good, or with another try in an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

from arvo import ArvoEvent, ArvoEventHandler, HandlerOutput, create_arvo_event_handler, emit
from arvo_temporal import ArvoApp, EmissionPolicy, Limits
from tests.errands import COURIER, DELIVERED, courier_contract, errands

SUCCESS = "evt.courier.ask.success"
ERROR = f"sys.{COURIER}.error"
HOURS = EmissionPolicy(retry=RetryPolicy(initial_interval=timedelta(hours=1)))
TWO_REQUESTS: dict[str, Any] = {
    "on": {SUCCESS: {"target": "second", "actions": "note"}},
    "states": {
        "second": {
            "entry": emit(lambda context: {"type": COURIER, "data": {"text": context["text"]}}),
            "on": DELIVERED,
        }
    },
}
"""A second request to the same service follows the first one: an answer that comes twice would answer both."""


def failing(event: ArvoEvent) -> HandlerOutput:
    raise OSError("the service is down")


def courier(handle: Any = failing, **options: Any) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=courier_contract, executionunits=1, handler={"1.0.0": handle}, **options)


def down(*, policy: EmissionPolicy | None = None, limits: Limits | None = None, **machine: Any) -> ArvoApp:
    """Return an app whose service fails: at once and for good, or with a policy that waits for the next try."""
    return ArvoApp(
        orchestrators=[errands(**machine)],
        handlers=[courier()],
        policies={COURIER: replace(policy, retry_on=OSError)} if policy else None,
        limits=limits,
    )


app = down(**TWO_REQUESTS)
