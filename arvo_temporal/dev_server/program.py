"""The program that contains the dev server: where it is, and what it is told."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arvo_temporal.dev_server.errors import DevServerError
from arvo_temporal.dev_server.ports import LOOPBACK

_PROGRAM = "temporal"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the server is to be like, whatever its ports.

    Attributes:
        namespace: Namespace that is created if need be.
        db_file: SQLite file; None keeps everything in memory.
        dynamic_config: Values of Temporal's dynamic configuration.
        ui_codec_endpoint: Codec server of the UI; None leaves that to each browser.
    """

    namespace: str
    db_file: Path | None
    dynamic_config: Mapping[str, Any]
    ui_codec_endpoint: str | None = None

    def arguments(self, ports: Mapping[str, int]) -> list[str]:
        """Return the arguments of the program.

        Args:
            ports: The ports by the names of their options; without `ui-port` there is no UI.
        """
        arguments = ["server", "start-dev", "--ip", LOOPBACK, "--namespace", self.namespace]
        for name, port in ports.items():
            arguments += [f"--{name}", str(port)]
        if "ui-port" not in ports:
            arguments.append("--headless")
        if self.db_file is not None:
            arguments += ["--db-filename", str(self.db_file)]
        if self.ui_codec_endpoint is not None:
            arguments += ["--ui-codec-endpoint", self.ui_codec_endpoint]
        for key, value in self.dynamic_config.items():
            arguments += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
        return arguments


def find_program(executable: str | Path | None = None) -> Path:
    """Find the `temporal` program.

    Args:
        executable: The program itself, if it is known.

    Returns:
        That one, or the one beside this Python, or the first one on the PATH.

    Raises:
        DevServerError: There is none.
    """
    if executable is not None:
        if os.access(executable, os.X_OK):
            return Path(executable)
        raise DevServerError(f"There is no program {executable}: give the path of Temporal's command line program.")
    beside = Path(sys.executable).with_name(_PROGRAM)
    if os.access(beside, os.X_OK):
        return beside
    if found := shutil.which(_PROGRAM):
        return Path(found)
    raise DevServerError(
        f"The program '{_PROGRAM}', which contains the dev server, is neither beside {sys.executable} nor on the "
        "PATH: install it with  pip install 'arvo-temporal[server]'"
    )
