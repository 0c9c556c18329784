"""`--arvo-coverage` as users run it: in one process, in several, with pictures, with a limit."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.arvo_temporal.pytest.running import DOOR, OPENING, REFUSING, report_of, run_pytest

OPENED = """\
machine  states  transitions
door        2/3          1/5   38 %
    not entered  refused
    not taken  closed: OPEN 2 [else]
    not taken  open: CLOSE
    not taken  open: after 1 minute
    not taken  refused: always"""
BOTH = """\
machine  states  transitions
door        3/3          3/5   75 %
    not taken  open: CLOSE
    not taken  open: after 1 minute"""


def test_the_table_tells_what_no_test_has_reached(tmp_path: Path) -> None:
    code, output = run_pytest(tmp_path, {"door.py": DOOR, "test_a.py": OPENING}, "--arvo-coverage")
    assert code == 0
    assert report_of(output) == OPENED


def test_without_the_option_there_is_no_table(tmp_path: Path) -> None:
    code, output = run_pytest(tmp_path, {"door.py": DOOR, "test_a.py": OPENING})
    assert code == 0
    assert "arvo coverage" not in output


@pytest.mark.parametrize("processes", [(), ("-n", "2", "--dist", "loadfile")], ids=["one process", "several"])
def test_tests_add_up_also_over_processes(tmp_path: Path, processes: tuple[str, ...]) -> None:
    files = {"door.py": DOOR, "test_a.py": OPENING, "test_b.py": REFUSING}
    code, output = run_pytest(tmp_path, files, "--arvo-coverage", *processes)
    assert code == 0, output
    assert report_of(output) == BOTH


def test_a_process_that_has_crashed_is_told_of(tmp_path: Path) -> None:
    crash = "import os, door\n\ndef test_crash():\n    os._exit(3)\n"
    files = {"door.py": DOOR, "test_a.py": OPENING, "test_b.py": crash}
    _, output = run_pytest(
        tmp_path, files, "--arvo-coverage", "-n", "2", "--dist", "loadfile", "--max-worker-restart=0"
    )
    assert "reached is not counted: its process has crashed." in output


def test_a_machine_that_nothing_runs_is_in_the_table(tmp_path: Path) -> None:
    files = {"door.py": DOOR, "test_a.py": "import door\n\ndef test_nothing():\n    pass\n"}
    _, output = run_pytest(tmp_path, files, "--arvo-coverage")
    assert "door        0/3          0/5    0 %" in output


def test_looking_for_paths_reaches_nothing_and_running_them_everything(tmp_path: Path) -> None:
    search = """
        import pytest
        from arvo_temporal.pytest import arvo_paths
        from door import door

        @pytest.mark.parametrize("path", arvo_paths(door, events={"OPEN": [{"key": True}, {}]}), ids=str)
        def test_way(path):
            path.run()
    """
    files = {"door.py": DOOR, "test_a.py": search}
    _, output = run_pytest(tmp_path, files, "--arvo-coverage", "--collect-only")
    assert "test_way[OPEN -> after 1 minute -> closed]" in output
    assert "door        0/3          0/5    0 %" in output
    code, output = run_pytest(tmp_path, files, "--arvo-coverage", "--arvo-coverage-fail-under", "100")
    assert code == 0, output
    assert report_of(output) == "machine  states  transitions\ndoor        3/3          5/5  100 %"


def test_a_step_that_fails_reaches_nothing(tmp_path: Path) -> None:
    broken = DOOR.replace('"always": "closed"', '"entry": lambda: 1 / 0')
    failing = """
        import pytest
        from arvo.statechart import initial_transition, transition
        from door import door

        def test_it_falls():
            snapshot, _ = initial_transition(door)
            with pytest.raises(ZeroDivisionError):
                transition(door, snapshot, {"type": "OPEN"})
    """
    code, output = run_pytest(tmp_path, {"door.py": broken, "test_a.py": failing}, "--arvo-coverage")
    assert code == 0, output
    assert "not entered  refused" in output
    assert "not taken  closed: OPEN 2 [else]" in output


@pytest.mark.parametrize(("wanted", "code"), [("38", 1), ("37.5", 0)])
def test_too_little_fails_the_run(tmp_path: Path, wanted: str, code: int) -> None:
    files = {"door.py": DOOR, "test_a.py": OPENING}
    found, output = run_pytest(tmp_path, files, f"--arvo-coverage-fail-under={wanted}")
    assert found == code
    assert ("FAIL: 37.5 % was reached, less than 38 %." in output) == bool(code)


@pytest.mark.parametrize("wanted", ["nan", "100.5"])
def test_a_limit_that_is_no_percentage_is_refused(tmp_path: Path, wanted: str) -> None:
    code, output = run_pytest(tmp_path, {"door.py": DOOR}, f"--arvo-coverage-fail-under={wanted}")
    assert code == 4, output
    assert "argument --arvo-coverage-fail-under: " in output


def test_of_chosen_machines_alone_enough_is_asked_and_pictures_that_cannot_be_written_are_told_of(
    tmp_path: Path,
) -> None:
    done = "from arvo.statechart import create_machine, initial_transition\n\nlamp = create_machine({'id': 'lamp'})\n"
    files = {"door.py": DOOR, "test_a.py": done + OPENING, "seen": "a file"}
    door = ("--arvo-coverage-machine=door", "--arvo-coverage-fail-under=37", "--arvo-coverage-pictures=seen")
    code, output = run_pytest(tmp_path, files, *door)
    assert code == 0, output
    assert "The pictures could not be written: " in output
    code, output = run_pytest(tmp_path, files, "--arvo-coverage-fail-under=37", "--arvo-coverage-machine=l*")
    assert code == 1, output


def test_to_list_the_tests_does_not_fail_for_what_they_would_reach(tmp_path: Path) -> None:
    """Editors find the tests so, with the options that stand in the project's file."""
    files = {"door.py": DOOR, "test_a.py": OPENING, "pytest.ini": "[pytest]\naddopts = --arvo-coverage-fail-under=90\n"}
    code, output = run_pytest(tmp_path, files, "--collect-only")
    assert code == 0, output
    code, output = run_pytest(tmp_path, files)
    assert code == 1, output


