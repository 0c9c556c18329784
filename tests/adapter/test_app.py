"""An app: which members it takes, and which it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arvo_temporal import AppError, ArvoApp, EmissionPolicy
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers


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
