"""A pile is worked off in stretches, and a workflow task ends in time."""

from __future__ import annotations

import pytest

from arvo_temporal import Limits
from tests.adversity.in_process import InProcess, event_payload
from tests.tape import reading, start_tape, symbol, tape_app
from workflows import pace

_MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(("megabytes", "tasks_ended"), [(1, 0), (20, 3)])
def test_in_a_long_history_every_fifteenth_stretch_ends_its_workflow_task(
    megabytes: int, tasks_ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_STRETCH", 0.0)
    symbols = range(40)
    init = start_tape(len(symbols))
    run = InProcess(tape_app(Limits(history_bytes=100 * _MEGABYTE)), init)
    run.history_bytes = megabytes * _MEGABYTE
    run.signal(("deliver_all", [event_payload(symbol(init.subject, value)) for value in symbols]))
    ended = 0
    while run.is_open:
        run.restart()
        run.advance(0.001)
        ended += 1
    assert ended == tasks_ended
    assert run.result["state"]["output"] == reading(symbols)
