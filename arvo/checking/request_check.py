"""Requests whose answers no state takes while the machine waits for them."""

from __future__ import annotations

from collections.abc import Iterator

from arvo.checking.behaviour import Emission
from arvo.checking.checked import CheckedMachine, answers_of, listed
from arvo.checking.findings import Finding, Severity
from arvo.checking.waiting import is_handled, reached_without, together, ways_on
from arvo.contracts import VersionedArvoContract
from arvo.statechart.running import StateNode, Transition


def check_requests(machine: CheckedMachine) -> Iterator[Finding]:
    """Find requests that can leave their machine waiting for ever.

    A request that nobody waits for is none of them: nothing names a good answer to it, and the machine goes on anyway.
    """
    for emission in machine.behaviour.emissions:
        contract = machine.services_by_type.get(emission.type or "")
        waiting = [node for node in emission.waiting if not _is_over(node)]
        if contract is not None and waiting:
            yield from _check(machine, emission, contract, waiting)


def _is_over(node: StateNode) -> bool:
    """Whether the orchestration has ended in a state, so that nothing is awaited."""
    return node.type == "final" and node.parent is not None and node.parent.parent is None


def _check(
    machine: CheckedMachine, emission: Emission, contract: VersionedArvoContract, waiting: list[StateNode]
) -> Iterator[Finding]:
    answers = answers_of(contract)
    here = {near for node in waiting for near in together(node, machine.logic.nodes)}
    open_ = [type_ for type_ in answers if not is_handled(type_, here)]
    if not open_:
        return
    later = reached_without(machine, here, answers)
    open_ = [type_ for type_ in open_ if not is_handled(type_, later)]
    failure = contract.system_error.type
    lost = [type_ for type_ in open_ if type_ != failure]
    is_awaited = any(is_handled(type_, here, by_name=True) for type_ in contract.emits)
    is_stuck = not any(_leads_on(one) for one in ways_on(machine, here, answers))
    if lost and (is_stuck or is_awaited):
        yield _finding(machine, emission, lost, waiting[0], all_lost=len(lost) == len(contract.emits))
    if failure in open_ and (is_awaited or is_stuck):
        yield _unheard_failure(machine, emission, failure, waiting[0])


def _leads_on(way: Transition) -> bool:
    """Whether a transition is a way to go on: it does something, and not only because something has failed."""
    return (way.target is not None or bool(way.actions)) and not way.event.startswith("sys.")


def _finding(
    machine: CheckedMachine, emission: Emission, lost: list[str], node: StateNode, *, all_lost: bool
) -> Finding:
    return machine.finding(
        Severity.ERROR if all_lost else Severity.WARNING,
        "unhandled-answer",
        f"{emission.type!r} is sent, and no state takes {listed(lost)} while its answer is awaited in {node.id!r}",
        f"add it to 'on' of {node.id!r}, or of a state around it",
        path=emission.path,
        state=node.id,
        event=lost[0],
    )


def _unheard_failure(machine: CheckedMachine, emission: Emission, failure: str, node: StateNode) -> Finding:
    return machine.finding(
        Severity.WARNING,
        "unhandled-failure",
        f"{emission.type!r} is sent, and no state takes {failure!r}, which comes when that has failed for good",
        f"add {failure!r} to 'on' of {node.id!r} or of a state around it, or 'sys.*' to that of the machine",
        path=emission.path,
        state=node.id,
        event=failure,
    )
