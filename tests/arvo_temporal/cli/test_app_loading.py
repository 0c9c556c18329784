"""The app that a command is told of: where it is found, and what is said where there is none."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

from arvo_temporal import ArvoApp
from arvo_temporal.cli.app_loading import AppLoadError, load_app


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Return the file of a module, named after the test, in an otherwise empty current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path / f"{request.node.name}.py"


def test_an_app_is_found_in_the_current_directory(module: Path) -> None:
    module.write_text("from arvo_temporal import ArvoApp\napp = ArvoApp(task_queue='shop')\n")
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


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param("import arvo\narvo.ArvoEvent.from_json(1)", id="in arvo"),
        pytest.param("from arvo_temporal import workflow_id\nworkflow_id('nonsense')", id="in adapter"),
        pytest.param("from arvo_temporal.cli.app_loading import load_app\nload_app('nothing')", id="in arvo_temporal"),
        pytest.param("from activities import emission_activities\nemission_activities(None)", id="in activities"),
        pytest.param("import json\njson.loads('nonsense')", id="in the standard library"),
        pytest.param("import sys\nsys.exit(0)", id="an end of Python"),
        pytest.param("text = '('\neval(text)", id="code in a text"),
        pytest.param("text = 1\ndef (", id="what is no Python"),
        pytest.param("import pydantic\npydantic.TypeAdapter(int).validate_json(object())", id="in site-packages"),
    ],
)
def test_the_place_of_a_failure_is_in_the_users_own_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failing: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "failing_shop", raising=False)
    importlib.invalidate_caches()
    file = tmp_path / "failing_shop.py"
    file.write_text(f"{failing}\n")
    with pytest.raises(AppLoadError, match=rf"\n  at {re.escape(str(file))}, line 2: "):
        load_app("failing_shop:app")


def test_a_syntax_error_is_reported_with_its_place(module: Path) -> None:
    module.write_text("app = (\n")
    with pytest.raises(AppLoadError, match=rf"SyntaxError.*{module.name}, line 1"):
        load_app(f"{module.stem}:app")


def test_a_missing_attribute_leads_to_the_apps_there_are(module: Path) -> None:
    module.write_text("from arvo_temporal import ArvoApp\nshop = ArvoApp()\n")
    with pytest.raises(AppLoadError, match=rf"has no 'app': write {module.stem}:shop"):
        load_app(f"{module.stem}:app")


def test_something_else_than_an_app_is_named_by_its_type() -> None:
    with pytest.raises(AppLoadError, match="'json:loads' is of type function, not an ArvoApp: make one"):
        load_app("json:loads")
