"""Order fulfilment as an app: `python worker.py examples.orders.app:app --dev`."""

from __future__ import annotations

from arvo import ArvoOrchestrator, SimpleMachineMemory, create_arvo_orchestrator
from arvo_temporal import ArvoApp
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers
from examples.orders.order import order_machine
from examples.orders.shipment import shipment_machine


def create_orchestrators() -> list[ArvoOrchestrator]:
    """Return the orchestrators, with a memory that serves where Temporal does not."""
    memory = SimpleMachineMemory()
    return [
        create_arvo_orchestrator(executionunits=1, memory=memory, machines=[machine])
        for machine in (order_machine, shipment_machine)
    ]


desk = ApprovalDesk()
app = ArvoApp(
    orchestrators=create_orchestrators(),
    handlers=create_handlers(),
    publishers={"external": desk.receive},
)
