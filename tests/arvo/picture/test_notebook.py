"""Machines and snapshots show themselves in notebooks; without the extra, pictures say what to install."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from arvo.picture import ExtraMissingError, draw, to_png
from arvo.picture.elk import engine
from arvo.picture.layout import layout_of
from arvo.statechart import create_machine, initial_transition
from examples.orders.order import order_machine

CONFIG = {"id": "door", "initial": "shut", "states": {"shut": {"on": {"OPEN": "open"}}, "open": {}}}


def test_a_machine_shows_itself() -> None:
    machine = create_machine(CONFIG)
    assert machine._repr_svg_() == draw(machine)
    assert order_machine._repr_svg_() == draw(order_machine)


def test_a_snapshot_shows_itself() -> None:
    machine = create_machine(CONFIG)
    snapshot, _ = initial_transition(machine)
    assert snapshot._repr_svg_() == draw(machine, at=snapshot)


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment where the libraries of the extra are not installed."""
    found = importlib.import_module

    def load(name: str, package: str | None = None) -> Any:
        if name in ("py_mini_racer", "resvg_py"):
            raise ModuleNotFoundError(name)
        return found(name, package)

    monkeypatch.setattr(importlib, "import_module", load)
    engine.cache_clear()
    layout_of.cache_clear()


@pytest.mark.usefixtures("without_the_extra")
def test_without_the_extra_a_picture_says_what_to_install() -> None:
    with pytest.raises(ExtraMissingError, match=r"pip install 'arvo-temporal\[picture\]'"):
        draw(CONFIG)
    with pytest.raises(ExtraMissingError, match="resvg-py"):
        to_png("<svg/>")


@pytest.mark.usefixtures("without_the_extra")
def test_without_the_extra_a_notebook_shows_the_plain_text() -> None:
    assert create_machine(CONFIG)._repr_svg_() is None
