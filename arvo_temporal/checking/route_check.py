"""Requests that nobody in the app takes, or somebody who has another contract or version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adapter.app import ArvoApp
from arvo.checking import Finding, Severity
from arvo.contracts import VersionedArvoContract
from arvo.errors import nearest
from arvo_temporal.checking.requests import Request

Tell = Callable[..., Finding]
"""Makes a finding about who asks; see `CheckedMachine.finding`."""


def check_routes(app: ArvoApp, requests: Iterable[Request], tell: Tell) -> Iterator[Finding]:
    """Find requests that lead nowhere, or to who cannot answer them.

    Args:
        app: The app.
        requests: What a machine or a resumable asks of others.
        tell: Makes a finding about it.
    """
    seen = set()
    for request in requests:
        for finding in (*_unserved(app, tell, request), *_misfits(app, tell, request)):
            key = finding.rule, finding.event, finding.problem
            if key not in seen:
                seen.add(key)
                yield finding


def is_taken(app: ArvoApp, type_: str) -> bool:
    """Whether a member, a task queue or the local publisher of an app takes an event without a domain."""
    return type_ in app.handlers or type_ in app.orchestrators or type_ in app.task_queues or None in app.publishers


def _unserved(app: ArvoApp, tell: Tell, request: Request) -> Iterator[Finding]:
    if request.to is None:
        return
    if request.domains is None:
        # Whatever domain it is sent to: without publishers nobody takes one that has a domain.
        if not app.publishers and not is_taken(app, request.to):
            yield _nobody(app, tell, request)
        return
    for domain in request.domains:
        if domain is None and not is_taken(app, request.to):
            yield _nobody(app, tell, request)
        elif domain is not None and domain not in app.publishers:
            yield _no_publisher(app, tell, request, domain)


def _nobody(app: ArvoApp, tell: Tell, request: Request) -> Finding:
    near = nearest(request.type, app.task_queues)
    misspelt = f"write {request.type!r} instead of {near!r} in task_queues=, or " if near else ""
    kind = "orchestrators" if _is_orchestrator(request.contract) else "handlers"
    return tell(
        severity=Severity.ERROR if request.is_certain else Severity.WARNING,
        rule="unserved-service",
        problem=f"nobody in this app takes {request.type!r}: no member, no task queue, no publisher",
        cure=f"{misspelt}add who does to {kind}=, or name the task queue of the app that has it: "
        f"task_queues={{{request.type!r}: ...}}",
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _no_publisher(app: ArvoApp, tell: Tell, request: Request, domain: str) -> Finding:
    near = nearest(domain, app.publishers)
    cure = f"the nearest key of publishers= is {near!r}: write one of both otherwise" if near else "add one"
    return tell(
        severity=Severity.ERROR,
        rule="unserved-domain",
        problem=f"{request.type!r} is sent to the domain {domain!r}, for which this app has no publisher",
        cure=f"{cure}: publishers={{{domain!r}: ...}}",
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _misfits(app: ArvoApp, tell: Tell, request: Request) -> Iterator[Finding]:
    """Find a local member of another contract, or without the version that is asked for."""
    if request.to != request.type or (request.domains is not None and None not in request.domains):
        return
    contract = request.contract
    if request.type in app.handlers:
        theirs = app.handlers[request.type].contract
        yield from _misfit(tell, request, theirs.uri, theirs.versions, "handler")
    elif request.type in app.orchestrators and _is_orchestrator(contract):
        asked = app.orchestrators[request.type]
        kind = "resumable" if request.type in app.resumables else "orchestrator"
        yield from _misfit(tell, request, asked.self_contract.uri, asked.versions, kind)


def _misfit(tell: Tell, request: Request, uri: str, versions: Iterable[str], kind: str) -> Iterator[Finding]:
    contract, have = request.contract, list(versions)
    if uri != contract.uri:
        rule, problem = "other-contract", f"is of the contract '{uri}', and is asked by '{contract.uri}'"
        cure = "give both the same contract"
    elif contract.version not in have:
        rule, problem = "missing-version", f"has {', '.join(have)}, and is asked for {contract.version}"
        logic = "a machine of" if kind == "orchestrator" else "a function for"
        cure = f"add {logic} {contract.version} to the {kind}"
    else:
        return
    yield tell(
        severity=Severity.ERROR,
        rule=rule,
        problem=f"the {kind} of {request.type!r} in this app {problem}",
        cure=cure,
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _is_orchestrator(contract: VersionedArvoContract) -> bool:
    return contract.metadata.get("contractType") == "ArvoOrchestratorContract"
