"""What was reached, added up over machines and processes, and told in a table and on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arvo.statechart import StateMachine, create_machine, initial_transition, observed_by, transition
from arvo_temporal.pytest import reached
from arvo_temporal.pytest.reached import Collection, Reached
from arvo_temporal.pytest.report import percent, rows_of, table, write_pictures


def lamp(id: str = "lamp", **more: Any) -> StateMachine[Any]:
    states = {"off": {"on": {"PRESS": "on"}}, "on": {"on": {"PRESS": "off"}}, **more}
    return create_machine({"id": id, "initial": "off", "states": states})


def measured(machine: StateMachine[Any], presses: int) -> Collection:
    collection = Collection()
    with observed_by(collection.observe):
        snapshot, _ = initial_transition(machine)
        for _ in range(presses):
            snapshot, _ = transition(machine, snapshot, {"type": "PRESS"})
    return collection


def lines_of(*machines: StateMachine[Any], width: int = 80) -> list[str]:
    return list(table(rows_of([Reached.of(one.compiled) for one in machines]), width))


def test_how_often_all_was_reached_is_counted_and_added_up_over_processes() -> None:
    mine, other = measured(lamp(), 2), measured(lamp(), 1)
    mine.add_json(other.to_json())
    (one,) = mine.machines
    assert one.states == {"lamp.off": 3, "lamp.on": 2}
    assert one.transitions == {"states.off.on.PRESS": 2, "states.on.on.PRESS": 1}
    assert percent([one]) == 100


def test_of_each_process_and_of_all_so_many_machines_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reached, "MOST_MACHINES", 2)
    mine, other = Collection(), Collection()
    kept = [lamp("a").compiled, lamp("b").compiled, lamp("c").compiled]
    mine.know(kept[:2])
    other.know(kept)
    assert (mine.left_out, other.left_out) == (0, 1)
    mine.add_json(other.to_json())
    assert ([one.id for one in mine.machines], mine.left_out) == (["a", "b"], 1)


def test_machines_of_one_id_are_apart_where_states_or_transitions_differ() -> None:
    collection = Collection()
    machines = [lamp(), lamp(), lamp(broken={}), create_machine({**lamp().config, "on": {"BREAK": ".off"}})]
    collection.know([one.compiled for one in machines])
    assert len(collection.machines) == 3


def test_of_what_was_not_reached_so_much_is_listed() -> None:
    more: dict[str, Any] = {f"s{number}": {} for number in range(30)}
    lines = lines_of(lamp(**more))
    assert len([line for line in lines if line.startswith("    not entered  ")]) == 21
    assert "    not entered  and 12 more" in lines
    assert "    not taken  on: PRESS" in lines


@pytest.mark.parametrize("width", [40, 80])
def test_the_table_keeps_to_the_terminal(width: int) -> None:
    lines = lines_of(lamp("a lamp of a name " * 8), lamp(), width=width)
    assert max(map(len, lines)) <= width
    assert [line.split()[-1] for line in lines if line.endswith("%")] == ["%", "%"]


def test_names_are_printed_as_text() -> None:
    lines = lines_of(lamp("lamp\x1b[2J", **{"a\u202eb": {}}))
    assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert "    not entered  a\\u202eb" in lines


def test_pictures_are_of_each_machine_with_names_of_any_kind(tmp_path: Path) -> None:
    machines = measured(lamp("<b>lamp</b>"), 1).machines + measured(lamp("../.."), 0).machines
    assert list(write_pictures(rows_of(machines), tmp_path / "new" / "folder")) == []
    page = (tmp_path / "new/folder/index.html").read_text(encoding="utf-8")
    assert "<h2>&lt;b&gt;lamp&lt;/b&gt;: 2/2 states, 1/2 transitions reached</h2>" in page
    assert sorted(one.name for one in (tmp_path / "new/folder").iterdir()) == [
        "1-b-lamp-b.svg",
        "2-machine.svg",
        "index.html",
    ]
