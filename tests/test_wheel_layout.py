"""The imports of the packages that the wheel moves: all of them are changed, and nothing else is."""

from __future__ import annotations

import ast

import pytest

from tests.test_tree import FILES
from wheel_layout import MOVED, PUBLIC, moved_imports


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("from adapter import app", "from arvo_temporal.adapter import app"),
        ("from adapter.app import (\n    ArvoApp,\n)", "from arvo_temporal.adapter.app import (\n    ArvoApp,\n)"),
        ("import workflows", "import arvo_temporal.workflows as workflows"),
        ("import adapter.app", "import arvo_temporal.adapter.app, arvo_temporal.adapter as adapter"),
        ("import adapter.app as a, os", "import arvo_temporal.adapter.app as a, os"),
        ("import os, activities", "import os, arvo_temporal.activities as activities"),
        (
            "if TYPE_CHECKING:\n    from workflows import X",
            "if TYPE_CHECKING:\n    from arvo_temporal.workflows import X",
        ),
        ("def f():\n  'ä'; from adapter import X", "def f():\n  'ä'; from arvo_temporal.adapter import X"),
        ("x = 1\r\nfrom adapter import X\r\n", "x = 1\r\nfrom arvo_temporal.adapter import X\r\n"),
    ],
)
def test_imports_of_moved_packages_say_where_they_are(written: str, moved: str) -> None:
    assert moved_imports(written.encode()).decode() == moved


@pytest.mark.parametrize(
    "written",
    [
        '"""Says `from adapter import X`."""',
        "text = '''\nfrom adapter import X\nimport workflows\n'''",
        "# from adapter import X",
        "from arvo_temporal.worker import X",
        "from adapters import X",
        "import adapter_of_ours.adapter",
        "from mine import adapter, workflows",
        "from .adapter import X",
        "activities = 5  # import activities",
    ],
)
def test_everything_else_stays(written: str) -> None:
    assert moved_imports(written.encode()).decode() == written


def test_an_import_in_a_strange_form_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match="Line 2, 'from  adapter import X': write  from adapter"):
        moved_imports(b"\nfrom  adapter import X\n")


@pytest.mark.parametrize("module", [name for name in FILES if name.partition(".")[0] in (PUBLIC, *MOVED)])
def test_no_module_that_moves_is_named_by_a_text(module: str) -> None:
    """A text stays as it is, and would name a place where nothing lies in the wheel."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert texts & {name for name in FILES if name.startswith(tuple(f"{package}." for package in MOVED))} == set()
