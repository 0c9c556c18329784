"""How a command starts and ends: the app it is given, signals, exit codes."""

from __future__ import annotations

import signal
import sys
import textwrap
from pathlib import Path

import pytest

from adapter.app import ArvoApp
from arvo_temporal.cli.process import AppLoadError, load_app
from tests.arvo_temporal.cli.commands import run, running

BODY = """
    import asyncio, sys
    from arvo_temporal.cli.process import run_command
    from arvo.errors import ArvoError

    {body}

    run_command(main)
"""


def command(body: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(BODY).replace("{body}", textwrap.dedent(body)))


STOPPABLE = """
async def main(stop):
    print("up", flush=True)
    await stop.wait()
    print("down")
    return 0
"""

STUBBORN = """
async def main(stop):
    print("up", flush=True)
    await stop.wait()
    print("asked", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_asks_it_to_stop_and_it_ends_well(number: signal.Signals) -> None:
    async with running(*command(STOPPABLE)) as process:
        await process.until("up")
        process.process.send_signal(number)
        assert await process.end() == 0
        assert "down" in process.output


async def test_a_second_signal_ends_it_by_force_but_not_without_cleaning_up() -> None:
    async with running(*command(STUBBORN)) as process:
        await process.until("up")
        process.press_ctrl_c()
        await process.until("asked")
        process.press_ctrl_c()
        assert await process.end() == 130
        assert "cleaned up" in process.output


async def test_an_error_of_ours_is_one_message_and_exit_code_1() -> None:
    code, output = await run(*command("async def main(stop): raise ArvoError('there is no such thing')"))
    assert (code, output) == (1, "Error: there is no such thing\n")


async def test_any_other_error_is_shown_in_full() -> None:
    code, output = await run(*command("async def main(stop): raise KeyError('surprise')"))
    assert code == 1
    assert "Traceback" in output
    assert "KeyError: 'surprise'" in output


async def test_what_was_printed_arrives_though_the_process_ends_abruptly() -> None:
    body = "async def main(stop):\n    for number in range(20_000): print(number)\n    return 7"
    code, output = await run(*command(body))
    assert (code, output.split()[-1]) == (7, "19999")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Return the file of a module, named after the test, in an otherwise empty current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path / f"{request.node.name}.py"


def test_an_app_is_found_in_the_current_directory(module: Path) -> None:
    module.write_text("from adapter.app import ArvoApp\napp = ArvoApp(task_queue='shop')\n")
    app = load_app(f"{module.stem}:app")
    assert isinstance(app, ArvoApp)
    assert app.task_queue == "shop"


@pytest.mark.parametrize("target", ["", "shop", "shop:", ":app"])
def test_a_target_without_module_or_app_is_explained(target: str) -> None:
    with pytest.raises(AppLoadError, match=r"write MODULE:APP"):
        load_app(target)


@pytest.mark.parametrize("target", ["no_such_shop:app", "no_such_shop.app:app", "examples.no_such_shop:app"])
def test_a_missing_module_is_named(target: str) -> None:
    with pytest.raises(AppLoadError, match=r"There is no module '[\w.]*no_such_shop'"):
        load_app(target)


def test_a_module_that_fails_is_not_called_missing(module: Path) -> None:
    module.write_text("\nimport something_that_is_not_installed\n")
    with pytest.raises(AppLoadError, match=rf"something_that_is_not_installed'\n  at .*{module.name}, line 2"):
        load_app(f"{module.stem}:app")


def test_the_place_of_a_failure_is_in_the_users_own_file(module: Path) -> None:
    module.write_text("from arvo_temporal.cli.process import load_app\nload_app('nothing')\n")
    with pytest.raises(AppLoadError, match=rf"AppLoadError: 'nothing'[\s\S]*at .*{module.name}, line 2"):
        load_app(f"{module.stem}:app")


def test_a_syntax_error_is_reported_with_its_place(module: Path) -> None:
    module.write_text("app = (\n")
    with pytest.raises(AppLoadError, match=rf"SyntaxError.*{module.name}, line 1"):
        load_app(f"{module.stem}:app")


def test_a_missing_attribute_leads_to_the_apps_there_are(module: Path) -> None:
    module.write_text("from adapter.app import ArvoApp\nshop = ArvoApp()\n")
    with pytest.raises(AppLoadError, match=rf"has no 'app': write {module.stem}:shop"):
        load_app(f"{module.stem}:app")


def test_something_else_than_an_app_is_named_by_its_type() -> None:
    with pytest.raises(AppLoadError, match="'json:loads' is of type function, not an ArvoApp: make one"):
        load_app("json:loads")
