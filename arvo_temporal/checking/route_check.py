"""Requests that nobody in the app takes, or somebody who has another contract or version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapter.app import ArvoApp
from adapter.members import AnyHandler
from arvo import ArvoEventHandler, ArvoEventRouter
from arvo.checking import Checked, Finding, Severity
from arvo.contracts import VersionedArvoContract
from arvo.errors import nearest
from arvo_temporal.checking.requests import Request


def check_routes(app: ArvoApp, requests: Iterable[Request], asker: Checked) -> Iterator[Finding]:
    """Find requests that lead nowhere, or to who cannot answer them.

    Args:
        app: The app.
        requests: What a machine or a resumable asks of others.
        asker: That machine or resumable.
    """
    seen = set()
    for request in requests:
        for finding in (*_unserved(app, asker, request), *_misfits(app, asker, request)):
            key = finding.rule, finding.event, finding.problem
            if key not in seen:
                seen.add(key)
                yield finding


def is_taken(app: ArvoApp, type_: str) -> bool:
    """Whether a member, a task queue or the local publisher of an app takes an event without a domain."""
    return type_ in app.handlers or type_ in app.orchestrators or type_ in app.task_queues or None in app.publishers


def _unserved(app: ArvoApp, asker: Checked, request: Request) -> Iterator[Finding]:
    if request.to is None:
        return
    if request.domains is None:
        # Whatever domain it is sent to: without publishers nobody takes one that has a domain.
        if not app.publishers and not is_taken(app, request.to):
            yield _nobody(app, asker, request)
        return
    for domain in request.domains:
        if domain is None and not is_taken(app, request.to):
            yield _nobody(app, asker, request)
        elif domain is not None and domain not in app.publishers:
            yield _no_publisher(app, asker, request, domain)


def _nobody(app: ArvoApp, asker: Checked, request: Request) -> Finding:
    to = request.to or request.type
    near = nearest(to, app.task_queues)
    misspelt = f"write {to!r} instead of {near!r} in task_queues=, or " if near else ""
    kind = "orchestrators" if _is_orchestrator(request.contract) else "handlers"
    return asker.finding(
        Severity.ERROR if request.is_certain else Severity.WARNING,
        "unserved-service",
        f"nobody in this app takes {_what(request)}: no member, no task queue, no publisher",
        f"{misspelt}add who does to {kind}=, or name the task queue of the app that has it: "
        f"task_queues={{{to!r}: ...}}",
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _what(request: Request) -> str:
    return f"{request.type!r}" if request.to in (None, request.type) else f"{request.type!r}, sent to {request.to!r}"


def _no_publisher(app: ArvoApp, asker: Checked, request: Request, domain: str) -> Finding:
    near = nearest(domain, app.publishers)
    cure = f"the nearest key of publishers= is {near!r}: write one of both otherwise" if near else "add one"
    return asker.finding(
        Severity.ERROR,
        "unserved-domain",
        f"{request.type!r} is sent to the domain {domain!r}, for which this app has no publisher",
        f"{cure}: publishers={{{domain!r}: ...}}",
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _misfits(app: ArvoApp, asker: Checked, request: Request) -> Iterator[Finding]:
    """Find a local member of another contract, or without the version that is asked for."""
    if request.to is None or (request.domains is not None and None not in request.domains):
        return
    contract = request.contract
    if request.to in app.handlers:
        yield from _misfits_of_handler(app.handlers[request.to], asker, request)
    elif request.to == request.type in app.orchestrators and _is_orchestrator(contract):
        asked = app.orchestrators[request.type]
        kind = "resumable" if request.type in app.resumables else "orchestrator"
        yield from _misfit(asker, request, asked.self_contract.uri, asked.versions, kind)


def _misfits_of_handler(handler: AnyHandler, asker: Checked, request: Request) -> Iterator[Finding]:
    match handler:
        case ArvoEventRouter():
            taker = handler.handlers.get(request.type)
        case ArvoEventHandler():
            taker = handler if handler.source == request.type else None
        case _:
            yield from _unheard_failures(handler, asker, request)
            return
    if taker is not None:
        yield from _misfit(asker, request, taker.contract.uri, taker.contract.versions, "handler")
        return
    is_router = isinstance(handler, ArvoEventRouter)
    yield asker.finding(
        Severity.ERROR if request.is_certain else Severity.WARNING,
        "unserved-service",
        f"{request.type!r} is sent to the {'router' if is_router else 'handler'} {handler.source!r} of this app, which "
        "takes no such events",
        "give it a handler of that type: create_arvo_event_router(handlers=[...])"
        if is_router
        else "leave to= out, and it goes to the handler of its own type",
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _unheard_failures(handler: AnyHandler, asker: Checked, request: Request) -> Iterator[Finding]:
    """A multi handler takes whatever it is sent, and names its failures after itself."""
    failure = handler.system_error_type
    if not asker.takes(failure):
        yield asker.finding(
            Severity.WARNING,
            "unhandled-failure",
            f"{request.type!r} is sent to the multi handler {handler.source!r}, and no state takes {failure!r}, which "
            "comes when that has failed",
            f"add {failure!r} to 'on' of the state that waits for it, or 'sys.*' to that of the machine",
            path=request.path,
            state=request.state,
            event=failure,
        )


def _misfit(asker: Checked, request: Request, uri: str, versions: Iterable[str], kind: str) -> Iterator[Finding]:
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
    yield asker.finding(
        Severity.ERROR,
        rule,
        f"the {kind} of {request.type!r} in this app {problem}",
        cure,
        path=request.path,
        state=request.state,
        event=request.type,
    )


def _is_orchestrator(contract: VersionedArvoContract) -> bool:
    return contract.metadata.get("contractType") == "ArvoOrchestratorContract"
