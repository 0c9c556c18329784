"""The faces of `arvo` and its rooms, what is importable from them, and the parity page say the same."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

import arvo

ROOT = Path(__file__).parents[2]
ROOMS = sorted(
    path.stem
    for path in (ROOT / "arvo").iterdir()
    if (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")
)
PACKAGES = [name for name in ("", *ROOMS) if name != "picture" and (ROOT / "arvo" / name / "__init__.py").exists()]
PAGE = (ROOT / "docs/arvo-parity.md").read_text(encoding="utf-8")

_NAME = re.compile(r"`(arvo(?:\.\w+)+)`")
_IMPORT = re.compile(r"^from (arvo(?:\.\w+)*) import (?:\(([^)]*)\)|(.+))$", flags=re.MULTILINE)


def room(name: str) -> ModuleType:
    """Return a room of `arvo`, or `arvo` itself for the empty name."""
    return importlib.import_module(f"arvo.{name}" if name else "arvo")


def is_shown(dotted: str) -> bool:
    """Tell whether a dotted name is a room, or goes through the face of `arvo` or of one of its rooms."""
    first, *rest = dotted.split(".")[1:]
    if first in arvo.__all__ or (first in ROOMS and not rest):
        return True
    return first in ROOMS and rest[0] in room(first).__all__


@pytest.mark.parametrize("name", sorted(set(_NAME.findall(PAGE))))
def test_a_name_on_the_parity_page_goes_through_a_face(name: str) -> None:
    assert is_shown(name)


def test_what_the_parity_page_imports_goes_through_a_face() -> None:
    imported = [
        f"{module}.{name}" for module, *names in _IMPORT.findall(PAGE) for name in re.findall(r"\w+", "".join(names))
    ]
    assert imported
    assert [name for name in imported if not is_shown(name)] == []


def test_what_arvo_shows_is_shown_by_its_room() -> None:
    tree = ast.parse((ROOT / "arvo/__init__.py").read_text(encoding="utf-8"))
    origin = {
        alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert sorted(origin) == sorted(arvo.__all__)
    for name, module in origin.items():
        assert module is not None
        face = importlib.import_module(module)
        assert module.count(".") == 1, f"{name} is not imported from a room but from {module}"
        assert name in face.__all__, f"{module} does not show {name}"
        assert getattr(arvo, name) is getattr(face, name)


@pytest.mark.parametrize("name", PACKAGES)
def test_nothing_else_is_importable(name: str) -> None:
    face = room(name)
    visible = {key for key, value in vars(face).items() if key[0] != "_" and not isinstance(value, ModuleType)}
    assert visible - set(face.__all__) == set()
