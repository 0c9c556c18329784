"""In one process each event of an app goes where it goes on Temporal."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.routing import Route, route
from arvo import ArvoEvent, SimpleEventBroker, create_arvo_event_handler, emit
from arvo_temporal import ArvoApp
from tests.arvo.counting import add_contract, count_orchestrator, start

OWN = {
    "type": "evt.number.add.success",
    "to": "arvo.orc.count",
    "dataschema": "#/test/add/1.0.0",
    "data": {"sum": 1},
}
WAYS: dict[str, dict[str, Any]] = {
    "a handler": {"to": "com.number.add"},
    "a handler in another domain": {"to": "com.number.add", "domain": ["out"]},
    "a handler in a domain without publisher": {"to": "com.number.add", "domain": ["unknown"]},
    "itself": OWN,
    "itself in another domain": {**OWN, "domain": ["out"]},
    "nobody": {"to": "com.nobody.knows"},
    "a handler of another app": {"to": "com.else.where"},
    "a handler of another app in another domain": {"to": "com.else.where", "domain": ["out"]},
    "an orchestration of another app": {"to": "arvo.orc.elsewhere"},
}


@pytest.mark.parametrize("default", [False, True], ids=["no default", "default publisher"])
@pytest.mark.parametrize("fields", WAYS.values(), ids=WAYS)
async def test_an_event_goes_where_it_goes_on_temporal(fields: dict[str, Any], default: bool) -> None:
    taken: list[str] = []

    def add() -> None:
        taken.append("handled")

    async def publish(event: ArvoEvent) -> None:
        taken.append(f"published to {event.domain}")

    request = {"type": "com.number.add", "data": {"left": 1, "right": 1}, **fields}
    states = {
        "asking": {
            "entry": emit(request),
            "on": {"evt.*": {"actions": lambda: taken.append("taken by itself")}, "sys.*": "told"},
        },
        "told": {"entry": lambda: taken.append("told")},
    }
    publishers: dict[str | None, Any] = {"out": publish, **({None: publish} if default else {})}
    app = ArvoApp(
        orchestrators=[count_orchestrator({"id": "m", "initial": "asking", "states": states})],
        handlers=[create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": add})],
        publishers=publishers,
        task_queues={"com.else.where": "other", "arvo.orc.elsewhere": "other"},
    )
    init = start()
    broker = SimpleEventBroker.of(app)
    await broker.publish(init)
    sent = broker.events[1]
    way = route(app, sent, subject=init.subject)
    here = {
        Route.INBOX: ["taken by itself"],
        Route.HANDLER: ["handled"],
        Route.PUBLISHER: [f"published to {sent.domain}"],
        Route.NOWHERE: ["told"],
    }
    assert taken == ([] if sent.domain is None and sent.to in app.task_queues else here[way])
