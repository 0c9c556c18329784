"""Where the events of an app go."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.routing import Route, possible_routes, route
from arvo import ArvoEvent, ArvoOrchestrationSubject, create_arvo_event
from arvo.contracts import PARENT_SUBJECT
from arvo_temporal import ArvoApp
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from tests.apps import start_count

SUBJECT = start_count(goal=1).subject
OTHER = start_count(goal=1).subject


async def publish(event: ArvoEvent) -> None:
    raise AssertionError("routing publishes nothing")


def event(**fields: Any) -> ArvoEvent:
    given = {"type": "com.some.thing", "source": "arvo.orc.counter", "subject": SUBJECT, "data": {}, **fields}
    return create_arvo_event(**given)


APP = ArvoApp(orchestrators=create_orchestrators(), handlers=create_handlers({}), publishers={"external": publish})
NESTED_SUBJECT = ArvoOrchestrationSubject.from_(orchestrator="arvo.orc.increment", version="1.0.0", subject=SUBJECT)
NESTED = {"type": "arvo.orc.increment", "to": "arvo.orc.increment", "subject": NESTED_SUBJECT}
FOREIGN = {"type": "arvo.orc.counter", "to": "arvo.orc.counter", "subject": OTHER}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"to": "com.value.read"}, Route.HANDLER),
        ({"to": "com.value.read", "domain": "external"}, Route.PUBLISHER),
        ({"to": "com.value.read", "domain": "unknown"}, Route.NOWHERE),
        ({"to": "com.nobody.knows"}, Route.NOWHERE),
        ({"to": "arvo.orc.counter"}, Route.INBOX),
        ({"to": "arvo.orc.increment", "subject": OTHER}, Route.ORCHESTRATION),
        ({**NESTED, "data": {PARENT_SUBJECT: SUBJECT}}, Route.CHILD),
        ({**NESTED, "data": {PARENT_SUBJECT: None}}, Route.ORCHESTRATION),
        ({**FOREIGN, "data": {PARENT_SUBJECT: SUBJECT}}, Route.NOWHERE),
    ],
)
def test_an_event_goes_by_domain_and_receiver(fields: dict[str, Any], expected: Route) -> None:
    assert route(APP, event(**fields), subject=SUBJECT) is expected


def test_the_default_publisher_takes_what_nobody_else_takes() -> None:
    app = ArvoApp(publishers={None: publish})
    assert route(app, event(to="com.nobody.knows"), subject=SUBJECT) is Route.PUBLISHER


WAYS: list[dict[str, Any]] = [
    {"domain": "external"},
    {"domain": "unknown"},
    *({"type": type_, **more} for type_ in ("com.value.read", "com.nobody.knows") for more in ({}, {"to": type_})),
    {**NESTED, "data": {PARENT_SUBJECT: SUBJECT}},
    {**NESTED, "data": {PARENT_SUBJECT: None}},
]


@pytest.mark.parametrize("fields", WAYS)
@pytest.mark.parametrize("publishers", [{}, {"external": publish}, {"external": publish, None: publish}])
@pytest.mark.parametrize("task_queues", [{}, {"com.nobody.knows": "far"}])
def test_the_way_of_an_event_is_among_those_that_its_type_can_take(
    fields: dict[str, Any], publishers: dict[str | None, Any], task_queues: dict[str, str]
) -> None:
    app = ArvoApp(
        orchestrators=create_orchestrators(),
        handlers=create_handlers({}),
        publishers=publishers,
        task_queues=task_queues,
    )
    one = event(**fields)
    found = possible_routes(app, [one.type])
    assert route(app, one, subject=SUBJECT) in {way for way, _ in found}
    assert {who for way, who in found if way in (Route.HANDLER, Route.CHILD, Route.ORCHESTRATION)} <= {one.type}
    assert {who for way, who in found if way is Route.PUBLISHER} == {domain or "" for domain in publishers}
