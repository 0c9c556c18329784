"""The documentation tells the truth: its code runs, its links lead somewhere, its names exist."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arvo_temporal import DeliveryStatus, Fate

ROOT = Path(__file__).parents[1]
PAGES = {page.relative_to(ROOT).as_posix(): page for page in sorted((ROOT / "docs").rglob("*.md"))}
EVERY_PAGE = pytest.mark.parametrize("page", PAGES)
PARITY = "docs/arvo-parity.md"
EXPORTS: dict[str, list[str]] = json.loads((ROOT / "tests/data/arvo-exports.json").read_text(encoding="utf-8"))

_BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\w+\.py)\n")
_CODE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!\w+://|mailto:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", flags=re.MULTILINE)
_NAME = re.compile(r"`(arvo(?:\.\w+)+)`")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_PLACE = re.compile(r"`((?:\w+/)+\w+\.py)(?:::(\w+)(?:\.(\w+))?)?`")
_HOLDS_TESTS = re.compile(r"^(?:def |class |)[tT]est", flags=re.MULTILINE)
_NEEDS_A_SERVER = ("asyncio.run(main())", "ArvoClient(", "Client.connect(", "Worker(")


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def code_of(page: str) -> str:
    """Return the Python of a page as one program: later blocks use what earlier ones define."""
    return "\n".join(_BLOCK.findall(text_of(page)))


def files_of(page: str) -> dict[str, str]:
    """Return the Python of a page by the files that it is for; what names none is one program."""
    files: dict[str, str] = {}
    for block in _BLOCK.findall(text_of(page)):
        named = _FILE.match(block)
        name = named[1] if named else "test_program.py"
        files[name] = files.get(name, "") + block
    return files


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower().strip()).replace(" ", "-")


def resolve(name: str) -> Any:
    """Return what a dotted name stands for; raises if there is nothing."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def rows(package: str) -> list[list[str]]:
    """Return the cells of the rows of the table under a package's heading in the parity page."""
    section = text_of(PARITY).split(f"\n## {package}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@EVERY_PAGE
def test_its_code_runs(page: str, tmp_path: Path) -> None:
    code = code_of(page)
    compile(code, page, "exec")
    if not code or any(sign in code for sign in _NEEDS_A_SERVER):
        for module in re.findall(r"^(?:from|import) ([\w.]+)", code, flags=re.MULTILINE):
            importlib.import_module(module)
        return
    files = files_of(page)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = ["-m", "pytest", "-q"] if _HOLDS_TESTS.search(code) else list(files)
    run = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, f"The Python of {page}, in the files that it names, fails:\n{run.stdout}{run.stderr}"


@EVERY_PAGE
def test_what_it_imports_exists(page: str) -> None:
    imports = re.findall(r"^from ([\w.]+) import (?:\(([^)]*)\)|(.+))$", code_of(page), flags=re.MULTILINE)
    for module, in_brackets, in_line in imports:
        if f"{module}.py" in files_of(page):
            continue
        for name in re.findall(r"\w+(?= as )|\w+", re.sub(r"\bas \w+", "", in_brackets or in_line)):
            assert hasattr(importlib.import_module(module), name), f"{page}: {module} has no {name}"


@EVERY_PAGE
def test_its_links_lead_somewhere(page: str) -> None:
    for link in _LINK.findall(_CODE.sub("", text_of(page))):
        path, _, fragment = link.partition("#")
        target = (PAGES[page].parent / path).resolve() if path else PAGES[page]
        assert target.exists(), f"{page}: {link} leads nowhere"
        if fragment and target.suffix == ".md":
            headings = _HEADING.findall(_CODE.sub("", target.read_text(encoding="utf-8")))
            assert fragment in {anchor(heading) for heading in headings}, f"{page}: {link} names no heading"


@EVERY_PAGE
def test_the_names_that_it_mentions_exist(page: str) -> None:
    for name in _NAME.findall(_CODE.sub("", text_of(page))):
        resolve(name)


@EVERY_PAGE
def test_the_tests_that_it_mentions_exist(page: str) -> None:
    for file, name in _TEST.findall(text_of(page)):
        tests = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", tests, flags=re.MULTILINE), f"{page}: {file} has no {name}"


@EVERY_PAGE
def test_the_places_in_the_code_that_it_mentions_exist(page: str) -> None:
    for file, name, member in _PLACE.findall(text_of(page)):
        assert (ROOT / file).exists(), f"{page}: there is no {file}"
        definitions = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        for wanted in filter(None, (name, member)):
            found = [node for node in definitions if getattr(node, "name", None) == wanted]
            assert found, f"{page}: {file} has no {wanted}"
            definitions = getattr(found[0], "body", [])


def test_the_index_lists_every_page() -> None:
    listed = set(_LINK.findall(text_of("docs/README.md")))
    pages = {Path(page).relative_to("docs").as_posix() for page in PAGES} - {"README.md"}
    assert pages <= listed


@pytest.mark.parametrize(
    "seen",
    [
        *(fate for fate in Fate if fate is not Fate.APPLIED),
        DeliveryStatus.EARLY,
        "NoRoute",
        "WorkerLacks",
        "stuck",
        "Retries are used up",
    ],
)
def test_troubleshooting_knows_what_people_see(seen: str) -> None:
    assert seen in text_of("docs/troubleshooting.md")


@pytest.mark.parametrize("package", EXPORTS)
def test_every_export_of_the_typescript_packages_has_one_row(package: str) -> None:
    assert sorted(row[0].strip("` ") for row in rows(package)) == sorted(EXPORTS[package])


@pytest.mark.parametrize("package", EXPORTS)
def test_a_row_names_its_counterpart_or_says_why_there_is_none(package: str) -> None:
    for typescript, python, remarks in rows(package):
        if python == "—":
            assert remarks, f"{typescript} has no counterpart, and it is not said why"
        else:
            assert _NAME.fullmatch(python), f"{typescript}: {python} is no dotted name of arvo"
            resolve(python.strip("`"))
