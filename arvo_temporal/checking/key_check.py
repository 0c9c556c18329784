"""Keys of an app that nothing uses: mostly another one was meant."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.app import ArvoApp
from adapter.members import unused_key, unused_policies
from arvo.checking import Finding
from arvo.errors import nearest
from arvo.orchestration import ArvoOrchestrator
from arvo.wire import is_orchestrator_type
from arvo_temporal.checking.requests import Request, requested_types, requests_of
from arvo_temporal.checking.route_check import is_taken


def check_keys(app: ArvoApp) -> Iterator[Finding]:
    """Find policies, task queues and publishers under keys that nothing uses."""
    yield from unused_policies(app.policies, app.policy_keys)
    yield from _task_queues(app)
    yield from _publishers(app)


def _task_queues(app: ArvoApp) -> Iterator[Finding]:
    requested = requested_types(app)
    receivers = {request.to for request in _requests(app)}
    computed = bool(app.resumables) or any(machine.checked.behaviour.emits_unknown for machine in app.machines)
    unserved = [type_ for type_ in requested if not is_taken(app, type_)]
    for type_ in app.task_queues if app.orchestrators else ():
        if type_ in requested or type_ in receivers:
            continue
        near = nearest(type_, unserved)
        # Clients of this app start orchestrations by these keys, and machines may compute what they send.
        if near or not (computed or is_orchestrator_type(type_)):
            yield unused_key(
                "task_queues", type_, near or nearest(type_, requested), "no machine of this app sends that"
            )


def _publishers(app: ArvoApp) -> Iterator[Finding]:
    """An orchestration may answer to any domain that it was started from, so only what looks misspelt is told."""
    wanted = {domain for request in _requests(app) for domain in request.domains or () if domain is not None}
    unserved = [domain for domain in wanted if domain not in app.publishers]
    for domain in app.publishers:
        near = None if domain in wanted else nearest(domain, unserved)
        if near:
            yield unused_key("publishers", domain, near, "no machine of this app sends to that domain")


def _requests(app: ArvoApp) -> Iterator[Request]:
    for orchestrator in app.orchestrators.values():
        if isinstance(orchestrator, ArvoOrchestrator):
            for machine in orchestrator.registry.machines:
                yield from requests_of(orchestrator, machine.checked)
