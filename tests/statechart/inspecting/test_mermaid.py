"""Machines as Mermaid state diagrams."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo.statechart import MachineConfig, StateConfig, create_machine
from tests.statechart.inspecting.order import IMPLEMENTED, ORDER

DRAWN = """\
stateDiagram-v2
    state "order<br/>CANCEL → stuck<br/>log.* / note" as s0
    state s0 {
        state "new<br/>CANCEL ignored" as s1
        state "work" as s2
        state s2 {
            state "ship" as s3
            state s3 {
                state "a" as s4
                state "b" as s5
                [*] --> s4
                s5 --> [*]
                s4 --> s5: SHIP
            }
            --
            state "bill" as s6
            state s6 {
                state "a" as s7
                state "b" as s8
                state "H" as s9
                [*] --> s7
                s8 --> [*]
                s7 --> s8: BILL
            }
        }
        state "ready" as s10
        state "stuck<br/>CANCEL ignored<br/>POKE / note" as s11
        state "never" as s12
        [*] --> s1
        s10 --> [*]
        s1 --> s2: PAY [paid]
        s2 --> s10: done
        s2 --> s1: after 5000 ms
        s12 --> s10: GO
    }
    classDef active fill:#ffd54f,stroke:#f57f17
    class s4,s8 active
"""


def test_mermaid_shows_nesting_regions_history_labels_and_the_active_states() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert machine.to_mermaid({"work": {"ship": "a", "bill": "b"}}) == DRAWN
    assert machine.to_mermaid() == DRAWN.partition("    classDef")[0]


def drawn(config: MachineConfig) -> list[str]:
    return [line.strip() for line in create_machine(config, strict=False).to_mermaid().splitlines()]


REGIONS: MachineConfig = {
    "id": "m",
    "type": "parallel",
    "states": {
        "h": {"type": "history", "target": "b.two"},
        "a": {"initial": "one", "states": {"one": {"on": {"OVER": "#two", "BOTH": {"target": ["#one", "#two"]}}}}},
        "b": {"initial": "one", "states": {"one": {"id": "one"}, "two": {"id": "two"}}},
    },
}


def test_mermaid_says_in_a_title_what_goes_from_one_region_into_another() -> None:
    lines = drawn(REGIONS)
    assert 'state "one<br/>OVER → two<br/>BOTH (with two) → one<br/>BOTH (with one) → two" as s3' in lines
    assert not [line for line in lines if line.startswith("s3 -->")]


def test_mermaid_has_as_many_regions_as_the_machine() -> None:
    assert drawn(REGIONS).count("--") == 1


def test_mermaid_has_the_regions_of_a_root_in_a_box_as_they_are_nowhere_else() -> None:
    lines = create_machine(REGIONS, strict=False).to_mermaid().splitlines()
    assert lines[1:3] == ['    state "m" as s0', "    state s0 {"]
    assert [line for line in lines if line.strip() == "--"] == ["        --"]


def test_mermaid_says_where_a_history_state_leads_first() -> None:
    assert 'state "H<br/>default → two" as s1' in drawn(REGIONS)
    flat: MachineConfig = {"initial": "a", "states": {"a": {}, "b": {}, "h": {"type": "history", "target": "b"}}}
    assert "s3 --> s2: default" in drawn(flat)


def test_mermaid_tells_a_transition_that_enters_again() -> None:
    again: MachineConfig = {"initial": "a", "states": {"a": {"on": {"E": {"target": "a", "reenter": True}, "F": "a"}}}}
    assert {"s1 --> s1: E (reenters)", "s1 --> s1: F"} <= set(drawn(again))


def test_mermaid_draws_a_machine_without_transitions_of_its_root_without_a_box() -> None:
    machine = create_machine(
        {
            "initial": "a",
            "states": {"a": {"on": {"say:it;": "a"}, "always": {"target": "b", "guard": lambda: False}}, "b": {}},
        }
    )
    assert machine.to_mermaid().splitlines()[1:] == [
        '    state "a" as s1',
        '    state "b" as s2',
        "    [*] --> s1",
        "    s1 --> s1: say#58;it#59;",
        "    s1 --> s2: always [#60;lambda#62;]",
    ]


def named(name: str) -> list[str]:
    """The lines of a machine that has a name wherever it can have one."""
    state: StateConfig = {
        "on": {f"E{name}": {"target": "b", "guard": f"g{name}", "actions": [f"a{name}"]}, f"I{name}": {}}
    }
    regions: dict[str, StateConfig] = {"r": {"initial": "i", "states": {"i": {"id": "i"}}}, f"q{name}": {"id": "q"}}
    both: StateConfig = {"type": "parallel", "states": regions, "on": {"TO": {"target": ["#i", "#q"]}}}
    return drawn({"initial": f"s{name}", "states": {f"s{name}": state, "b": both}})


HOSTILE = [
    *('%%{init: {"theme": "dark"}}%%', "<<fork>>", "[[fork]]", "direction LR", "DIRECTION\tTB", 'x"y', "a\n%% gone"),
    *("\u2028", "\r", "\x1b[2J", "\u202e", "#quot;", "<b>", "&lt;", "::: cls", "{", "a\n}", "`x`"),
]
LINE = re.compile(r'--|\}|state s\d+ \{|state "([^"<>]|<br/>)*" as s\d+|(\[\*\]|s\d+) --> (\[\*\]|s\d+)(: [^:;"<>]*)?')


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_says_anything_to_mermaid(name: str) -> None:
    is_left_alone(name)


@given(st.text())
def test_whatever_a_name_is_a_diagram_has_the_same_lines(name: str) -> None:
    is_left_alone(name)


def is_left_alone(name: str) -> None:
    plain, lines = named("x"), named(name)
    assert [line.partition(" ")[0] for line in lines] == [line.partition(" ")[0] for line in plain]
    for line in lines[1:]:
        bare = re.sub(r"#\d+;", "#", line)
        assert LINE.fullmatch(bare), line
        assert line.isprintable()
        assert not re.search(r"(?i)%%|<<|\[\[|direction\s", line)


def test_a_name_is_shown_as_it_is() -> None:
    shown = [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), line) for line in named("<\"'é: direction LR\x1b>")]
    assert any("s<\"'é: direction LR\\u001b>" in line for line in shown)
