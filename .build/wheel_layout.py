"""Lays out the wheel: `arvo` and `arvo_temporal` are the only names that it takes in a project.

Nearly every Temporal project has modules called `workflows` and `activities` itself. In the checkout these packages lie
at the top level; in the wheel they lie inside `arvo_temporal`, and whoever imports them there says so.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PUBLIC = "arvo_temporal"
MOVED = ("activities", "adapter", "workflows")

Insertion = tuple[int, int, str]
"""Line, counted from 0, column in bytes, and the text that comes in there."""


class WheelLayout(BuildHookInterface[Any]):
    """Puts the moved packages into the wheel; an editable installation uses the checkout as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See the base class."""
        if version == "editable":
            return
        self._folder = TemporaryDirectory()
        lay_out(Path(self.root), Path(self._folder.name))
        build_data["force_include"][self._folder.name] = PUBLIC

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """See the base class."""
        if version != "editable":
            self._folder.cleanup()


def lay_out(checkout: Path, folder: Path) -> None:
    """Copy the public package of a checkout into a folder, with the moved ones inside and their imports changed."""
    for package, place in ((PUBLIC, folder), *((moved, folder / moved) for moved in MOVED)):
        shutil.copytree(checkout / package, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for module in folder.rglob("*.py"):
        module.write_bytes(moved_imports(module.read_bytes()))


def moved_imports(source: bytes) -> bytes:
    """Return the source of a module with its imports of moved packages changed, and nothing else.

    Raises:
        ValueError: If the name of a module does not follow its `from` on the same line, after one space.
    """
    lines = source.splitlines(keepends=True)
    for number, column, text in sorted(_insertions(source, lines), reverse=True):
        line = lines[number]
        lines[number] = line[:column] + text.encode() + line[column:]
    return b"".join(lines)


def _insertions(source: bytes, lines: Sequence[bytes]) -> Iterator[Insertion]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and _moves(node.module):
            yield _after_from(node, node.module, lines[node.lineno - 1])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _moves(alias.name):
                    yield from _around(alias)


def _moves(module: str) -> bool:
    return module.partition(".")[0] in MOVED


def _after_from(node: ast.ImportFrom, module: str, line: bytes) -> Insertion:
    column = node.col_offset + len("from ")
    if not line.startswith(module.encode(), column):
        raise ValueError(f"Line {node.lineno}, '{line.decode().strip()}': write  from {module}  as the formatter does")
    return node.lineno - 1, column, f"{PUBLIC}."


def _around(alias: ast.alias) -> Iterator[Insertion]:
    """Yield what keeps the name that an import binds: `import adapter.app` binds `adapter`."""
    yield alias.lineno - 1, alias.col_offset, f"{PUBLIC}."
    if alias.asname is None:
        package, inside, _ = alias.name.partition(".")
        bound = f", {PUBLIC}.{package} as {package}" if inside else f" as {package}"
        yield alias.lineno - 1, alias.col_offset + len(alias.name), bound
