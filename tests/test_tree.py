"""The architecture: what may import what, how long a file may be, and what a package shows."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("arvo", "adapter", "workflows", "activities")
LONGEST = 400

LAYERS = {
    "arvo.statechart": {"arvo.statechart"},
    "arvo": {"arvo", "arvo.statechart"},
    "activities": {"activities", "workflows", "adapter", "arvo", "arvo.statechart"},
    "workflows": {"workflows", "adapter", "arvo", "arvo.statechart"},
    "adapter": {"adapter", "workflows", "activities", "arvo", "arvo.statechart"},
    "worker": {"worker", "adapter"},
    "examples": {"examples", "adapter", "arvo", "arvo.statechart"},
}
"""Each part of the tree, and the parts that it may import."""

TOPS = {*PACKAGES, "worker", "examples", "tests", "benchmarks"}

IMPURE_MODULES = {
    *("temporalio", "time", "random", "secrets", "threading"),
    *("os", "pathlib", "tempfile", "socket", "subprocess", "urllib.request", "http.client"),
}
IMPURE_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid1", "uuid.uuid4"}
MAKES_CODE_CALLS = {"eval", "exec", "compile", "__import__"}
MAKES_CODE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
SURROUNDINGS = "arvo.surroundings"
"""The one module of `arvo` that may ask the clock and make random ids: the others ask it."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path for package in (*PACKAGES, "examples") for path in sorted((ROOT / package).rglob("*.py"))
}
FILES["worker"] = ROOT / "worker.py"
FACES = [name for name, path in FILES.items() if path.name == "__init__.py" and not name.startswith("examples")]
EVERY_FILE = pytest.mark.parametrize("module", FILES)
EVERY_FILE_OF_ARVO = pytest.mark.parametrize(
    "module", [name for name in FILES if name == "arvo" or name.startswith("arvo.")]
)


def imports(module: str, *, at_run_time: bool = False) -> Iterator[tuple[str, int]]:
    """Yield the modules that a module imports, each with its line.

    Args:
        module: The importing module.
        at_run_time: Leave out what only a type checker reads.
    """
    tree = ast.parse(FILES[module].read_text())
    ignored = set(_type_checking_only(tree)) if at_run_time else set()
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: a relative import; write it absolute"
            yield from ((name, node.lineno) for name in _from(node))


def _from(node: ast.ImportFrom) -> Iterator[str]:
    """Yield the submodules that a from-import names, or the module itself."""
    assert node.module is not None
    submodules = [f"{node.module}.{alias.name}" for alias in node.names if f"{node.module}.{alias.name}" in FILES]
    yield from submodules
    if len(submodules) < len(node.names):
        yield node.module


def _type_checking_only(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for statement in node.body:
                yield from ast.walk(statement)


def layer(module: str) -> str:
    if module == "arvo.statechart" or module.startswith("arvo.statechart."):
        return "arvo.statechart"
    return module.partition(".")[0]


@EVERY_FILE
def test_imports_run_downwards_only(module: str) -> None:
    allowed = LAYERS[layer(module)]
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(module)
        if layer(name) in TOPS | {"arvo.statechart"} and layer(name) not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("module", [name for name in FILES if layer(name) in ("workflows", "activities")])
def test_what_the_lower_layers_use_of_the_adapter_does_not_lead_back_to_them(module: str) -> None:
    """They use leaf modules of it, such as identity; anything else would make the layers a circle."""
    for leaf in (name for name, _ in imports(module, at_run_time=True) if layer(name) == "adapter"):
        above = [name for name in _reachable(leaf) if layer(name) in ("workflows", "activities")]
        assert above == [], f"{leaf} leads to {above}"


def _reachable(start: str) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        module = ahead.pop()
        if module in seen or module not in FILES:
            continue
        seen.add(module)
        ahead += [name for name, _ in imports(module, at_run_time=True)]
    return seen


@EVERY_FILE_OF_ARVO
def test_arvo_knows_nothing_of_temporal_and_does_no_io(module: str) -> None:
    if module == SURROUNDINGS:
        return
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(module)
        if any(name == impure or name.startswith(f"{impure}.") for impure in IMPURE_MODULES)
    ]
    assert wrong == []


@EVERY_FILE_OF_ARVO
def test_arvo_asks_its_surroundings_for_time_and_ids(module: str) -> None:
    if module == SURROUNDINGS:
        return
    tree = ast.parse(FILES[module].read_text())
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)]
    wrong = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in names
        if ast.unparse(node) in IMPURE_CALLS | {"uuid1", "uuid4"}
    ]
    assert wrong == []


@EVERY_FILE
def test_nothing_that_comes_from_outside_can_become_code(module: str) -> None:
    tree = ast.parse(FILES[module].read_text())
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    imported = {name.partition(".")[0] for name, _ in imports(module)}
    assert called & MAKES_CODE_CALLS == set()
    assert imported & MAKES_CODE_MODULES == set()


@pytest.mark.parametrize("module", FACES)
def test_a_package_shows_a_sorted_list_of_names_that_exist(module: str) -> None:
    package = importlib.import_module(module)
    assert package.__doc__, f"{module} does not say what it is for"
    names = package.__all__
    assert list(names) == sorted(names, key=str.lower)
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(package, name)] == []


@EVERY_FILE
def test_no_file_is_too_long_to_read_in_one_sitting(module: str) -> None:
    lines = len(FILES[module].read_text().splitlines())
    assert lines <= LONGEST, f"{FILES[module].relative_to(ROOT)} has {lines} lines: split it by idea"


@EVERY_FILE
def test_each_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(FILES[module].read_text()))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_publish_their_types(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()


def test_the_top_level_is_the_one_that_is_described() -> None:
    expected = {"worker.py", "docker-compose.yml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "Dockerfile"}
    assert expected <= {path.name for path in ROOT.iterdir()}
    assert {path.name for path in ROOT.glob("*.py")} == {"worker.py"}
