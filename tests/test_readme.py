"""The README tells the truth: its blocks run as written."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from arvo_temporal.dev_server.server import DevServer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def pasted(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    for name, text in BLOCKS:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_application_has_under_80_lines() -> None:
    assert [name for name, _ in BLOCKS] == ["hello.py", "send.py"]
    assert len(dict(BLOCKS)["hello.py"].splitlines()) < 80


async def test_the_application_runs_and_answers(server: DevServer, pasted: Path) -> None:
    environment = {**os.environ, "TEMPORAL_ADDRESS": server.address, "ARVO_TASK_QUEUE": "arvo"}
    environment["PYTHONPATH"] = f"{pasted}{os.pathsep}{ROOT}"
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "worker.py"), "hello:app", cwd=pasted, env=environment
    )
    try:
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "send.py", cwd=pasted, env=environment, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            output, _ = await sender.communicate()
    finally:
        worker.terminate()
        code = await worker.wait()
    assert output.decode() == "{'text': 'Hello, Ada!'}\n"
    assert code == 0


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("command", re.findall(r"make (\w+)", README))
def test_its_make_targets_exist(command: str) -> None:
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
