"""How the events of a machine come and go in an app, as far as its definition says so."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from adapter.app import ArvoApp
from arvo.checking import Emission
from arvo.orchestration import ArvoMachine
from arvo.statechart.running import covers
from arvo.wire import is_orchestrator_type


class Leaving(Enum):
    """How an event leaves, and how what answers it comes."""

    ACTIVITY = auto()
    LOCAL = auto()
    CHILD = auto()
    NOWHERE = auto()


def leavings(app: ArvoApp, emission: Emission) -> Iterator[Leaving]:
    """Yield how an emission leaves: once for each of its domains. Of an unknown type nothing is known."""
    if emission.type is None:
        return
    given = (emission.fields or {}).get("domain")
    domains = given if isinstance(given, list | tuple) and given else [None]
    for domain in domains:
        if isinstance(domain, str):
            yield _by(app, domain) if domain in app.publishers else Leaving.NOWHERE
        else:
            yield _leaving(app, emission.type)


def arriving(app: ArvoApp, machine: ArvoMachine, event: str) -> Leaving | None:
    """Return how the request left that an event answers; None for one that comes from outside, by a signal.

    Args:
        app: The app.
        machine: The machine that consumes it.
        event: Its type, or a wildcard.
    """
    known = [type_ for type_ in machine.inputs if type_ == event or covers(event, type_)]
    for type_ in known:
        accepted = machine.inputs[type_]
        if accepted.role == "service" and (how := answered(app, accepted.contract.accepts.type)) is not None:
            return how
    return None


def answered(app: ArvoApp, request: str) -> Leaving | None:
    """Return how a request of a type leaves that the app itself answers; None for one that is answered from outside."""
    return _leaving(app, request) if _is_served(app, request) else None


def _is_served(app: ArvoApp, type_: str) -> bool:
    return type_ in app.handlers or type_ in app.orchestrators or type_ in app.task_queues


def _leaving(app: ArvoApp, type_: str) -> Leaving:
    if type_ in app.handlers or (type_ in app.task_queues and not is_orchestrator_type(type_)):
        return _by(app, type_)
    if _is_served(app, type_):
        return Leaving.CHILD
    return _by(app, None) if None in app.publishers else Leaving.NOWHERE


def _by(app: ArvoApp, key: str | None) -> Leaving:
    return Leaving.LOCAL if app.policy(key).mode == "local" else Leaving.ACTIVITY
