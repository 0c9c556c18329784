"""`arvo-temporal simulate`, as a process: typed, piped and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.arvo_temporal.cli.commands import answer

CHECKOUT = "tests/data/checkout.json"


async def simulated(*arguments: str, typed: str) -> tuple[int, str, str]:
    return await answer("simulate", *arguments, input=typed, environment={"COLUMNS": "80"})


async def test_it_reads_commands_from_a_pipe() -> None:
    code, said, _ = await simulated(CHECKOUT, typed="SUBMIT\ny\nback\nNOTHING\nwait 3 minutes\nquit\n")
    assert code == 0, said
    assert all(len(line) <= 80 for line in said.splitlines())
    before, _, after = said.partition("  does showSpinner")
    assert "accepts: 1 ADD  2 SUBMIT" in before
    assert "timer 1: cart after 3 minutes, in 3 minutes" in before
    assert "● paying" in after
    assert "NOTHING is not accepted here: nothing happens" in after
    assert after.splitlines()[-2:] == ["done", "accepts: nothing"]


async def test_in_json_each_step_is_a_line() -> None:
    code, said, _ = await simulated(
        CHECKOUT, "--guards", "false", "--json", typed='1 {"sku": "tea"}\n2\nback\nwait x\n'
    )
    assert code == 1
    start, add, submit, back, wrong = map(json.loads, said.splitlines())
    assert (start["command"], start["state"], start["accepts"]) == ("start", "cart", ["ADD", "SUBMIT"])
    assert add["steps"][0]["effects"] == [{"kind": "action", "type": "addItem", "params": {"quantity": 1}}]
    assert (submit["state"], submit["steps"][0]["transitions"]) == ("empty", ["states.cart.on.SUBMIT[1]"])
    assert back["state"] == "cart"
    assert "'x' is no time" in wrong["error"]


async def test_what_is_no_machine_is_told_with_the_cure(tmp_path: Path) -> None:
    code, _, error = await simulated("examples.orders.app:app", typed="")
    assert code == 2
    assert "name one of arvo.orc.order/1.0.0" in error
    hostile = {"initial": "a", "states": {"a": {"on": {"GO\x1b[2J\u202e": "b"}}, "b": {}}}
    (tmp_path / "hostile.json").write_text(json.dumps(hostile))
    code, said, _ = await simulated(str(tmp_path / "hostile.json"), typed="1\n")
    assert code == 0
    assert "accepts: 1 GO\\u001b[2J\\u202e" in said
    assert "\x1b" not in said


async def test_the_output_is_told_whatever_it_is(tmp_path: Path) -> None:
    file = tmp_path / "done.json"
    for output in ({"n": 1}, 0, False):
        states = {"a": {"on": {"GO": "b"}}, "b": {"type": "final"}}
        file.write_text(json.dumps({"initial": "a", "states": states, "output": output}))
        _, said, _ = await simulated(str(file), typed="GO\n")
        assert f"done: {json.dumps(output)}" in said.splitlines()
        _, said, _ = await simulated(str(file), "--json", typed="GO\n")
        assert json.loads(said.splitlines()[-1])["output"] == output
