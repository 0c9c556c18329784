"""XState itself, on Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.statechart.machines import Subject

VERSION = "5.24.0"
SCRIPT = Path(__file__).with_name("xstate.mjs")


class NotHere(Exception):
    """XState cannot be measured; says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class XState:
    """XState, ready to be measured.

    Attributes:
        node: The program that runs it.
        home: The folder with its node_modules.
    """

    node: str
    home: Path

    def measure(self, subjects: Sequence[Subject], **how: int) -> dict[str, Any]:
        """Return what an event takes by machine and way, and what the machine has counted."""
        work = json.dumps({**how, "subjects": [asdict(subject) for subject in subjects]})
        done = subprocess.run(
            [self.node, str(SCRIPT)], input=work, cwd=self.home, capture_output=True, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def find(*, install: bool) -> XState:
    """Find XState: in the folder that `XSTATE_DIST` names, or in one among the temporary files.

    Args:
        install: Whether npm may install it there.

    Raises:
        NotHere: It is not, or of another version; or there is no Node.
    """
    node = shutil.which("node")
    if node is None:
        raise NotHere("no `node` on the path")
    named = os.environ.get("XSTATE_DIST")
    home = Path(named) if named else Path(tempfile.gettempdir()) / f"xstate-{VERSION}"
    package = home / "node_modules" / "xstate" / "package.json"
    if not package.exists() and install:
        _install(home)
    if not package.exists():
        raise NotHere(f"no XState in {home}: give --npm, or name the folder of its node_modules in XSTATE_DIST")
    found = json.loads(package.read_text())["version"]
    if found != VERSION:
        raise NotHere(f"XState in {home} is {found}, not {VERSION}")
    return XState(node, home)


def _install(home: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotHere("no `npm` on the path")
    command = [npm, "install", "--no-save", "--prefix", str(home), f"xstate@{VERSION}"]
    home.mkdir(exist_ok=True)
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise NotHere(f"npm could not install xstate@{VERSION}")
