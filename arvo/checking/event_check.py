"""Events that do not fit together: descriptors that nothing matches, emissions that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from arvo.checking.behaviour import Emission
from arvo.checking.checked import CheckedMachine, listed
from arvo.checking.findings import Finding, Severity
from arvo.errors import nearest, shorten
from arvo.statechart.compiling import at
from arvo.statechart.running import StateNode
from arvo.wire import is_event_type

_DECLARE = "declare it: setup_arvo_machine(..., events=[{type!r}])"


def check_events(machine: CheckedMachine) -> Iterator[Finding]:
    """Find what is told when a machine is created: it is allowed, and looks like a mistake."""
    for node in machine.logic.nodes:
        handlers = node.config.get("on")
        for descriptor in handlers if isinstance(handlers, Mapping) else ():
            yield from _check_descriptor(machine, node, str(descriptor))
    for emission in machine.behaviour.emissions:
        yield from _check_emission(machine, emission)


def _check_descriptor(machine: CheckedMachine, node: StateNode, descriptor: str) -> Iterator[Finding]:
    path = at(at(node.path, "on"), descriptor)
    if _is_broken(descriptor) and not machine.matched(descriptor):
        yield machine.finding(
            Severity.ERROR,
            "useless-wildcard",
            f"{descriptor!r} never matches: a wildcard is '*', or one '.*' at the end",
            _whole_cure(descriptor),
            path=path,
            state=node.id,
            event=descriptor,
        )
    elif not machine.can_come(descriptor):
        yield machine.finding(
            Severity.ERROR,
            "unmatched-event",
            f"nothing sends this machine {descriptor!r}",
            _cure_of(machine, descriptor),
            path=path,
            state=node.id,
            event=descriptor,
        )


def _is_broken(descriptor: str) -> bool:
    """Whether a descriptor has a star where XState takes it for a letter."""
    return "*" in (descriptor.removesuffix(".*") if descriptor != "*" else "")


def _whole_cure(descriptor: str) -> str:
    prefix = descriptor[: descriptor.index("*")].rpartition(".")[0]
    return f"write {prefix + '.*'!r}, which matches all that begins with it" if prefix else "write '*', or the type"


def _cure_of(machine: CheckedMachine, descriptor: str) -> str:
    service = machine.services_by_type.get(descriptor)
    if service is not None:
        answers = listed((*service.emits, service.system_error.type))
        return f"handle an answer to it: {answers}; {descriptor!r} is what this machine sends"
    declare = _DECLARE.format(type=descriptor)
    if descriptor.endswith(".*"):
        return f"{_nearest_wildcard(machine, descriptor)}, or {declare} with the types that come"
    near = nearest(descriptor, machine.known)
    known = f"write {near!r}" if near else f"write one that it is sent: {listed(machine.known)}"
    return f"{known}, or, if it raises that itself, {declare}"


def _nearest_wildcard(machine: CheckedMachine, descriptor: str) -> str:
    parts = [type_.split(".") for type_ in machine.known]
    prefixes = [".".join(one[:length]) + ".*" for one in parts for length in range(1, len(one))]
    near = nearest(descriptor, prefixes)
    return f"write {near!r}" if near else f"write one that matches what it is sent: {listed(machine.known)}"


def _check_emission(machine: CheckedMachine, emission: Emission) -> Iterator[Finding]:
    type_ = emission.type
    if type_ is None and emission.fields is not None and "type" not in emission.fields:
        yield machine.finding(
            Severity.ERROR,
            "unknown-emission",
            "an event without 'type' is emitted",
            f"add 'type': one that a service accepts, such as {listed(machine.services_by_type)}",
            path=emission.path,
            state=emission.node.id,
        )
    if type_ is None or type_ in machine.services_by_type or type_ == machine.completion or type_ in machine.declared:
        return
    if not is_event_type(type_):
        problem = f"{shorten(type_)} is no event type: it has three or more parts of a-z and 0-9"
    else:
        problem = f"{type_!r} is emitted, and no service of this machine accepts it"
    near = nearest(type_, (*machine.services_by_type, machine.completion))
    accepted = f"write one that a service accepts: {listed(machine.services_by_type)}"
    cure = f"write {near!r}" if near else accepted if machine.services_by_type else "add the contract to 'services'"
    yield machine.finding(
        Severity.ERROR,
        "unknown-emission",
        problem,
        f"{cure}, add its contract to 'services', or, if it has none, {_DECLARE.format(type=type_)}",
        path=emission.path,
        state=emission.node.id,
        event=type_,
    )
