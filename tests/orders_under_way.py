"""Orders of the example that are under way, without a server: for what is asked of a record."""

from __future__ import annotations

from typing import Any, cast

from arvo import ArvoEvent, ArvoOrchestrator, create_arvo_event_factory, create_arvo_orchestrator_event_factory
from arvo.orchestration import OrchestrationRecord
from arvo_temporal import ArvoApp, ArvoClient
from examples.orders import contracts
from examples.orders.app import create_orchestrators
from examples.orders.approvals import ApprovalDesk
from examples.orders.handlers import create_handlers
from examples.orders.incoming import incoming_orders
from tests.polling import eventually


def order_app(desk: ApprovalDesk | None = None) -> ArvoApp:
    """Return the example's app with a desk of its own."""
    return ArvoApp(
        orchestrators=create_orchestrators(),
        handlers=create_handlers(),
        publishers={"external": (desk or ApprovalDesk()).receive},
    )


def order_named(name: str) -> ArvoEvent:
    """Return an init event with the data of one of the example's files, for an order of its own."""
    given = ArvoEvent.from_json(next(order.text for order in incoming_orders() if order.name == name))
    factory = create_arvo_orchestrator_event_factory(contracts.order.version("1.0.0"))
    return factory.init(source="com.test.app", data=given.data)


def answer(init: ArvoEvent, type_: str, data: dict[str, Any], **fields: Any) -> ArvoEvent:
    """Return an answer of a service to an order."""
    known = vars(contracts).values()
    contract = next(one for one in known if hasattr(one, "version") and type_ in one.version("1.0.0").emits)
    return create_arvo_event_factory(contract.version("1.0.0")).emits(
        type=type_, source=contract.type, subject=init.subject, to=init.type, data=data, **fields
    )


RESERVED = ("evt.stock.reserved", {"reservation": "r-1"})
AUTHORIZED = ("evt.payment.authorized", {"authorization": "a-1"})


def record_after(app: ArvoApp, init: ArvoEvent, *answers: tuple[str, dict[str, Any]]) -> OrchestrationRecord:
    """Return the record of an order after some answers."""
    orchestrator = app.orchestrators[init.type]
    assert isinstance(orchestrator, ArvoOrchestrator)
    record: OrchestrationRecord | None = None
    for event in (init, *(answer(init, *one) for one in answers)):
        record = cast("OrchestrationRecord", orchestrator.step(event, record).record)
    assert record is not None
    return record


async def in_state(client: ArvoClient, subject: str, state: object) -> None:
    """Wait until an order is in a state."""
    await eventually(lambda: client.record(subject), lambda record: record is not None and record.get("value") == state)
