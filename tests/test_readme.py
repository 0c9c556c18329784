"""The README tells the truth: its blocks run as written."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run, running

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(
    r"^    (\S.*?)(?: +#.*)?$", re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL), flags=re.MULTILINE
)
MAKE, (INSTALL, WORK, START, SEND) = COMMANDS[:2], COMMANDS[2:]


@pytest.fixture
def pasted(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    for name, text in BLOCKS:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_application_has_under_80_lines() -> None:
    assert [name for name, _ in BLOCKS] == ["hello.py", "send.py"]
    assert len(dict(BLOCKS)["hello.py"].splitlines()) < 80


async def test_the_application_runs_and_answers(pasted: Path) -> None:
    """By the commands as written; where the usual port is taken the worker tells another one, as a reader would see."""
    programs = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    async with running(*shlex.split(WORK), cwd=pasted, environment=programs) as worker:
        await worker.until("Worker: serves")
        [address] = re.findall(r"^Temporal +([\d.]+:\d+)", worker.output, flags=re.MULTILINE)
        there = {**programs, "TEMPORAL_ADDRESS": address}
        code, said = await run(*shlex.split(START), cwd=pasted, environment=there)
        assert (code, said.split()[0]) == (0, "started")
        assert '"text": "Hello, Ada!"' in said
        assert await run(*shlex.split(SEND), cwd=pasted, environment=there) == (0, "{'text': 'Hello, Ada!'}\n")
        worker.press_ctrl_c()
        assert await worker.end() == 0


def test_it_says_what_each_extra_is_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    [table] = re.findall(r"^\| Extra .*?\n\n", README, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\| `(\w+)` \| \S", table, flags=re.MULTILINE) == list(extras)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("command", MAKE)
def test_its_make_targets_exist(command: str) -> None:
    make, target = command.split()
    assert make == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


async def test_nothing_in_the_application_looks_like_a_mistake(pasted: Path) -> None:
    assert await run(*ARVO_TEMPORAL, "check", "hello:app", cwd=pasted) == (0, "0 errors, 0 warnings.\n")
