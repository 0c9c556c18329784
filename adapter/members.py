"""What an app is made of: whether each part is of its kind, and what to give instead."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

from temporalio.common import RetryPolicy
from temporalio.converter import PayloadCodec

from adapter.errors import AppError
from adapter.policies import EmissionPolicy
from adapter.search_attributes import CHOOSABLE
from arvo.checking import Finding, Severity
from arvo.contracts import ArvoContract, VersionedArvoContract
from arvo.errors import described, nearest, shorten
from arvo.handling import AddressedEventHandler, ArvoEventHandler, ArvoEventRouter, is_async
from arvo.orchestration import ArvoMachine, ArvoMachineSetup, ArvoOrchestrator, ArvoResumable, Orchestration
from arvo.statechart import StateMachine
from arvo.wire import is_domain

AnyHandler: TypeAlias = ArvoEventHandler | AddressedEventHandler
"""What runs as an activity: a handler of a contract, a multi handler or a router."""

T = TypeVar("T")

_MAKE_ORCHESTRATOR = "make one of it: create_arvo_orchestrator(machines=[machine], executionunits=1)"
_MAKE_HANDLER = "make one: create_arvo_event_handler(contract=contract, executionunits=1, handler={'1.0.0': function})"


def orchestrators(given: Any) -> list[Orchestration[Any, Any]]:
    """Return the orchestrators of an app: of machines, and resumables.

    Raises:
        AppError: It is no list, one of them is no such member, or a resumable lacks what its contract has.
    """
    found = _members(given, (ArvoOrchestrator, ArvoResumable), "orchestrators")
    for index, member in enumerate(found):
        if isinstance(member, ArvoResumable):
            _check_versions(member, f"ArvoApp(orchestrators=[...])[{index}]")
    return found


def handlers(given: Any) -> list[AnyHandler]:
    """Return the handlers of an app: of contracts, multi handlers and routers.

    Raises:
        AppError: It is no list, or one of them is no such member.
    """
    return _members(given, (ArvoEventHandler, AddressedEventHandler), "handlers")


def named(member: Orchestration[Any, Any] | AnyHandler) -> str:
    """Return what a message calls a member that shares its source with another one."""
    match member:
        case ArvoEventRouter():
            return f"the router of {', '.join(repr(type_) for type_ in member.handlers) or 'nothing'}"
        case AddressedEventHandler():
            return "the multi handler of that source"
        case ArvoEventHandler():
            return f"the handler of the contract '{member.contract.uri}'"
    kind = "resumable" if isinstance(member, ArvoResumable) else "orchestrator"
    return f"the {kind} of the contract '{member.self_contract.uri}'"


def _check_versions(resumable: ArvoResumable, place: str) -> None:
    known = list(resumable.contracts["self"].versions)
    wrong = next((version for version in resumable.versions if version not in known), None)
    if not resumable.versions or wrong is not None:
        problem = "has no function" if wrong is None else f"has a function for {shorten(wrong)}"
        raise AppError(
            f"{place}: the resumable '{resumable.source}' {problem}, and its contract has {', '.join(known)}. Write "
            f"create_arvo_resumable(handler={{{known[0]!r}: function}})."
        )


def functions(given: Any, argument: str) -> list[Any]:
    """Return workflows or activities of the user's own.

    Raises:
        AppError: It is no list, or one of them cannot be called.
    """
    found = _listed(given, argument)
    for index, member in enumerate(found):
        if not callable(member):
            raise AppError(
                f"ArvoApp({argument}=[...])[{index}] is {described(member)}: give the "
                f"{'classes with @workflow.defn' if argument == 'workflows' else 'functions with @activity.defn'}."
            )
    return found


def publishers(given: Any) -> dict[str | None, Any]:
    """Return the publishers by domain.

    Raises:
        AppError: It is no mapping, a key is no domain, or a publisher cannot be called with an event.
    """
    found = _mapping(given, "publishers", "a domain, or None, to a function")
    for key, publisher in found.items():
        if key is not None and not (isinstance(key, str) and is_domain(key)):
            raise AppError(
                f"ArvoApp(publishers=...): {described(key)} is no domain: it has a-z, 0-9 and dots. Write the domain "
                "of the events, or None for those that nobody else takes."
            )
        taker(publisher, f"publishers={{{key!r}: ...}}", "the event")
    return found


def check_modes(policies: Mapping[str | None, EmissionPolicy], resumables: Mapping[str, ArvoResumable]) -> None:
    """Check that only resumables run where only resumables can, and that what runs inline does not wait.

    Raises:
        AppError: A policy says something else.
    """
    for key, policy in policies.items():
        place = f"ArvoApp(policies={{{key!r}: EmissionPolicy(mode='{policy.mode}')}})"
        if policy.mode in ("step", "inline") and key not in resumables:
            raise AppError(f"{place}: that is for resumables of this app, and {key!r} is none. Leave the mode out.")
        resumable = resumables.get(key or "") if policy.mode == "inline" else None
        for version, function in resumable.handler.items() if resumable else ():
            if is_async(function):
                raise AppError(
                    f"{place}: the function of {version} is async, and what runs in the workflow itself cannot wait. "
                    "Write it as plain `def`, or leave the mode out: it then runs as an activity."
                )


def taker(function: Any, place: str, what: str) -> None:
    """Check that a function can be called with one thing.

    Raises:
        AppError: It cannot; `place` is the argument of `ArvoApp`.
    """
    if inspect.isclass(function):
        raise AppError(f"ArvoApp({place}) is the class {function.__name__}: give an instance, {function.__name__}().")
    if inspect.iscoroutine(function):
        function.close()
        raise AppError(f"ArvoApp({place}) is a coroutine: give the function itself, without calling it.")
    if not callable(function):
        raise AppError(f"ArvoApp({place}) is {described(function)}: give a function that takes {what}.")
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        raise AppError(f"ArvoApp({place}): the function is called with {what} alone, and {error}.") from None
    except ValueError:
        return  # one without a signature, written in C


def policies(given: Any) -> dict[str | None, EmissionPolicy]:
    """Return the policies by handler type, or by domain.

    Raises:
        AppError: It is no mapping, a key is no text, or a value is no policy.
    """
    found = _mapping(given, "policies", "a handler's type, or a publisher's domain, to an EmissionPolicy")
    for key, policy in found.items():
        if key is not None and not isinstance(key, str):
            raise AppError(
                f"ArvoApp(policies=...): the key is {described(key)}: write the type of the handler, such as "
                f"{getattr(key, 'type', None) or getattr(key, 'source', None) or 'com.bank.charge'!r}."
            )
        if not isinstance(policy, EmissionPolicy):
            raise AppError(
                f"ArvoApp(policies={{{key!r}: ...}}) is {described(policy)}: give an "
                f"EmissionPolicy({_policy_argument(policy)})."
            )
    return found


def unused_policies(policies: Iterable[str | None], used: Collection[str | None]) -> Iterator[Finding]:
    """Find policies under keys that nothing of an app uses: mostly another key was meant."""
    for key in policies:
        if key not in used:
            yield unused_key(
                "policies", key, nearest(key, used), "it is no handler, task queue or publisher of this app"
            )


def unused_key(argument: str, key: str | None, near: str | None, reason: str) -> Finding:
    """Return the finding that nothing uses what an app has under a key.

    Args:
        argument: The argument of `ArvoApp` that has the key.
        key: The key.
        near: The key that was probably meant, if there is one.
        reason: Why nothing uses it.
    """
    return Finding(
        severity=Severity.WARNING,
        rule="unused-key",
        problem=f"nothing uses {argument}={{{key!r}: ...}}: {reason}",
        cure=f"write {near!r}" if near else "remove it, or add who uses it",
        path=f"{argument}[{key!r}]",
        event=key if argument == "task_queues" else None,
    )


def task_queues(given: Any) -> dict[str, str]:
    """Return the task queues by event type.

    Raises:
        AppError: It is no mapping, a key is no event type, or a value is no name.
    """
    found = _mapping(given, "task_queues", "an event type to the name of a task queue")
    for key, queue in found.items():
        if not isinstance(key, str):
            raise AppError(
                f"ArvoApp(task_queues=...): {described(key)} is no event type: write the type that the other app "
                f"takes, such as {getattr(key, 'type', None) or 'arvo.orc.shipment'!r}."
            )
        if not (isinstance(queue, str) and queue):
            raise AppError(f"ArvoApp(task_queues={{{key!r}: ...}}) is {described(queue)}: give the name as a text.")
    return found


def one_of(given: Any, kind: type[T], argument: str) -> T | None:
    """Return a part of the app that may be left out.

    Raises:
        AppError: It is of another kind.
    """
    if given is None or isinstance(given, kind):
        return given
    raise AppError(f"ArvoApp({argument}=...) is {described(given)}: give {kind.__name__}(...), or leave it out.")


def codec(given: Any) -> PayloadCodec | None:
    """Return the codec of an app, if it has one.

    Raises:
        AppError: It is none.
    """
    if given is None or isinstance(given, PayloadCodec):
        return given
    if inspect.isclass(given):
        raise AppError(f"ArvoApp(codec=...) is the class {given.__name__}: give an instance, {given.__name__}(...).")
    raise AppError(f"ArvoApp(codec=...) is {described(given)}: give one that derives from Temporal's PayloadCodec.")


def search_attributes(given: Any) -> frozenset[str]:
    """Return what the app wants as search attributes.

    Raises:
        AppError: It is no list of what can be one.
    """
    found = _listed(given, "search_attributes")
    for wanted in found:
        if wanted not in CHOOSABLE:
            raise AppError(
                f'ArvoApp(search_attributes=...): {described(wanted)} cannot be one. It is "state" that can; what '
                "all orchestrations have as search attributes is in docs/operating.md."
            )
    return frozenset(found)


def _members(given: Any, kinds: tuple[type, ...], argument: str) -> list[Any]:
    if isinstance(given, kinds):
        raise AppError(f"ArvoApp({argument}=...) takes a list, not one {type(given).__name__}: write {argument}=[...].")
    found = _listed(given, argument)
    for index, member in enumerate(found):
        if not isinstance(member, kinds):
            raise AppError(
                f"ArvoApp({argument}=[...])[{index}] is {described(member)}, not an {kinds[0].__name__}: "
                f"{_cure(member, argument)}."
            )
    return found


def _listed(given: Any, argument: str) -> list[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise AppError(f"ArvoApp({argument}=...) is {described(given)}: give a list, {argument}=[...].")
    return list(given)


def _mapping(given: Any, argument: str, what: str) -> dict[Any, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise AppError(f"ArvoApp({argument}=...) is {described(given)}: give a mapping of {what}.")
    return dict(given)


def _cure(member: object, argument: str) -> str:
    """What to give instead of what is no member."""
    cures: tuple[tuple[Any, str], ...] = (
        (ArvoMachine, _MAKE_ORCHESTRATOR),
        (ArvoMachineSetup, f"call its create_machine(config), and of the machine {_MAKE_ORCHESTRATOR}"),
        (StateMachine, f"bind it to contracts by setup_arvo_machine(contracts=...), and {_MAKE_ORCHESTRATOR}"),
        (ArvoOrchestrator | ArvoResumable, "write it under orchestrators="),
        (ArvoEventHandler | AddressedEventHandler, "write it under handlers="),
        (ArvoContract | VersionedArvoContract, _MAKE_HANDLER if argument == "handlers" else _MAKE_ORCHESTRATOR),
    )
    found = next((cure for kind, cure in cures if isinstance(member, kind)), None)
    return found or (_MAKE_HANDLER if argument == "handlers" else _MAKE_ORCHESTRATOR)


def _policy_argument(given: object) -> str:
    if isinstance(given, RetryPolicy):
        return "retry=RetryPolicy(...)"
    return "timeout=timedelta(...)" if isinstance(given, timedelta) else "..."
