"""A whole app in one process: its members, its publishers, and what nobody takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from arvo import (
    ArvoEvent,
    ExecutionResult,
    IArvoEventHandler,
    SimpleEventBroker,
    create_arvo_event_handler,
    emit,
)
from arvo.broker import EventApp
from arvo.contracts import ContractEvent
from tests.arvo.counting import CONFIG, add_contract, add_handler, count_orchestrator, start

CALL = {"type": "com.number.add", "data": {"left": 1, "right": 1}}
NOTE: dict[str, Any] = {"type": "com.note.taken", "data": {}}


@dataclass
class App:
    """What a broker needs of an app, and no more."""

    handlers: Mapping[str, IArvoEventHandler] = field(default_factory=dict)
    orchestrators: Mapping[str, IArvoEventHandler] = field(default_factory=dict)
    publishers: Mapping[str | None, Any] = field(default_factory=dict)
    task_queues: Mapping[str, str] = field(default_factory=dict)


def app_of(*actions: Any, handlers: Any = (), **options: Any) -> App:
    """An app whose orchestrator does something and waits, noting the failures that it is told of in its record."""
    config = {
        "id": "m",
        "initial": "waiting",
        "states": {"waiting": {"entry": list(actions), "on": {"sys.*": "told"}}, "told": {}},
    }
    orchestrator = count_orchestrator(config)
    return App({one.source: one for one in handlers}, {orchestrator.source: orchestrator}, **options)


def whole_app(config: Mapping[str, Any] = CONFIG, **options: Any) -> App:
    """An app whose orchestrator adds numbers by asking its handler."""
    return App({"com.number.add": add_handler()}, {"arvo.orc.count": count_orchestrator(config)}, **options)


async def state(app: App, init: ArvoEvent) -> Any:
    orchestrator: Any = app.orchestrators["arvo.orc.count"]
    return (await orchestrator.memory.read(init.subject))["value"]


async def run(app: EventApp, init: ArvoEvent | None = None, **options: Any) -> SimpleEventBroker:
    broker = SimpleEventBroker.of(app, **options)
    await broker.publish(init or start())
    return broker


async def test_an_app_runs_with_all_its_members() -> None:
    broker = SimpleEventBroker.of(whole_app())
    final = await broker.resolve(start(goal=3))
    assert final is not None
    assert final.data == {"total": 3}
    assert set(broker.topics) == {"arvo.orc.count", "com.number.add"}


async def test_an_event_with_a_domain_goes_to_its_publisher_and_to_no_other() -> None:
    out, ops, rest = list[ArvoEvent](), list[ArvoEvent](), list[ArvoEvent]()

    async def publish_out(event: ArvoEvent) -> None:
        out.append(event)

    app = app_of(
        emit({**CALL, "domain": ["out", None]}),
        handlers=[add_handler()],
        publishers={"out": publish_out, "ops": ops.append, None: rest.append},
    )
    broker = await run(app)
    assert [(event.type, event.domain) for event in out] == [("com.number.add", "out")]
    assert (ops, rest) == ([], [])
    assert [event.type for event in broker.events] == [
        "arvo.orc.count",
        *["com.number.add"] * 2,
        "evt.number.add.success",
    ]


async def test_what_nobody_takes_goes_to_the_publisher_without_a_domain() -> None:
    taken: list[ArvoEvent] = []
    broker = SimpleEventBroker.of(whole_app(publishers={None: taken.append}))
    final = await broker.resolve(start(goal=1))
    assert final is not None
    assert taken == [final], "whoever asked is outside"
    await broker.publish(replace(start(), to="com.un.known"))
    assert taken == [final], "what comes from outside is not published"


async def test_a_subscriber_or_another_app_takes_an_event_before_that_publisher() -> None:
    taken, subscribed = list[ArvoEvent](), list[ArvoEvent]()
    app = app_of(
        emit(NOTE), emit(CALL), publishers={None: taken.append}, task_queues={"com.number.add": "of the other app"}
    )
    broker = SimpleEventBroker.of(app)
    end = broker.subscribe("com.note.taken", subscribed.append)
    init = start()
    await broker.publish(init)
    assert (len(subscribed), taken) == (1, [])
    assert await state(app, init) == "waiting", "the other app may answer"
    end()
    await broker.publish(start())
    assert [event.type for event in taken] == ["com.note.taken"]


@pytest.mark.parametrize(
    "request_",
    [NOTE, CALL, {**CALL, "domain": ["out"]}, {**CALL, "domain": ["out", "in"]}, {**NOTE, "to": "com.un.known"}],
)
async def test_the_orchestration_is_told_of_what_nobody_takes(request_: Any) -> None:
    init, app = start(), app_of(emit(request_), publishers={"in": lambda event: None})
    broker = await run(app, init)
    assert await state(app, init) == "told"
    errors = [event for event in broker.events if event.type == f"sys.{request_['type']}.error"]
    assert [error.data["errorName"] for error in errors] == ["NoRoute"]
    assert request_["type"] in errors[0].data["errorMessage"]


async def test_a_hook_takes_events_of_every_domain_besides_the_publishers() -> None:
    order: list[str] = []

    async def answer(event: ArvoEvent, broker: SimpleEventBroker) -> None:
        order.append(f"hook {event.domain}")
        await broker.publish(replace(event, domain=None))

    init = start()
    app = app_of(
        emit({**CALL, "domain": ["out", "nobody"]}),
        handlers=[add_handler()],
        publishers={"out": lambda event: order.append("publisher")},
    )
    broker = await run(app, init, on_domained_event=answer)
    assert order == ["publisher", "hook out", "hook nobody"]
    assert await state(app, init) == "waiting"
    assert [event.type for event in broker.events].count("evt.number.add.success") == 2


async def test_the_end_of_an_orchestration_needs_no_taker() -> None:
    def fail() -> None:
        raise LookupError

    ending = {"id": "m", "initial": "end", "output": {"total": 1}, "states": {"end": {"type": "final"}}}
    for config in (ending, {**ending, "entry": fail}):
        broker = await run(whole_app(config), start(domain="shop"))
        assert "NoRoute" not in [event.data.get("errorName") for event in broker.events]
        assert len(broker.events) > 1


class Courier:
    """A handler of one's own: it passes on what it gets."""

    source = "com.number.add"
    system_error_schema: ContractEvent = add_contract.system_error

    async def execute(self, event: ArvoEvent, opentelemetry: Any = None) -> ExecutionResult:
        sent = {"type": "com.parcel.sent", "source": self.source, "to": "com.parcel.sent", "dataschema": None}
        return ExecutionResult([ArvoEvent.from_json({**event.to_json(), **sent})])


