"""The architecture: what may import what, how long a file may be, and what a package shows."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 400

PACKAGES = ("arvo_temporal", "workflows", "activities", "adapter", "arvo")

HOUSE = (
    ("worker", "examples"),
    ("arvo_temporal.cli",),
    ("arvo_temporal",),
    ("workflows", "activities"),
    ("adapter",),
    ("arvo",),
    ("arvo.statechart",),
    ("arvo.roundtrip",),
)
"""The layers from top to bottom: each may import those below it, and nothing else but itself."""

ROOMS = {
    "arvo_temporal": (
        "developing",
        "codec_server",
        "pytest",
        "worker",
        "dev_server",
        "child_process",
        "tasks",
        "client",
        "costs",
        "simulating",
        "explaining",
        "plugin",
        "one_line_log",
        "workflow",
        "orchestration_runner",
        "joined_signals",
        "ordered_results",
        "plain_workflows",
        "checking",
        "replay",
        "registration",
        "connection",
        "logs",
        "json_log",
        "log_context",
        "metrics",
        "process",
        "output",
        "signals",
    ),
    "arvo": (
        "testing",
        "picture",
        "broker",
        "orchestration",
        "checking",
        "handling",
        "contracts",
        "events",
        "telemetry",
        "wire",
        "surroundings",
        "errors",
    ),
    "arvo.roundtrip": ("losses", "probes", "rules", "samples", "differences", "nodes", "trip"),
    "arvo.statechart": (
        "graph",
        "machine",
        "inspecting",
        "compiling",
        "authoring",
        "observing",
        "running",
        "callers",
        "showing",
        "keys",
        "durations",
        "errors",
    ),
}
"""The rooms of a package from top to bottom; its face is above all of them, the next layer below."""

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


def imports(module: str) -> Iterator[tuple[str, int]]:
    """Yield the modules that a module imports, each with its line; those for type checkers and in functions too."""
    tree = ast.parse(FILES[module].read_text())
    for node in ast.walk(tree):
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


def layer(module: str) -> int | None:
    """Return the layer of the house that a module is in, counted from the top; None for what is not ours."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        for number, names in enumerate(HOUSE):
            if ".".join(parts[:length]) in names:
                return number
    return None


def in_one_part(one: str, other: str) -> bool:
    """Tell whether two modules of one layer are in the same part of it: workflows and activities are apart."""
    return one.partition(".")[0] == other.partition(".")[0]


def room(module: str) -> tuple[str, int] | None:
    """Return the package and the position, counted from the top, of the room that a module is in; None for a face."""
    for package in sorted(ROOMS, key=len, reverse=True):
        if module.startswith(f"{package}.") and module not in ROOMS:
            name = module.removeprefix(f"{package}.").partition(".")[0]
            return (package, ROOMS[package].index(name)) if name in ROOMS[package] else None
    return None


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_of_a_package_has_its_height(package: str) -> None:
    layers = {name for names in HOUSE for name in names}
    there = {name for name in FILES if name.rpartition(".")[0] == package} - layers
    assert {name.rpartition(".")[2] for name in there} == set(ROOMS[package])


@EVERY_FILE
def test_imports_run_downwards_between_layers(module: str) -> None:
    here = layer(module)
    assert here is not None
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(module)
        if (there := layer(name)) is not None and (there < here or (there == here and not in_one_part(module, name)))
    ]
    assert wrong == []


@EVERY_FILE
def test_imports_run_downwards_between_rooms(module: str) -> None:
    here = room(module)
    if here is None:
        return
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(module)
        if name == here[0] or ((there := room(name)) is not None and there[0] == here[0] and there[1] < here[1])
    ]
    assert wrong == []


@EVERY_FILE
def test_a_room_is_entered_by_its_face(module: str) -> None:
    """Who is outside a package within `arvo` or `arvo_temporal` imports it, not its files."""
    wrong = [f"line {line}: {name}" for name, line in imports(module) if _closed_to(module, name)]
    assert wrong == []


def _closed_to(module: str, name: str) -> bool:
    package = name.rpartition(".")[0]
    inside = module == package or module.startswith(f"{package}.")
    return package in FACES and package.count(".") >= 1 and name in FILES and name not in FACES and not inside


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {module: {name for name, _ in imports(module) if name in FILES} - {module} for module in FILES}
    assert circles(graph) == []


def test_no_folders_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module in FILES:
        here = folder(module)
        graph.setdefault(here, set()).update({folder(name) for name, _ in imports(module) if name in FILES} - {here})
    assert circles(graph) == []


def folder(module: str) -> str:
    """Return what a file is in: its folder, or itself if it lies beside folders or is the face of one."""
    package = module.rpartition(".")[0]
    lies_beside_folders = any(name.startswith(f"{package}.") for name in FACES)
    return module if module in FACES or lies_beside_folders else package


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return each group of nodes that can all be reached from one another."""
    reach = {node: _reachable(graph, graph[node]) for node in graph}
    groups = {frozenset({node, *(other for other in reach[node] if node in reach.get(other, ()))}) for node in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reachable(graph: dict[str, set[str]], start: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        node = ahead.pop()
        if node not in seen:
            seen.add(node)
            ahead += graph.get(node, ())
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


@pytest.mark.parametrize("module", [name for name in FILES if name.startswith("examples")])
def test_examples_import_the_public_names_only(module: str) -> None:
    ours = {name for name, _ in imports(module) if layer(name) not in (None, 0)}
    assert ours <= {"arvo", "arvo.statechart", "arvo.testing", "arvo_temporal"}


@pytest.mark.parametrize("module", [name for name in FILES if f"{name}.".startswith("arvo.picture.")])
def test_pictures_stand_above_the_statechart_only(module: str) -> None:
    ours = {name for name, _ in imports(module) if layer(name) is not None}
    assert {name for name in ours if not f"{name}.".startswith(("arvo.picture.", "arvo.statechart."))} == set()


def test_the_worker_file_is_the_worker_command() -> None:
    assert {name for name, _ in imports("worker") if layer(name) is not None} == {"arvo_temporal.cli"}


def test_the_top_level_is_the_one_that_is_described() -> None:
    expected = {"worker.py", "docker-compose.yml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "Dockerfile"}
    assert expected <= {path.name for path in ROOT.iterdir()}
    assert {path.name for path in ROOT.glob("*.py")} == {"worker.py"}
