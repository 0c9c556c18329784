"""Machines as Mermaid state diagrams."""

from __future__ import annotations

from arvo.statechart import create_machine
from tests.statechart.inspecting.order import IMPLEMENTED, ORDER

DRAWN = """\
stateDiagram-v2
    state "order<br/>CANCEL → stuck<br/>log.* / note" as s0
    state s0 {
        state "new" as s1
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
        state "stuck<br/>POKE / note" as s11
        state "never" as s12
        [*] --> s1
        s10 --> [*]
        s1 --> s2: PAY [paid]
        s2 --> s10: done
        s2 --> s1: after 5000
        s12 --> s10: GO
    }
    classDef active fill:#ffd54f,stroke:#f57f17
    class s4,s8 active
"""


def test_mermaid_shows_nesting_regions_history_labels_and_the_active_states() -> None:
    machine = create_machine(ORDER, **IMPLEMENTED)
    assert machine.to_mermaid({"work": {"ship": "a", "bill": "b"}}) == DRAWN
    assert machine.to_mermaid() == DRAWN.partition("    classDef")[0]


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
        "    s1 --> s2: always [<lambda>]",
    ]
