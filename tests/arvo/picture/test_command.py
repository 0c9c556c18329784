"""`python -m arvo.picture`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arvo.picture import draw, rendered, tree
from arvo.picture.command import main
from arvo.statechart import create_machine, initial_transition, transitions_taken
from examples.orders.order import order_machine
from tests.arvo.picture.machines import FETCH, TRAFFIC_LIGHT

ORDER = "examples.orders.order:order_machine"


@pytest.fixture
def fetch(tmp_path: Path) -> str:
    """A machine as Stately exports it."""
    path = tmp_path / "fetch.json"
    path.write_text(json.dumps(FETCH), encoding="utf-8")
    return str(path)


def test_a_file_of_json_becomes_an_svg(fetch: str, tmp_path: Path) -> None:
    assert main([fetch, "-o", str(tmp_path / "x.svg"), "--theme", "dark", "--at", "loading"]) == 0
    assert (tmp_path / "x.svg").read_text(encoding="utf-8") == draw(FETCH, theme="dark", at="loading")


def test_a_machine_of_a_module_becomes_a_png(tmp_path: Path) -> None:
    assert main([ORDER, "-o", str(tmp_path / "x.png"), "--scale", "0.5", "--collapse", "securing"]) == 0
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_file_it_prints_a_tree(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    states = {"securing": {"stock": "settled", "payment": "authorizing"}}
    assert main([ORDER, "--at", json.dumps(states)]) == 0
    assert capfdbinary.readouterr().out.decode() == tree(order_machine, at=states)


def test_every_format_goes_to_standard_output(fetch: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([fetch, "-o", "-", "--format", "svg", "--no-font"]) == 0
    assert capfdbinary.readouterr().out.decode() == draw(FETCH, font=False)
    assert main([fetch, "--format", "mermaid", "--at", "idle"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"stateDiagram-v2\n")


@pytest.mark.parametrize(
    ("options", "how"),
    [
        (["--notes"], {"notes": True}),
        (["--title", "A fetch"], {"title": "A fetch"}),
        (["--collapse", "working"], {"collapse": ["working"]}),
        (["--theme", "dark"], {"theme": "dark"}),
    ],
)
def test_an_option_of_a_drawing_is_one_of_the_command(
    options: list[str], how: dict[str, Any], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    noted = {**TRAFFIC_LIGHT, "description": "Lights."}
    path = tmp_path / "light.json"
    path.write_text(json.dumps(noted), encoding="utf-8")
    assert main([str(path), "--format", "svg", "--no-font", *options]) == 0
    drawn = capfdbinary.readouterr().out.decode()
    assert drawn == draw(noted, font=False, **how)
    assert drawn != draw(noted, font=False)


def test_a_tree_is_as_broad_as_is_said(fetch: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([fetch, "--transitions", "--columns", "12"]) == 0
    assert capfdbinary.readouterr().out.decode() == tree(FETCH, transitions=True, columns=12)


def test_a_png_has_as_many_pixels_as_is_said(fetch: str, tmp_path: Path) -> None:
    widths = []
    for scale in ("1", "3"):
        assert main([fetch, "-o", str(tmp_path / "x.png"), "--scale", scale]) == 0
        widths.append(int.from_bytes((tmp_path / "x.png").read_bytes()[16:20]))
    assert widths[1] == 3 * widths[0]


def test_the_path_of_a_machine_gives_mermaid_no_directive() -> None:
    hostile = '%%{init: {"theme": "dark"}}%%'
    machine = create_machine({"initial": "a", "states": {"a": {"on": {hostile: "b"}}, "b": {}}})
    taken = transitions_taken(machine, initial_transition(machine)[0], {"type": hostile})
    lines = rendered(machine, "mermaid", path=taken).decode().splitlines()
    assert lines[-1].startswith("%%   1  ")
    assert not [line for line in lines if "%%{" in line]


def test_where_a_snapshot_stands_is_the_same_in_every_format(
    fetch: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    written: dict[str, list[bytes]] = {}
    for at in ("loading", json.dumps({"status": "active", "value": "loading", "context": {}})):
        for form in ("text", "mermaid", "svg"):
            assert main([fetch, "--format", form, "--at", at]) == 0
            written.setdefault(form, []).append(capfdbinary.readouterr().out)
    assert all(one == other for one, other in written.values())


def test_states_are_given_as_keys_with_dots(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "light.json"
    path.write_text(json.dumps(TRAFFIC_LIGHT), encoding="utf-8")
    assert main([str(path), "--at", "working.red.wait"]) == 0
    assert "● wait" in capfdbinary.readouterr().out.decode()


def test_two_versions_are_compared(fetch: str, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"id": "fetch", "initial": "idle", "states": {"idle": {}}}), encoding="utf-8")
    assert main([fetch, "--since", str(old), "-o", str(tmp_path / "x.svg")]) == 0
    assert 'class="state final depth1 added"' in (tmp_path / "x.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.json"], "No such file"),
        (["examples.orders.order:nothing"], "cannot be loaded"),
        (["no.such.module:machine"], "cannot be loaded"),
        (["examples.orders.order:APPROVAL_DAYS"], "A int cannot be drawn"),
        ([ORDER, "--at", "nowhere"], "'nowhere' does not exist"),
        ([ORDER, "--at", "{"], "--at is no JSON"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_ends_with_1(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert words in capsys.readouterr().err


OF_XSTATE_4 = {
    "id": "old",
    "initial": "idle",
    "states": {
        "idle": {"onEntry": "greet", "on": {"GO": {"target": "both", "cond": "may", "in": "#old.idle"}}},
        "both": {"parallel": True, "states": {"a": {}, "b": {"on": {"": {"target": "#end", "cond": "ready"}}}}},
        "end": {"id": "end", "after": [{"delay": 1000, "target": "idle"}]},
    },
}


def test_what_xstate_4_wrote_is_drawn(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(OF_XSTATE_4), encoding="utf-8")
    assert main([str(path), "--transitions"]) == 0
    drawn = capfdbinary.readouterr().out.decode()
    for part in (
        "GO [in #old.idle and may] → both",
        "both (parallel)",
        "always [ready] → end",
        "after 1 second → idle",
    ):
        assert part in drawn
    assert drawn == tree(OF_XSTATE_4, transitions=True)
    assert "greet" in draw(OF_XSTATE_4, font=False)


def test_too_many_states_within_each_other_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"initial": "a", "states": {"a": ' * 300 + "{}" + "}}" * 300, encoding="utf-8")
    assert main([str(path)]) == 1
    assert "too many states within each other" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "[]", '"text"', '{"initial": 3, "states": {"a": 1}}'])
def test_a_file_that_holds_no_machine_ends_with_1(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    assert main([str(path)]) == 1


def test_it_runs_as_a_module_and_needs_no_temporal() -> None:
    program = (
        "import sys, runpy; sys.modules['temporalio'] = None; runpy.run_module('arvo.picture', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, ORDER.replace("order:order", "shipment:shipment"), "--ascii"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.splitlines()[:2] == ["o shipment", "|- o booking"], run.stderr
