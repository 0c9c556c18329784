"""Commands as processes that are forked from one which has imported the command line: they start in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO, cast

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["arvo_temporal.cli.main", "arvo_temporal.checking", "rich.table"])

_PATIENCE = 60


@dataclass(frozen=True)
class Ended:
    """What a command has left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class _Streams:
    """The files that are the standard streams of a command."""

    input: Path
    out: Path
    err: Path


def run_forked(
    program: str,
    arguments: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    input: str = "",
    merged: bool = False,
) -> Ended:
    """Run a program that is written in Python to its end.

    Args:
        program: Its file.
        arguments: Its arguments.
        cwd: Its working directory.
        environment: All of its environment variables.
        input: What it reads.
        merged: Whether its errors go to its output, in the order in which they come.

    Raises:
        AssertionError: If it takes longer than a minute.
    """
    with TemporaryDirectory() as folder:
        streams = _Streams(*(Path(folder, name) for name in ("input", "out", "out" if merged else "err")))
        streams.input.write_text(input, encoding="utf-8")
        process = _FORKS.Process(target=_run, args=(program, tuple(arguments), streams, cwd, dict(environment)))
        process.start()
        process.join(_PATIENCE)
        if late := process.exitcode is None:
            process.kill()
            process.join()
        out, err = streams.out.read_text(encoding="utf-8"), "" if merged else streams.err.read_text(encoding="utf-8")
        assert not late, f"{arguments} took too long:\n{out}{err}"
        assert process.exitcode is not None
        return Ended(process.exitcode, out, err)


def _run(
    program: str, arguments: tuple[str, ...], streams: _Streams, cwd: Path, environment: Mapping[str, str]
) -> None:
    """Be the program, in the process that has been forked for it."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    _open_streams(streams)
    sys.path[:0] = [str(Path(program).parent), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = [program, *arguments]
    sys.orig_argv = [sys.executable, *sys.argv]
    runpy.run_path(program, run_name="__main__")


def _open_streams(streams: _Streams) -> None:
    for descriptor, path in ((1, streams.out), (2, streams.err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    os.dup2(os.open(streams.input, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")


def _text(descriptor: int, mode: str) -> TextIO:
    """Return a standard stream as the interpreter makes it, where it is no terminal."""
    return cast(TextIO, open(descriptor, mode, encoding="utf-8", closefd=False, buffering=1 if descriptor == 2 else -1))
