"""Keys of `on` that nothing can match, and emissions that are nobody's: told at creation, and errors of a check."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest

from arvo import ArvoWarning, emit, enqueue_actions, enqueue_arvo_event, raise_, setup_arvo_machine
from arvo.statechart import Enqueue
from tests.arvo.checking.shop import DONE, RESERVING, machine, only, order, stock, told


def on(descriptor: str, **root: Any) -> Any:
    return machine({"open": {**RESERVING, "on": {**RESERVING["on"], descriptor: "done"}}, "done": DONE}, **root)


@pytest.mark.parametrize(
    ("descriptor", "cure"),
    [
        ("evt.stock.reservd", "write 'evt.stock.reserved'"),
        ("evt.stocks.short", "write 'evt.stock.short'"),
        ("sys.com.stock.resrve.error", "write 'sys.com.stock.reserve.error'"),
        ("sys.com.stock.reserve", "write 'sys.com.stock.reserve.error'"),
        ("evt.stok.*", "write 'evt.stock.*'"),
        ("sys.evt.*", "write 'sys.*'"),
        ("com.stock.reserve", "handle an answer to it: 'evt.stock.reserved'"),
        ("arvo.orc.order.done", "'arvo.orc.order'"),
        ("PAID", "events=['PAID']"),
    ],
)
def test_a_key_that_nothing_matches_is_told_with_the_nearest_right_one(descriptor: str, cure: str) -> None:
    finding = only(on(descriptor), "unmatched-event")
    assert (finding.severity, finding.event, finding.state) == ("error", descriptor, "order.open")
    assert finding.path.startswith("states.open.on")
    assert cure in finding.cure


@pytest.mark.parametrize(
    ("descriptor", "cure"),
    [("a.*.b", "'a.*'"), ("x*.y", "'*'"), ("evt.stock*", "'evt.*'"), ("*.stock", "'*'"), ("evt.*.*", "'evt.*'")],
)
def test_a_descriptor_that_can_never_match_is_told(descriptor: str, cure: str) -> None:
    finding = only(on(descriptor), "useless-wildcard")
    assert (finding.severity, finding.event) == ("error", descriptor)
    assert cure in finding.cure


@pytest.mark.parametrize(
    "descriptor",
    [
        "*",
        "evt.*",
        "evt.stock.*",
        "sys.*",
        "sys.com.*",
        "arvo.orc.order",
        "evt.shop.pay.success",
        "xstate.done.state.x",
    ],
)
def test_what_can_come_is_not_told(descriptor: str) -> None:
    assert told(on(descriptor)) == []


def test_what_the_machine_raises_itself_is_known() -> None:
    def by_code(enqueue: Enqueue) -> None:
        enqueue.raise_({"type": "PACKED"})

    for raised in (
        raise_({"type": "PACKED"}),
        raise_(lambda context: {"type": "PACKED", "by": context}),
        enqueue_actions(by_code),
        "named",
    ):
        assert told(on("PACKED", entry=raised, actions={"named": raise_({"type": "PACKED"})})) == []
        assert told(on("PAKCED", entry=raised, actions={"named": raise_({"type": "PACKED"})})) == [
            ("error", "unmatched-event", "PAKCED")
        ]


def test_what_only_running_tells_is_not_told() -> None:
    def by_name(context: Any, enqueue: Enqueue) -> None:
        enqueue.raise_({"type": f"step.{context['n']}"})

    def handed_on(enqueue: Enqueue) -> None:
        by_name({}, enqueue)

    for raised in (
        raise_(lambda context: {"type": context["next"]}),
        raise_(lambda context: context["event"]),
        enqueue_actions(by_name),
        enqueue_actions(handed_on),
    ):
        assert told(on("step.1", entry=raised)) == []


def test_the_failure_of_a_request_without_contract_can_come() -> None:
    note = emit({"type": "com.note.taken", "data": {}})
    assert told(on("sys.com.note.taken.error", entry=note, events=["com.note.taken"])) == []
    computed = emit(lambda context: {"type": context["type"], "data": {}})
    assert told(on("sys.com.note.taken.error", entry=computed)) == []
    assert told(on("sys.com.note.taken.error")) == [("error", "unmatched-event", "sys.com.note.taken.error")]


def test_the_failure_of_who_is_sent_a_request_by_name_can_come() -> None:
    def asked(**fields: Any) -> Any:
        return emit({"type": "com.shop.pay", "data": {"sku": "a"}, **fields})

    failure = "sys.com.shop.all.error"
    assert told(on(failure, entry=asked(to="com.shop.all"))) == []
    assert told(on("sys.com.shop.all.*", entry=asked(to="com.shop.all"))) == []
    assert (
        told(on(failure, entry=emit(lambda context: {"type": "com.shop.pay", "to": context["to"], "data": {}}))) == []
    )
    for entry in (asked(), asked(to=None), asked(to="com.shop.rest")):
        assert told(on(failure, entry=entry)) == [("error", "unmatched-event", failure)]


def test_a_declared_event_is_no_mistake() -> None:
    assert told(on("PAID", events=["PAID"])) == []
    assert told(on("paid.*", events=["paid.in.full"])) == []


def emitting(entry: Any, **root: Any) -> Any:
    return machine({"open": {**RESERVING, "exit": entry}, "done": DONE}, **root)


def written(enqueue: Enqueue) -> None:
    for sku in ("a", "b"):
        enqueue.emit({"type": "com.stock.resrve", "data": {"sku": sku}})


@pytest.mark.parametrize(
    "action",
    [
        emit({"type": "com.stock.resrve", "data": {}}),
        emit(lambda context: {"type": "com.stock.resrve", "data": {"sku": context["sku"] if context else "none"}}),
        [enqueue_arvo_event({"type": "com.stock.resrve", "data": {}})],
        enqueue_actions(written),
    ],
)
def test_an_emission_of_no_service_is_told_with_the_nearest_right_type(action: Any) -> None:
    finding = only(emitting(action), "unknown-emission")
    assert (finding.severity, finding.event, finding.state) == ("error", "com.stock.resrve", "order.open")
    assert finding.path == "states.open.exit"
    assert "write 'com.stock.reserve'" in finding.cure
    assert "events=['com.stock.resrve']" in finding.cure


def test_an_emission_that_is_no_event_type_is_told() -> None:
    assert "three or more parts" in only(emitting(emit({"type": "note", "data": {}})), "unknown-emission").problem


def test_an_emission_without_a_type_is_told() -> None:
    for action in (emit({"data": {}}), emit(lambda context: {"data": context})):
        finding = only(emitting(action), "unknown-emission")
        assert (finding.severity, finding.event, finding.path) == ("error", None, "states.open.exit")
        assert "'com.stock.reserve'" in finding.cure


@pytest.mark.parametrize(
    "action",
    [
        emit({"type": "com.stock.reserve", "data": {}}),
        emit({"type": "arvo.orc.order.done", "data": {}}),
        emit(lambda context: {"type": f"com.{context['what']}.reserve", "data": {}}),
        emit(lambda context: context["request"]),
        emit(lambda context: {**context["request"], "type": "com.any.thing"}),
        emit(lambda context: {"type": "com.any.thing"} if context else {"type": "com.stock.reserve"}),
    ],
)
def test_an_emission_of_a_service_or_one_that_only_running_tells_is_not_told(action: Any) -> None:
    assert told(emitting(action)) == []


def test_an_emission_that_is_declared_is_not_told() -> None:
    assert told(emitting(emit({"type": "com.note.taken", "data": {}}), events=["com.note.taken"])) == []


def test_a_warning_says_so_where_the_machine_is_created() -> None:
    prepared = setup_arvo_machine(contracts={"self": order.version("1.0.0"), "services": {"s": stock.version("1.0.0")}})
    config = {"initial": "open", "states": {"open": {"on": {"evt.stock.reservd": "open"}}}}
    with pytest.warns(
        ArvoWarning, match=r"arvo\.orc\.order 1\.0\.0, states\.open\.on.*write 'evt\.stock\.reserved'"
    ) as all_:
        prepared.create_machine(config)
    (warning,) = all_
    assert Path(warning.filename) == Path(__file__)
    assert isinstance(warning.message, ArvoWarning)
    assert warning.message.finding.rule == "unmatched-event"
    copied = pickle.loads(pickle.dumps(warning.message))  # as runners of tests do that have several processes
    assert (copied.finding, str(copied)) == (warning.message.finding, str(warning.message))


def test_nothing_else_is_told_at_creation() -> None:
    prepared = setup_arvo_machine(contracts={"self": order.version("1.0.0"), "services": {}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert prepared.create_machine({"initial": "a", "states": {"a": {}, "b": {}}}).findings() != ()
