"""The package: what the wheel takes of a project's names, and how it works beside modules of the same names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from arvo_temporal.dev_server.ports import free_port
from tests.arvo_temporal.cli.commands import run, running
from tests.test_readme import BLOCKS, INSTALL, ROOT

MODULES = {
    "workflows.py": """
from datetime import timedelta

from temporalio import workflow

from activities import shout
from arvo import create_arvo_event
from hello import greet


@workflow.defn
class Shout:
    @workflow.run
    async def run(self, text: str) -> str:
        event = create_arvo_event(type=greet.type, source="com.shout", subject=text, data={"name": text})
        return await workflow.execute_activity(
            shout, f"{event.type} for {text}", start_to_close_timeout=timedelta(seconds=10)
        )
""",
    "activities.py": """
from temporalio import activity

from adapter import loud


@activity.defn
def shout(text: str) -> str:
    return loud(text)
""",
    "adapter.py": """
def loud(text: str) -> str:
    return f"{text.upper()}!"
""",
    "worker.py": """
QUEUE = "arvo.orc.welcome"
""",
    "shop.py": """
import adapter
from activities import shout
from arvo_temporal import ArvoApp
from hello import app as hello
from worker import QUEUE
from workflows import Shout

assert adapter.loud("a") == "A!"

app = ArvoApp(
    orchestrators=hello.orchestrators.values(),
    handlers=hello.handlers.values(),
    workflows=[Shout],
    activities=[shout],
    task_queue=QUEUE,
)
""",
    "start.py": """
import asyncio

from arvo_temporal import connect
from worker import QUEUE
from workflows import Shout


async def main() -> None:
    client = await connect()
    print(await client.execute_workflow(Shout.run, "Ada", id="shout", task_queue=QUEUE))


asyncio.run(main())
""",
}
"""A project in which four names are taken that this one has in its checkout."""
OURS = ("arvo", "arvo_temporal")
TAKEN = ("activities", "adapter", "worker", "workflows")


def build(source: Path, kind: str, folder: Path) -> Path:
    """Build what `kind` says, `wheel` or `sdist`; return its file."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)], cwd=source, check=True)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment, into which the package was installed as the README says."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    pip, *arguments = shlex.split(INSTALL)
    into = ("--python", str(folder / "bin" / "python"), "--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", pip, *into, *arguments, "--no-compile"], cwd=ROOT, check=True)
    return folder / "bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the application of the README and modules that the user has had before."""
    for name, text in [*BLOCKS, *MODULES.items()]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def names_and_contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_takes_two_names_and_one_command(wheel: Path) -> None:
    names = names_and_contents(wheel)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(OURS)
    [entry_points] = (text for name, text in names.items() if name.endswith("entry_points.txt"))
    assert entry_points.decode().split("\n")[:2] == ["[console_scripts]", "arvo-temporal = arvo_temporal.cli:main"]


def test_it_has_every_module_its_types_and_its_license(wheel: Path) -> None:
    inside = ("activities", "adapter", "workflows")
    expected = {
        f"arvo_temporal/{path}" if path.parts[0] in inside else f"{path}"
        for package in ("arvo", "arvo_temporal", *inside)
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in (path := file.relative_to(ROOT)).parts
    }
    names = set(names_and_contents(wheel))
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {"arvo/py.typed", "arvo_temporal/py.typed"} <= expected
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build(ROOT, "sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    again = build(unpacked, "wheel", tmp_path / "wheel")
    assert names_and_contents(again) == names_and_contents(wheel)


def test_the_image_is_built_from_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """Of the files that the Dockerfile copies before it installs them."""
    build_stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[0]
    (tmp_path / "build").mkdir()
    for line in re.findall(r"^COPY (.*)$", build_stage, flags=re.MULTILINE):
        for name in line.split()[:-1]:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, tmp_path / "build" / name)
    assert names_and_contents(build(tmp_path / "build", "wheel", tmp_path / "wheel")) == names_and_contents(wheel)


def test_what_is_installed_is_the_wheel(wheel: Path, bin_folder: Path) -> None:
    [site_packages] = bin_folder.parent.glob("lib/python*/site-packages")
    built = names_and_contents(wheel)
    modules = {name for name in built if ".dist-info/" not in name}
    assert {name: (site_packages / name).read_bytes() for name in modules} == {name: built[name] for name in modules}
    installed = {file.relative_to(site_packages) for name in OURS for file in (site_packages / name).rglob("*.*")}
    assert {path.as_posix() for path in installed} == modules
    assert [name for name in TAKEN if (site_packages / name).exists() or (site_packages / f"{name}.py").exists()] == []


def test_its_version_is_told_by_the_package_and_by_the_installation(bin_folder: Path, tmp_path: Path) -> None:
    code = "import arvo_temporal, importlib.metadata as m; print(arvo_temporal.__version__, m.version('arvo-temporal'))"
    answer = subprocess.run([bin_folder / "python", "-c", code], cwd=tmp_path, env=outside(), capture_output=True)
    told, installed = answer.stdout.decode().split()
    assert told == installed


def outside(**settings: str) -> dict[str, str]:
    """Return an environment in which neither this checkout nor its programs are found."""
    return {"PATH": os.defpath, "HOME": os.environ.get("HOME", "/"), **settings}


async def test_the_application_of_the_readme_runs_beside_the_users_own_workflows(
    bin_folder: Path, project: Path
) -> None:
    port = free_port()
    ui_port = free_port(avoid=[port])
    options = ("--dev", "--db-file", "dev.db", "--port", str(port), "--ui-port", str(ui_port))
    settings = outside(PYTHONPATH="", TEMPORAL_ADDRESS=f"127.0.0.1:{port}")
    command = (str(bin_folder / "arvo-temporal"), "worker", "shop:app", *options)
    async with running(*command, cwd=project, environment=settings) as worker:
        await worker.until(f"127.0.0.1:{ui_port}")
        for program, answer in (("send.py", "{'text': 'Hello, Ada!'}"), ("start.py", "COM.HELLO.GREET FOR ADA!")):
            # Not its exit code: a script that has used a client can crash at exit (temporalio/sdk-python#300).
            _, said = await run(str(bin_folder / "python"), program, cwd=project, environment=settings)
            assert said.partition("\n")[0] == answer
        worker.press_ctrl_c()
        assert await worker.end() == 0


def test_the_users_own_modules_are_the_ones_imported(bin_folder: Path, project: Path) -> None:
    code = f"import sys, shop; print(*[sys.modules[name].__file__ for name in {TAKEN!r}])"
    answer = subprocess.run(
        [bin_folder / "python", "-c", code], cwd=project, env=outside(), capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == [str(project / f"{name}.py") for name in TAKEN]


@pytest.mark.parametrize(
    ("queue", "code", "verdict"),
    [("QUEUE", 0, "Success: no issues found"), ("len(QUEUE)", 1, 'expected "str | None"')],
    ids=["as it is", "with a mistake"],
)
def test_type_checkers_see_its_types_in_such_a_project(
    bin_folder: Path, project: Path, queue: str, code: int, verdict: str
) -> None:
    (project / "shop.py").write_text(MODULES["shop.py"].replace("task_queue=QUEUE", f"task_queue={queue}"))
    options = ("--strict", "--python-executable", bin_folder / "python", "--cache-dir", bin_folder / "cache")
    checker = (sys.executable, "-m", "mypy", *options, ".")
    checked = subprocess.run(checker, cwd=project, env=outside(), capture_output=True, text=True, check=False)
    assert verdict in checked.stdout
    assert checked.returncode == code
