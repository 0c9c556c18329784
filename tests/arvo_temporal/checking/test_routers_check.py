"""`check` of apps with routers and multi handlers: what they take, and what they do not."""

from __future__ import annotations

from typing import Any

import pytest

from arvo import create_arvo_event_router, create_multi_arvo_event_handler, create_simple_arvo_contract
from arvo_temporal import ArvoApp, check
from tests.arvo.checking.shop import Item
from tests.arvo_temporal.checking.test_app_check import app_of, buying, payments, publish, told
from tests.routed import router as sums

ROUTER = "com.shop.all"


def router(*handlers: Any) -> Any:
    return create_arvo_event_router(source=ROUTER, executionunits=1, handlers=handlers)


def multi(source: str = ROUTER) -> Any:
    return create_multi_arvo_event_handler(source=source, executionunits=1, handler=publish)


@pytest.mark.parametrize("taker", [router(payments("1.0.0", "2.0.0")), multi()], ids=["router", "multi handler"])
def test_a_request_to_one_that_takes_it_is_clean(taker: Any) -> None:
    assert check(app_of(buying(to=ROUTER), handlers=[taker])) == ()


@pytest.mark.parametrize("descriptor", [f"sys.{ROUTER}.error", "sys.com.shop.*"])
def test_a_machine_may_wait_for_the_failure_of_a_multi_handler(descriptor: str) -> None:
    machine = buying(to=ROUTER, on={descriptor: "done", "sys.com.shop.pay.error": "done"})
    assert check(app_of(machine, handlers=[multi()])) == ()


def test_a_failure_of_a_multi_handler_that_no_state_takes_is_told() -> None:
    machine = buying(to=ROUTER, on={"sys.com.shop.pay.error": "done"})
    (finding,) = check(app_of(machine, handlers=[multi()]))
    assert (finding.severity, finding.rule, finding.event) == ("warning", "unhandled-failure", f"sys.{ROUTER}.error")
    assert "'sys.*'" in finding.cure
    assert check(app_of(machine, handlers=[router(payments("1.0.0", "2.0.0"))])) == ()


def test_a_multi_handler_may_have_the_type_as_its_source() -> None:
    assert check(app_of(buying(), handlers=[multi("com.shop.pay")])) == ()


def test_a_type_that_the_router_has_no_handler_for_is_an_error() -> None:
    (finding,) = check(app_of(buying(to=ROUTER), handlers=[router()]))
    assert (finding.severity, finding.rule, finding.event) == ("error", "unserved-service", "com.shop.pay")
    assert f"'com.shop.pay' is sent to the router '{ROUTER}'" in finding.problem
    assert "create_arvo_event_router(handlers=" in finding.cure
    assert (finding.machine, finding.state) == ("arvo.orc.order", "order.paying")


def test_a_type_that_is_sent_to_the_handler_of_another_one_is_an_error() -> None:
    adding = sums().handlers["com.sums.add"]
    (finding,) = check(app_of(buying(to="com.sums.add"), handlers=[adding]))
    assert (finding.severity, finding.rule) == ("error", "unserved-service")
    assert "'com.shop.pay' is sent to the handler 'com.sums.add'" in finding.problem
    assert "leave to= out" in finding.cure


def test_a_handler_of_a_router_with_another_contract_is_an_error() -> None:
    other = create_simple_arvo_contract(
        uri="#/shop/paying", type="shop.pay", versions={"1.0.0": {"accepts": Item, "emits": Item}}
    )
    app = app_of(buying(contract=other, to=ROUTER), handlers=[router(payments("1.0.0", "2.0.0"))])
    assert told(app) == [("error", "other-contract", "com.shop.pay")]


def test_a_receiver_that_nobody_is_is_told_by_its_name() -> None:
    (finding,) = check(app_of(buying(to=ROUTER), handlers=[payments("1.0.0", "2.0.0")]))
    assert finding.rule == "unserved-service"
    assert f"'com.shop.pay', sent to '{ROUTER}'" in finding.problem
    assert f"task_queues={{'{ROUTER}': ...}}" in finding.cure


def test_the_task_queue_of_a_router_elsewhere_is_used() -> None:
    assert check(app_of(buying(to=ROUTER), task_queues={ROUTER: "shop"})) == ()


def test_an_app_of_a_router_alone_is_clean() -> None:
    assert check(ArvoApp(handlers=[router(payments("1.0.0", "2.0.0")), multi("com.shop.rest")])) == ()
