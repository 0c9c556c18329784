"""Runs one target; see the package."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris  # to be installed by whoever fuzzes

with atheris.instrument_imports(include=["arvo"]):
    from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> None:
    """Fuzz the target named first; seeds come from the target."""
    if len(arguments) < 2 or arguments[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz TARGET [libFuzzer options]; targets: {', '.join(TARGETS)}")
    target = TARGETS[arguments[1]]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        given = arguments[2:]
        folder = [] if any(Path(argument).exists() for argument in given) else [corpus]
        atheris.Setup([arguments[0], *given, *folder], target.run)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