async def test_the_orchestration_is_told_of_what_a_handler_has_sent_to_nobody() -> None:
    init, app = start(), app_of(emit(CALL), handlers=[Courier()])
    broker = await run(app, init)
    assert await state(app, init) == "told"
    assert broker.events[-1].type == "sys.com.parcel.sent.error"
    assert broker.events[-1].to == "arvo.orc.count"
    outside = replace(init, subject="no-orchestration", type="com.number.add", to="com.number.add", id="other")
    seen = len(broker.events)
    await broker.publish(outside)
    alone = await run(App({"com.number.add": Courier()}), replace(outside, subject=init.subject))
    for events in (broker.events[seen:], alone.events):
        assert [event.type for event in events] == ["com.number.add", "com.parcel.sent"], "there is none to tell"


async def test_a_publisher_that_raises_is_told_and_takes_nothing_along() -> None:
    told: list[tuple[str, str | None]] = []

    async def publish(event: ArvoEvent) -> None:
        raise ConnectionError("the broker is away")

    app = app_of(
        emit({**CALL, "domain": ["out", None]}), emit(NOTE), handlers=[add_handler()], publishers={"out": publish}
    )
    broker = SimpleEventBroker.of(app, on_error=lambda error, event: told.append((str(error), event.domain)))
    broker.subscribe("com.note.taken", lambda event: None)
    init = start()
    await broker.publish(init)
    assert told == [("the broker is away", "out")]
    assert await state(app, init) == "waiting"
    with pytest.raises(ConnectionError):
        await run(app)


def test_two_members_of_one_source_are_refused() -> None:
    handler = create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": lambda: None})
    with pytest.raises(ValueError, match=r"com\.number\.add"):
        SimpleEventBroker.of(App({"a": handler}, {"b": add_handler()}))