def test_where_there_is_no_machine_there_is_no_table(tmp_path: Path) -> None:
    _, output = run_pytest(tmp_path, {"test_a.py": "def test_nothing():\n    pass\n"}, "--arvo-coverage")
    assert report_of(output) == "No machine was made."


def test_a_machine_made_anew_in_each_test_is_one(tmp_path: Path) -> None:
    making = DOOR.replace("door = create_machine(", "def make():\n  return create_machine(")
    using = """
        import pytest
        from arvo.statechart import initial_transition, transition
        from door import make

        @pytest.mark.parametrize("key", [True, False])
        def test_it_opens(key):
            door = make()
            transition(door, initial_transition(door)[0], {"type": "OPEN", "key": key})
    """
    code, output = run_pytest(tmp_path, {"door.py": making, "test_a.py": using}, "--arvo-coverage")
    assert code == 0, output
    assert report_of(output) == BOTH


def test_other_machines_of_the_same_id_have_a_number_and_one_may_choose(tmp_path: Path) -> None:
    others = """
        from arvo.statechart import create_machine
        first = create_machine({"id": "door"})
        third = create_machine({"id": "x\\x1b[2J"})
    """
    files = {"door.py": DOOR, "others.py": others, "test_a.py": "import others\n" + OPENING}
    _, output = run_pytest(tmp_path, files, "--arvo-coverage")
    assert "door (2)" in output
    assert "x\\u001b[2J" in output
    assert "\x1b[2J" not in output
    _, output = run_pytest(tmp_path, files, "--arvo-coverage-machine", "do?r")
    assert "door (2)" in report_of(output)
    assert "x\\u001b" not in report_of(output)
    _, output = run_pytest(tmp_path, files, "--arvo-coverage", "--arvo-coverage-machine", "window")
    assert "No machine has such an id." in output


def test_pictures_dim_what_no_test_has_reached(tmp_path: Path) -> None:
    files = {"door.py": DOOR, "test_a.py": OPENING}
    code, output = run_pytest(tmp_path, files, "--arvo-coverage-pictures", "seen")
    assert code == 0, output
    assert "Pictures: seen/index.html" in output
    states = dimmed(tmp_path / "seen/1-door.svg", "data-state")
    assert states == {"door": False, "door.closed": False, "door.open": False, "door.refused": True}
    arrows = dimmed(tmp_path / "seen/1-door.svg", "data-transition")
    assert not arrows["states.closed.on.OPEN[0]"]
    assert arrows["states.closed.on.OPEN[1]"]
    page = (tmp_path / "seen/index.html").read_text(encoding="utf-8")
    assert "door: 2/3 states, 1/5 transitions reached" in page
    assert 'src="1-door.svg"' in page


def test_pictures_without_what_draws_them_are_refused_at_once(tmp_path: Path) -> None:
    files = {"py_mini_racer.py": "raise ImportError('not here')\n", "test_a.py": "def test_a():\n    pass\n"}
    code, output = run_pytest(tmp_path, files, "--arvo-coverage-pictures=seen", environment={"PYTHONSAFEPATH": ""})
    assert code == 4, output
    assert "pip install 'arvo-temporal[picture]'" in output


def dimmed(picture: Path, name: str) -> dict[str, bool]:
    """Tell which elements with an attribute are dimmed, by its value."""
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    named = [one for one in root.iter() if one.get(name)]
    return {str(one.get(name)): "dim" in (one.get("class") or "").split() for one in named}


def test_history_states_are_no_states_to_enter(tmp_path: Path) -> None:
    machine = """
        from arvo.statechart import create_machine, initial_transition, transition

        player = create_machine({"id": "player", "initial": "on", "states": {
            "on": {"initial": "a", "states": {"a": {}, "h": {"type": "history"}}, "on": {"OFF": "off"}},
            "off": {"on": {"ON": "on.h"}}}})

        def test_on_and_off():
            snapshot, _ = initial_transition(player)
            for kind in ("OFF", "ON"):
                snapshot, _ = transition(player, snapshot, {"type": kind})
    """
    _, output = run_pytest(tmp_path, {"test_a.py": machine}, "--arvo-coverage-pictures=seen")
    assert "player      3/3          2/2  100 %" in output
    assert True not in dimmed(tmp_path / "seen/1-player.svg", "data-state").values()
