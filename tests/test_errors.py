"""Every error has a code of its own, and docs/errors.md and the table of limits have every one."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import activities
import adapter
import arvo
import arvo_temporal
import workflows
from arvo.errors import ArvoError
from arvo.statechart.errors import StatechartError
from arvo_temporal import ChildPolicy, EmissionPolicy, Limits

DOCS = Path(__file__).parents[1] / "docs"
ERRORS = (DOCS / "errors.md").read_text(encoding="utf-8")
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
OURS = ("arvo", "adapter", "workflows", "activities", "arvo_temporal")


def families(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__.partition(".")[0] in OURS:
            yield from families(child)


def errors() -> list[type[Exception]]:
    """Return all classes of errors with a code of their own, each once: a sandbox may have loaded a module anew."""
    for package in (arvo, adapter, workflows, activities, arvo_temporal):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found = [error for root in (StatechartError, ArvoError) for error in families(root) if "code" in vars(error)]
    return list({(error.__module__, error.__qualname__): error for error in found}.values())


def test_no_two_errors_have_one_code() -> None:
    codes = [vars(error)["code"] for error in errors()]
    assert len(codes) > 30
    assert sorted(codes) == sorted(set(codes))


def test_the_page_lists_every_error_and_no_other() -> None:
    rows = dict(re.findall(r"^\| (ARVO\d+) \| `(\w+)` \|", ERRORS, flags=re.MULTILINE))
    assert rows == {vars(error)["code"]: error.__name__ for error in errors()}


@pytest.mark.parametrize("settings", [Limits, EmissionPolicy, ChildPolicy])
def test_the_table_of_limits_has_every_setting(settings: type[Limits | EmissionPolicy | ChildPolicy]) -> None:
    rows = set(re.findall(rf"^\| `{settings.__name__}\.(\w+)` \|", OPERATIONS, flags=re.MULTILINE))
    assert rows == {field.name for field in fields(settings)}


def test_the_table_of_limits_has_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `Limits\.(\w+)` \|.*\| (\d+) \|$", OPERATIONS, flags=re.MULTILINE))
    assert rows == {field.name: str(getattr(Limits(), field.name)) for field in fields(Limits)}
