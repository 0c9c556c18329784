"""The command that finds mistakes in an app before anything runs, and what a worker does with them."""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import Annotated

import typer

from adapter.app import ArvoApp
from adapter.plain_text import plain_text
from arvo.checking import ArvoWarning, Severity
from arvo.errors import ArvoError
from arvo_temporal import checking
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.process import run_command

_NOT_CHECKED = 2
"""Exit code where there is no app to check."""


def check(
    app: Annotated[
        str,
        typer.Argument(metavar="MODULE:APP", envvar="ARVO_APP", help="The app, for example examples.orders.app:app."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Find mistakes in an app, its machines and contracts, without running anything.

    Exit codes: 0 if nothing is wrong (there may be warnings), 1 if there are errors, 2 if the app cannot be loaded.
    """

    async def main(_stop: asyncio.Event) -> int:
        try:
            findings = checking.check(_loaded(app))
        except ArvoError as error:
            print(f"Error: {plain_text(str(error), lines=True)}", file=sys.stderr)
            return _NOT_CHECKED
        shown = checking.findings_as_json(findings) if as_json else checking.findings_as_text(findings)
        print(plain_text(shown, lines=True))
        return int(any(finding.severity is Severity.ERROR for finding in findings))

    run_command(main)


def checked_app(target: str) -> ArvoApp:
    """Load an app for a worker, and print the errors in it.

    Raises:
        AppLoadError: There is no app.
        CheckFailedError: It has errors.
    """
    app = _loaded(target)
    errors = [finding for finding in checking.check(app) if finding.severity is Severity.ERROR]
    for finding in errors:
        print(plain_text(str(finding), lines=True), file=sys.stderr)
    checking.refuse_errors(errors)
    return app


def _loaded(target: str) -> ArvoApp:
    """Load an app without the warnings that the check would only repeat."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArvoWarning)
        return load_app(target)
