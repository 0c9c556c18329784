"""`check`: what is found in an app as a whole, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import (
    ArvoEventHandler,
    ArvoMachine,
    ArvoWarning,
    assign,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    emit,
    setup_arvo_machine,
)
from arvo_temporal import ArvoApp, EmissionPolicy, check
from examples.agent.app import app as agent
from examples.number_modifier.app import app as number_modifier
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from examples.orders.app import app as orders
from tests.arvo.checking.shop import DONE, Item, Receipt, order, pay


async def publish(event: Any) -> None:
    """Take an event."""


def payments(*versions: str) -> ArvoEventHandler:
    return create_arvo_event_handler(contract=pay, executionunits=1, handler=dict.fromkeys(versions, publish))


def buying(version: str = "1.0.0", contract: Any = None, on: Any = None, **fields: Any) -> ArvoMachine:
    """A machine that asks for a payment by a contract in a version; `on` says what it does about failures."""
    asked = (contract or pay).version(version)
    return setup_arvo_machine(
        contracts={"self": order.version("1.0.0"), "services": {"pay": asked}},
    ).create_machine(
        {
            "id": "order",
            "initial": "paying",
            "states": {
                "paying": {
                    "entry": emit({"type": asked.accepts.type, "data": {"sku": "a"}, **fields}),
                    "on": {asked.emit_list[0].type: "done", **(on or {"sys.*": "done"})},
                },
                "done": DONE,
            },
            "output": {"number": "1"},
        }
    )


def app_of(machine: ArvoMachine, **parts: Any) -> ArvoApp:
    return ArvoApp(orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[machine])], **parts)


def told(app: ArvoApp) -> list[tuple[str, str, str | None]]:
    return [(finding.severity.value, finding.rule, finding.event) for finding in check(app)]


@pytest.mark.parametrize("app", [orders, number_modifier, agent], ids=["orders", "number modifier", "agent"])
def test_the_examples_are_clean(app: ArvoApp) -> None:
    assert check(app) == ()


def test_an_app_without_mistakes_is_clean() -> None:
    assert check(app_of(buying(), handlers=[payments("1.0.0", "2.0.0")])) == ()
    assert check(ArvoApp()) == ()


def test_the_findings_of_its_machines_are_among_them() -> None:
    machine = setup_arvo_machine(
        contracts={"self": order.version("1.0.0"), "services": {}},
    )
    with pytest.warns(ArvoWarning):
        made = machine.create_machine({"initial": "a", "states": {"a": {"on": {"evt.x.y": "a"}}}})
    assert ("error", "unmatched-event", "evt.x.y") in told(app_of(made))


def test_a_service_that_nobody_takes_is_an_error() -> None:
    (finding,) = check(app_of(buying()))
    assert (finding.severity, finding.rule, finding.event) == ("error", "unserved-service", "com.shop.pay")
    assert (finding.machine, finding.version, finding.state) == ("arvo.orc.order", "1.0.0", "order.paying")
    assert "handlers=" in finding.cure
    assert "task_queues={'com.shop.pay': ...}" in finding.cure


@pytest.mark.parametrize("parts", [{"task_queues": {"com.shop.pay": "bank"}}, {"publishers": {None: publish}}])
def test_a_task_queue_or_the_local_publisher_takes_it_too(parts: dict[str, Any]) -> None:
    assert check(app_of(buying(), **parts)) == ()


def test_a_publisher_of_a_domain_takes_only_what_is_sent_there() -> None:
    assert check(app_of(buying(domain=["external"]), publishers={"external": publish})) == ()
    assert told(app_of(buying(), publishers={"external": publish})) == [("error", "unserved-service", "com.shop.pay")]
    computed = app_of(buying(domain=lambda context: ["external"]), publishers={"external": publish})
    assert check(computed) == ()


def test_a_domain_without_a_publisher_is_told_with_the_nearest_one() -> None:
    found = check(app_of(buying(domain=["external"]), publishers={"extrenal": publish}))
    assert [(one.severity.value, one.rule) for one in found] == [
        ("error", "unserved-domain"),
        ("warning", "unused-key"),
    ]
    assert "'extrenal'" in found[0].cure
    assert found[1].path == "publishers['extrenal']"
    assert "write 'external'" in found[1].cure


def test_a_publisher_that_answers_may_need_is_not_told() -> None:
    assert check(app_of(buying(), handlers=[payments("1.0.0", "2.0.0")], publishers={"elsewhere": publish})) == ()


def test_a_service_that_is_never_asked_needs_nobody() -> None:
    waiting = setup_arvo_machine(
        contracts={"self": order.version("1.0.0"), "services": {"pay": pay.version("1.0.0")}}
    ).create_machine(
        {"initial": "a", "states": {"a": {"on": {"evt.shop.pay.success": {"actions": assign({"paid": True})}}}}}
    )
    assert check(app_of(waiting)) == ()


def test_a_service_whose_type_is_computed_is_a_warning_where_the_code_spells_it() -> None:
    modifier = [one for one in create_orchestrators() if one.source != "arvo.orc.increment"]
    app = ArvoApp(orchestrators=modifier, handlers=create_handlers({}))
    assert told(app) == [("warning", "unserved-service", "arvo.orc.increment")]


def test_another_version_of_a_nested_orchestration_is_an_error() -> None:
    nested = create_arvo_orchestrator_contract(
        uri="#/shop/gift",
        name="gift",
        versions={number: {"init": Item, "complete": Receipt} for number in ("1.0.0", "2.0.0")},
    )
    gift = setup_arvo_machine(contracts={"self": nested.version("1.0.0"), "services": {}}).create_machine(
        {"initial": "done", "states": {"done": DONE}, "output": {"number": "1"}}
    )
    orchestrators = [
        create_arvo_orchestrator(executionunits=1, machines=[machine]) for machine in (buying("2.0.0", nested), gift)
    ]
    (finding,) = check(ArvoApp(orchestrators=orchestrators))
    assert (finding.severity, finding.rule, finding.event) == ("error", "missing-version", "arvo.orc.gift")
    assert "has 1.0.0, and is asked for 2.0.0" in finding.problem
    assert "add a machine of 2.0.0" in finding.cure


def test_a_handler_of_another_contract_is_an_error() -> None:
    from arvo import create_simple_arvo_contract

    other = create_simple_arvo_contract(
        uri="#/shop/paying", type="shop.pay", versions={"1.0.0": {"accepts": Item, "emits": Item}}
    )
    assert told(app_of(buying(contract=other), handlers=[payments("1.0.0", "2.0.0")])) == [
        ("error", "other-contract", "com.shop.pay")
    ]


def test_keys_that_nothing_uses_are_told_with_the_nearest_one() -> None:
    app = app_of(
        buying(),
        handlers=[payments("1.0.0", "2.0.0")],
        policies={"com.shop.pya": EmissionPolicy(), "arvo.deadletter": EmissionPolicy(), None: EmissionPolicy()},
        task_queues={"com.stock.reserve": "stock", "arvo.orc.gift": "gifts"},
    )
    found = {finding.path: finding for finding in check(app)}
    assert {one.rule for one in found.values()} == {"unused-key"}
    assert set(found) == {"policies['com.shop.pya']", "policies[None]", "task_queues['com.stock.reserve']"}
    assert "write 'com.shop.pay'" in found["policies['com.shop.pya']"].cure


def test_a_task_queue_misspelt_is_told_beside_the_service_that_nobody_takes() -> None:
    found = check(app_of(buying(), task_queues={"com.shop.pays": "bank"}))
    assert [(one.rule, one.event) for one in found] == [
        ("unserved-service", "com.shop.pay"),
        ("unused-key", "com.shop.pays"),
    ]
    assert "instead of 'com.shop.pays'" in found[0].cure
    assert "write 'com.shop.pay'" in found[1].cure
