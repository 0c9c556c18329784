"""What stands in search attributes: short, visible, and nothing that a query could not contain."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.search_attributes import ATTRIBUTES, LONGEST, PARENT, ROOT, active_states, keyword, start_attributes
from arvo import ArvoOrchestrationSubject
from arvo_temporal import AppError, ArvoApp, workflow_id
from tests.apps import start_count

TEXTS = st.text(st.characters(exclude_categories=()), max_size=600)


@given(TEXTS)
def test_no_text_is_too_long_for_the_server_or_can_leave_its_quotation_marks(text: str) -> None:
    kept = keyword(text)
    assert len(kept) <= LONGEST
    assert len(json.dumps(kept)) <= 2048
    assert not set(kept) & set("'\"\\`\0\n\t")
    assert kept.isprintable()
    kept.encode()


@pytest.mark.parametrize("text", ["order 42", "Größe", "注文-7", "100%", "a/b:c@d", "o(1)[2]"])
def test_ordinary_keys_stand_there_as_they_are(text: str) -> None:
    assert keyword(text) == text


def test_what_cannot_stand_there_is_escaped() -> None:
    assert keyword("O'Brien\n\u202e") == "O%27Brien%0A%E2%80%AE"


@given(st.recursive(TEXTS, lambda inner: st.dictionaries(TEXTS, inner, max_size=8), max_leaves=30))
def test_active_states_fit_into_one_value(value: Any) -> None:
    paths = active_states(value)
    assert len(json.dumps(paths)) <= 2048
    assert len(set(paths)) == len(paths)


def test_active_states_are_named_by_their_paths_outer_ones_first() -> None:
    value = {"shipping": {"left": "packed", "right": {"deep": "down"}}}
    assert active_states(value) == [
        *("shipping", "shipping.left", "shipping.left.packed"),
        *("shipping.right", "shipping.right.deep", "shipping.right.deep.down"),
    ]
    assert active_states("approving") == ["approving"]
    assert active_states(None) == []


def test_what_an_orchestration_is_given_is_registered() -> None:
    init = start_count(goal=1, parent=start_count(goal=2).subject)
    assert {pair.key.name for pair in start_attributes(init)} <= set(ATTRIBUTES)


def test_whose_parent_is_known_and_nothing_above_it_has_that_at_the_top() -> None:
    parent = start_count(goal=2).subject
    given_ = start_attributes(start_count(goal=1, parent=parent))
    assert given_.get(PARENT) == given_.get(ROOT) == workflow_id(parent)
    assert start_attributes(start_count(goal=1, parent=parent), root="top").get(ROOT) == "top"


def test_a_parent_that_is_none_is_left_out() -> None:
    init = start_count(goal=1)
    given_ = start_attributes(replace(init, data={**init.data, "parentSubject$$": "nonsense"}))
    assert given_.get(PARENT) is None


def test_a_key_of_any_characters_can_be_started() -> None:
    subject = ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.counter", version="1.0.0", initiator="com.test.app", execution_id="\U0001f600" * 300
    )
    for pair in start_attributes(replace(start_count(goal=1), subject=subject)):
        assert len(json.dumps(pair.value)) <= 2048


@pytest.mark.parametrize("wanted", ["state", ["status"], [["state"]], [None], 7])
def test_only_what_can_be_one_is_taken(wanted: Any) -> None:
    with pytest.raises(AppError, match=r"search_attributes=\.\.\."):
        ArvoApp(search_attributes=wanted)
