"""Machines as trees of text."""

from __future__ import annotations

from arvo.picture import tree
from examples.orders.order import order_machine
from tests.arvo.picture.machines import FETCH, SCRIPTS, TRAFFIC_LIGHT, nest

ORDER = """\
● order
├─ ● securing (parallel)
│     ● stock        ┊ ● payment
│     ├─ ○ reserving ┊ ├─ ● authorizing
│     └─ ● settled ◎ ┊ └─ ○ settled ◎
├─ ○ approving
├─ ○ shipping
├─ ○ undoing
├─ ○ fulfilled ◎
└─ ○ rejected ◎
"""

FETCH_IN_ASCII = """\
o fetch
|- * idle
|       FETCH -> loading
|- o loading
|       CANCEL -> idle
|       fetchUser done -> success
|       fetchUser failed -> failure
|       after 10 seconds -> failure
|- o success (end)
|- o failure
|       RETRY -> loading
|       always [too_many] -> given_up
`- o given_up (end)
""".replace("o fetch", "* fetch")


def test_active_states_are_marked_and_regions_stand_side_by_side() -> None:
    assert tree(order_machine, at={"securing": {"stock": "settled", "payment": "authorizing"}}) == ORDER


def test_regions_stand_below_one_another_where_there_is_no_room() -> None:
    lines = tree(order_machine, columns=36).splitlines()
    assert "│  └─ ○ payment" in lines
    assert max(map(len, lines)) <= 36


def test_plain_ascii_with_what_leads_out_of_each_state() -> None:
    assert tree(FETCH, at="idle", ascii=True, transitions=True) == FETCH_IN_ASCII


def test_history_and_tags_are_named() -> None:
    text = tree(TRAFFIC_LIGHT)
    assert "○ H* before" in text
    assert "○ H remembered" in text
    assert "○ yellow  #go #hurry" in text


def test_nothing_is_broader_than_80_columns() -> None:
    assert max(map(len, tree(nest(60)).splitlines())) == 80
    assert tree(nest(60)).count("…") > 30


def test_letters_of_double_width_count_twice() -> None:
    assert "○ 等待付款  #待处理" in tree(SCRIPTS)
    assert "○ 等待…" in tree(SCRIPTS, columns=10)


def test_a_name_of_any_length_is_cut_in_time_that_grows_with_it() -> None:
    name = "x" * 100_000
    _, line = tree({"id": "m", "initial": name, "states": {name: {}}}).splitlines()
    assert len(line) == 80
    assert line.endswith("xx…")
