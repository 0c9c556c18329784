"""The shop as an app: `arvo-temporal dev examples.bad_day.app:app`."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy

from arvo import ArvoMachine, create_arvo_event_handler, create_arvo_orchestrator
from arvo_temporal import ArvoApp, EmissionPolicy
from examples.bad_day.contracts import bank, warehouse
from examples.bad_day.sale import sale_machine
from examples.bad_day.services import WarehouseIsDown, charge, pack


def shop(machine: ArvoMachine) -> ArvoApp:
    """Return the app with this machine."""
    return ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine])],
        handlers=[
            create_arvo_event_handler(contract=bank, executionunits=1, handler={"1.0.0": charge}),
            create_arvo_event_handler(contract=warehouse, executionunits=1, handler={"1.0.0": pack}),
        ],
        policies={
            "com.warehouse.pack": EmissionPolicy(
                retry=RetryPolicy(initial_interval=timedelta(hours=1), maximum_attempts=24), retry_on=WarehouseIsDown
            )
        },
    )


app = shop(sale_machine())
