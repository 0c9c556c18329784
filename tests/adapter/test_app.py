"""An app: which members it takes, and which it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapter.members import AnyHandler
from arvo import create_multi_arvo_event_handler
from arvo_temporal import AppError, ArvoApp, EmissionPolicy
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers
from tests.routed import ALL, ROUTER, multi, routed_app, router


def test_two_members_for_one_type_are_refused() -> None:
    with pytest.raises(AppError, match=r"com\.value\.read"):
        ArvoApp(handlers=[*create_handlers({}), *create_handlers({})])


def test_a_type_is_not_taken_here_and_by_another_app() -> None:
    with pytest.raises(AppError, match=r"task_queues.*arvo\.orc\.increment"):
        ArvoApp(orchestrators=create_orchestrators(), task_queues={"arvo.orc.increment": "elsewhere"})


def test_what_another_app_handles_is_not_done_within_a_workflow_task_of_this_one() -> None:
    with pytest.raises(AppError, match="another task queue"):
        ArvoApp(task_queues={"com.value.read": "elsewhere"}, policies={"com.value.read": EmissionPolicy(mode="local")})


def test_what_has_no_policy_of_its_own_gets_the_default() -> None:
    slow = EmissionPolicy(timeout=timedelta(hours=1))
    app = ArvoApp(policies={"com.value.read": slow})
    assert app.policy("com.value.read") is slow
    assert app.policy("com.value.write").timeout == EmissionPolicy().timeout


def named(source: str) -> AnyHandler:
    return create_multi_arvo_event_handler(source=source, executionunits=1, handler=lambda: None)


def test_two_members_for_one_type_are_named_both() -> None:
    with pytest.raises(AppError, match=r"handlers=.*'com\.value\.read'.*'#/number/value/read', and the multi handler"):
        ArvoApp(handlers=[*create_handlers({}), named("com.value.read")])
    with pytest.raises(AppError, match=rf"'{ROUTER}'.*router of 'com.sums.add', 'com.sums.double', and the multi"):
        ArvoApp(handlers=[router(), named(ROUTER)])
    with pytest.raises(AppError, match=rf"'{ALL}'.*: the multi handler of that source, and a task queue"):
        ArvoApp(handlers=[multi()], task_queues={ALL: "elsewhere"})


def test_a_router_and_a_handler_may_take_one_type_under_their_own_names() -> None:
    app = ArvoApp(handlers=[router(), *router().handlers.values(), multi()])
    assert set(app.handlers) == {ROUTER, "com.sums.add", "com.sums.double", ALL}


def test_the_policies_of_routers_and_multi_handlers_are_under_their_sources() -> None:
    slow = EmissionPolicy(timeout=timedelta(hours=1))
    app = routed_app(router(), multi(), policy=slow)
    assert (app.policy(ROUTER), app.policy(ALL)) == (slow, slow)
    with pytest.warns(match=rf"'com.sums.rooter'.*write '{ROUTER}'"):
        ArvoApp(handlers=[router()], policies={"com.sums.rooter": slow})


def test_an_app_of_a_router_alone_is_named_after_it() -> None:
    assert ArvoApp(handlers=[router()]).name == ROUTER


@pytest.mark.parametrize("source", ["arvo.publish", "arvo.deliver", "arvo.deadletter"])
def test_a_source_that_is_an_activity_of_every_app_is_refused(source: str) -> None:
    with pytest.raises(AppError, match=rf"'{source}' is the name of an activity"):
        ArvoApp(handlers=[named(source)])
