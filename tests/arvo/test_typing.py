"""What a type checker tells the author of contracts, handlers and machines, under mypy's strict rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MODULE = """
from pydantic import BaseModel

from arvo import (
    ArvoEvent,
    HandlerOutput,
    IMachineMemory,
    ResumableOutput,
    SimpleEventBroker,
    SimpleMachineMemory,
    create_arvo_event_handler,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_simple_arvo_contract,
    setup_arvo_machine,
)
from arvo.statechart import MachineConfig


class Addends(BaseModel):
    left: int
    right: int


class Sum(BaseModel):
    sum: int


adding = create_simple_arvo_contract(
    uri="#/typing/add", type="typing.add", versions={"1.0.0": {"accepts": Addends, "emits": Sum}}
)
summing = create_arvo_orchestrator_contract(
    uri="#/typing/sum", name="typing.sum", versions={"1.0.0": {"init": Addends, "complete": Sum}}
)


async def add(event: ArvoEvent) -> HandlerOutput:
    addends = event.data_as(Addends)
    reveal_type(addends)  # reveals: Addends
    reveal_type(event.to)  # reveals: str | None
    return {"type": "evt.typing.add.success", "data": Sum(sum=addends.left + addends.right)}


def misspell_a_field(event: ArvoEvent) -> HandlerOutput:
    return {"type": "evt.typing.add.success", "data": {"sum": event.data_as(Addends).lft}}  # error: no attribute "lft"


def misspell_a_key(event: ArvoEvent) -> HandlerOutput:
    return {"type": "evt.typing.add.success", "data": {}, "redirect": "com.a.b"}  # error: Extra key "redirect"


def forget_the_data(event: ArvoEvent) -> HandlerOutput:
    return {"type": "evt.typing.add.success"}  # error: Missing key "data"


def return_a_number(event: ArvoEvent) -> int:
    return event.data_as(Addends).left


def resume(context: dict[str, int] | None) -> ResumableOutput:
    return {"contxt": {}}  # error: Extra key "contxt"


handler = create_arvo_event_handler(contract=adding, executionunits=1, handler={"1.0.0": add})
create_arvo_event_handler(
    contract=adding,
    executionunits=1,
    handler={"1.0.0": return_a_number},  # error: "Callable[[ArvoEvent], int]"
)
versioned = adding.version("1.0.0")
reveal_type(versioned)  # reveals: VersionedArvoContract
factory = create_arvo_orchestrator_event_factory(summing.version("1.0.0"))
init = factory.init(source="com.typing.test", data={})
reveal_type(init)  # reveals: ArvoEvent
factory.init(source="com.typing.test", data={}, parentId="1")  # error: "parentId"
init.id = "another"  # error: read-only

config: MachineConfig = {
    "initial": "on",
    "states": {"on": {"on": {"evt.typing.add.success": {"target": "off"}}}, "off": {}},
}
mistaken: MachineConfig = {"initial": "on", "states": {"on": {"entri": []}}}  # error: Extra key "entri"
machine = setup_arvo_machine(contracts={"self": summing.version("1.0.0"), "services": {}}).create_machine(config)
setup_arvo_machine(contracts={"self": summing, "services": {}})  # error: "VersionedArvoContract"
orchestrator = create_arvo_orchestrator(executionunits=1, machines=[machine])


class HalfAMemory:
    async def read(self, id: str, /) -> None:
        return None


memory: IMachineMemory = SimpleMachineMemory()
create_arvo_orchestrator(executionunits=1, machines=[machine], memory=HalfAMemory())  # error: "IMachineMemory | None"


async def run() -> None:
    result = await orchestrator.execute(init)
    reveal_type(result.events)  # reveals: list[ArvoEvent]
    reveal_type(await SimpleEventBroker([handler, orchestrator]).resolve(init))  # reveals: ArvoEvent | None
    step = orchestrator.step(init, None)
    if step.record is not None:
        reveal_type(step.record["subject"])  # reveals: str
        reveal_type(step.record["executionStatus"])  # reveals: Literal['normal'] | Literal['failure']
        step.record["subjekt"]  # error: has no key "subjekt"
"""

_MARK = re.compile(r"# (error|reveals): (.*)$")
_REPORT = re.compile(r":(\d+): (error|note): (.*)$")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What mypy says of the module, by line."""
    path = tmp_path_factory.mktemp("typing") / "user.py"
    path.write_text(MODULE, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-pretty", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 1, run.stdout + run.stderr
    found: dict[int, str] = {}
    for report in filter(None, map(_REPORT.search, run.stdout.splitlines())):
        found[int(report[1])] = f"{found.get(int(report[1]), '')}{report[3]}\n"
    return found


def test_every_mistake_is_reported_where_it_is(reports: dict[int, str]) -> None:
    for number, mark in marks().items():
        if mark[1] == "error":
            assert mark[2] in reports.get(number, ""), f"line {number}: {reports.get(number)}"


def test_what_is_right_is_not_reported(reports: dict[int, str]) -> None:
    assert {number: report for number, report in reports.items() if number not in marks()} == {}


def test_results_have_types(reports: dict[int, str]) -> None:
    for number, mark in marks().items():
        if mark[1] == "reveals":
            revealed = re.sub(r"\b(?:\w+\.)+(?=\w)", "", reports.get(number, ""))
            assert f'"{mark[2]}"' in revealed, f"line {number}: {revealed}"


def marks() -> dict[int, re.Match[str]]:
    """The comments of the module that say what is expected, by line."""
    found = {number: _MARK.search(line) for number, line in enumerate(MODULE.splitlines(), 1)}
    return {number: mark for number, mark in found.items() if mark is not None}
