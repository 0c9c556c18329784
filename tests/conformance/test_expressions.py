"""The expressions of the vectors, where the vectors themselves do not reach yet."""

from __future__ import annotations

from typing import Any

import pytest

from arvo.statechart import create_machine, initial_transition
from tests.conformance.expressions import evaluate
from tests.conformance.machines import build_config
from tests.conformance.nodes import conclude

MESSAGE = {"$concat": ["order ", {"$ctx": "number"}, " failed"]}


def test_the_message_of_an_error_of_an_action_may_be_an_expression() -> None:
    config = {"id": "m", "context": {"number": 7}, "entry": {"do": "throw", "message": MESSAGE}}
    with pytest.raises(Exception, match=r"^order 7 failed$"):
        initial_transition(create_machine(build_config(config)))


@pytest.mark.parametrize(
    "rule", [{"throw": {"message": MESSAGE}}, {"return": {"$throw": MESSAGE}}, {"throw": {"message": "order 7 failed"}}]
)
def test_and_so_may_that_of_a_handler(rule: Any) -> None:
    with pytest.raises(Exception, match=r"^order 7 failed$"):
        conclude(rule, {"ctx": {"number": 7}})


def test_texts_are_joined_as_in_javascript() -> None:
    assert evaluate({"$concat": ["a", 1.0, None, True]}, {}) == "a1nulltrue"
