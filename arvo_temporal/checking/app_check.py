"""`check`: everything in an app that looks like a mistake, found without running anything."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.app import ArvoApp
from arvo.checking import Finding, sort_findings
from arvo.orchestration import ArvoOrchestrator
from arvo_temporal.checking.checked_resumable import CheckedResumable
from arvo_temporal.checking.key_check import check_keys
from arvo_temporal.checking.requests import requests_of, requests_of_resumable
from arvo_temporal.checking.route_check import check_routes


def check(app: ArvoApp) -> tuple[Finding, ...]:
    """Read an app with its machines and contracts, and return what looks like a mistake; errors first.

    Nothing is run, and no server is asked. What cannot be decided so is not told. A worker refuses to run on an app
    with errors; warnings are for people.

    Args:
        app: The app.
    """
    return sort_findings(_findings(app))


def _findings(app: ArvoApp) -> Iterator[Finding]:
    for orchestrator in app.orchestrators.values():
        if isinstance(orchestrator, ArvoOrchestrator):
            yield from _of_machines(app, orchestrator)
    for resumable in app.resumables.values():
        yield from check_routes(app, requests_of_resumable(resumable), CheckedResumable(resumable.self_contract))
    yield from check_keys(app)


def _of_machines(app: ArvoApp, orchestrator: ArvoOrchestrator) -> Iterator[Finding]:
    for machine in orchestrator.registry.machines:
        yield from machine.findings()
        yield from check_routes(app, requests_of(orchestrator, machine.checked), machine.checked)
