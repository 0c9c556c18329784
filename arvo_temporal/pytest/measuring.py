"""`--arvo-coverage`: measures, merges what processes of pytest-xdist have measured, and reports."""

from __future__ import annotations

import gc
from argparse import ArgumentTypeError
from contextlib import ExitStack
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

from arvo.picture import ExtraMissingError, draw
from arvo.statechart import observed_by
from arvo.statechart.running import CompiledMachine
from arvo_temporal.pytest.reached import Collection, Reached
from arvo_temporal.pytest.report import percent, rows_of, table, write_pictures

OUTPUT: Final = "arvo_coverage"
"""Under which name a process of pytest-xdist hands on what it has measured."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the measurement."""
    group = parser.getgroup("arvo", "coverage of statecharts")
    group.addoption(
        "--arvo-coverage", action="store_true", help="tell which states and transitions of machines no test has reached"
    )
    group.addoption(
        "--arvo-coverage-pictures", metavar="FOLDER", type=Path, help="the same, and draw it into a folder (index.html)"
    )
    group.addoption(
        "--arvo-coverage-fail-under",
        metavar="PERCENT",
        type=_percentage,
        help="the same, and fail if less of all states and transitions was reached",
    )
    group.addoption(
        "--arvo-coverage-machine",
        metavar="ID",
        action="append",
        default=[],
        help="the same, of machines of this id only, in which * and ? are wildcards; may be repeated",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to measure, if it is asked for.

    Raises:
        pytest.UsageError: Pictures are asked for, and what draws them is not installed.
    """
    if not _is_asked_for(config):
        return
    pictures = config.option.arvo_coverage_pictures
    if pictures is not None:
        try:
            draw({"id": "m"})
        except ExtraMissingError as error:
            raise pytest.UsageError(f"--arvo-coverage-pictures: {error}") from None
    config.pluginmanager.register(Measurement(config), "arvo-coverage")


def _is_asked_for(config: pytest.Config) -> bool:
    """Tell whether to measure; a test module that switches the plugin on does so too late for its options."""
    names = "arvo_coverage", "arvo_coverage_pictures", "arvo_coverage_fail_under", "arvo_coverage_machine"
    return any(config.getoption(name, None) not in (None, False, []) for name in names)


def _percentage(text: str) -> float:
    """Read a percentage; what is none would let everything pass, or nothing."""
    if not 0 <= (value := float(text)) <= 100:
        raise ArgumentTypeError(f"{text} is no percentage: it is a number from 0 to 100")
    return value


class Measurement:
    """The measurement of one run, in whichever process of it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collection = Collection()
        self._lost: list[str] = []
        self._observing = ExitStack()
        self._observing.enter_context(observed_by(self._collection.observe))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add what a process of pytest-xdist has measured."""
        text = getattr(node, "workeroutput", {}).get(OUTPUT)
        if text is None:
            self._lost.append(node.gateway.id)
        else:
            self._collection.add_json(text)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the measurement; hand it on, or fail if too little was reached."""
        self._observing.close()
        # Machines that nothing has run are found here, so that nothing need be kept of them while nobody asks.
        self._collection.know([one for one in gc.get_objects() if type(one) is CompiledMachine])
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = self._collection.to_json()
        elif self._is_too_little() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table, and draw the pictures."""
        write = terminalreporter.write_line
        terminalreporter.write_sep("=", "arvo coverage")
        machines = self._machines()
        if not machines:
            write("No machine was made." if not self._collection.machines else "No machine has such an id.")
        rows = rows_of(machines)
        for line in table(rows, terminalreporter._tw.fullwidth) if rows else ():
            write(line)
        if self._collection.left_out:
            write(f"{self._collection.left_out} more machines are not counted: the first 1000 different ones are.")
        for lost in self._lost:
            write(f"What the tests of {lost} reached is not counted: its process has crashed.", red=True)
        self._draw(rows, write)
        if self._is_too_little():
            wanted = self._config.option.arvo_coverage_fail_under
            write(f"FAIL: {percent(machines):.1f} % was reached, less than {wanted:g} %.", red=True)

    def _draw(self, rows: Any, write: Any) -> None:
        folder = self._config.option.arvo_coverage_pictures
        if folder is None:
            return
        try:
            for problem in write_pictures(rows, folder):
                write(problem, red=True)
        except OSError as error:
            write(f"The pictures could not be written: {error}", red=True)
        else:
            write(f"Pictures: {folder / 'index.html'}")

    def _machines(self) -> list[Reached]:
        patterns = self._config.option.arvo_coverage_machine
        return [
            one
            for one in self._collection.machines
            if not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)
        ]

    def _is_too_little(self) -> bool:
        """Tell whether the run fails; one that only lists the tests reaches nothing, and is no failure."""
        wanted = None if self._config.option.collectonly else self._config.option.arvo_coverage_fail_under
        return wanted is not None and percent(self._machines()) < wanted
