"""An app in which everything happens that metrics tell of: it asks a handler, publishes, waits, nests, and fails."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy

from arvo import ArvoEvent, HandlerOutput, SimpleMachineMemory, create_arvo_event_handler, create_arvo_orchestrator
from arvo_temporal import ArvoApp, EmissionPolicy
from tests.alarm import alarm_machine
from tests.apps import asker_machine, counter_machine, oracle_contract, supervisor_machine

HOPELESS = "hopeless"


async def oracle(event: ArvoEvent) -> HandlerOutput:
    """Answer, but for what is hopeless."""
    if event.data["text"] == HOPELESS:
        raise ConnectionError("nobody is there")
    return {"type": "evt.oracle.ask.success", "data": {"text": "Yes"}}


async def publish(event: ArvoEvent) -> None:
    """Publish nothing."""


def metered_app() -> ArvoApp:
    """Return the app."""
    machines = (asker_machine, counter_machine, supervisor_machine, alarm_machine)
    twice = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=2)
    return ArvoApp(
        orchestrators=[
            create_arvo_orchestrator(executionunits=1, memory=SimpleMachineMemory(), machines=[machine])
            for machine in machines
        ],
        handlers=[create_arvo_event_handler(contract=oracle_contract, executionunits=1, handler={"1.0.0": oracle})],
        publishers={"delphi": publish, None: publish},
        policies={"com.oracle.ask": EmissionPolicy(retry=twice, retry_on=(ConnectionError,))},
        task_queue="metered",
    )


app = metered_app()
