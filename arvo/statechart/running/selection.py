"""Which transitions an event enables (XState's getCandidates, transitionNode, selectEventlessTransitions)."""

from __future__ import annotations

from collections.abc import Iterable

from arvo.statechart.errors import GuardError, PurityError
from arvo.statechart.running.calls import Step
from arvo.statechart.running.nodes import StateNode, Transition
from arvo.statechart.running.value import StateValue

WILDCARD = "*"


class Selection:
    """Candidates for one event type in one configuration, so that only guards remain to be evaluated.

    Attributes:
        regions: Candidates inside parallel regions; all of them are asked.
        outer: Candidates of the nodes around them, innermost first; asked when no region has an answer.
    """

    __slots__ = ("outer", "regions", "settled")

    def __init__(self, regions: tuple[Selection, ...], outer: Iterable[Transition]) -> None:
        self.regions = regions
        self.outer = _until_unguarded(outer)
        self.settled: tuple[Transition, ...] | None = None
        if not regions and (not self.outer or self.outer[0].guard is None):
            self.settled = self.outer

    def transitions(self, step: Step) -> tuple[Transition, ...]:
        """The enabled transitions, in the order of regions.

        Raises:
            GuardError: A guard threw.
        """
        if self.settled is not None:
            return self.settled
        if self.regions:
            found = tuple([one for region in self.regions for one in region.transitions(step)])
            if found:
                return found
        for candidate in self.outer:
            if candidate.guard is None or _passes(candidate, step):
                return candidate.alone
        return ()


def selection(node: StateNode, value: StateValue, event_type: str) -> Selection:
    """Collect the candidates below and at a node whose active part is `value`."""
    own = candidates(node, event_type)
    if isinstance(value, str):
        return Selection((), [*candidates(node.states[value], event_type), *own])
    below = [selection(node.states[key], inner, event_type) for key, inner in value.items()]
    regions = [region for region in below if region.regions or region.outer]
    if len(regions) == 1:
        return Selection(regions[0].regions, [*regions[0].outer, *own])
    return Selection(tuple(regions), own)


def candidates(node: StateNode, event_type: str) -> list[Transition]:
    """Transitions that a node declares for an event type, by exact name or else by wildcards, longest first."""
    exact = node.transitions.get(event_type)
    if exact is not None:
        return exact
    wildcards = [descriptor for descriptor in node.transitions if covers(descriptor, event_type)]
    wildcards.sort(key=len, reverse=True)
    return [transition for descriptor in wildcards for transition in node.transitions[descriptor]]


def eventless_chains(nodes: Iterable[StateNode]) -> tuple[tuple[Transition, ...], ...]:
    """Candidate `always` transitions of each active leaf, innermost first; leaves without any left out."""
    chains = (
        _until_unguarded(transition for node in (leaf, *leaf.ancestors) for transition in node.always)
        for leaf in nodes
        if leaf.is_leaf
    )
    return tuple(chain for chain in chains if chain)


def select_eventless(step: Step, chains: Iterable[tuple[Transition, ...]]) -> tuple[Transition, ...]:
    """The enabled `always` transitions: the first of each leaf's; the microstep drops those in conflict."""
    found: dict[Transition, None] = {}
    for chain in chains:
        for candidate in chain:
            if candidate.guard is None or candidate.guard(step, candidate.guard_params):
                found[candidate] = None
                break
    return tuple(found)


def _until_unguarded(transitions: Iterable[Transition]) -> tuple[Transition, ...]:
    kept: list[Transition] = []
    for transition in transitions:
        kept.append(transition)
        if transition.guard is None:
            break
    return tuple(kept)


def covers(descriptor: str, event_type: str) -> bool:
    """Whether a wildcard covers an event type: `*` covers all, `a.b.*` those that begin with `a.b`."""
    if descriptor == WILDCARD:
        return True
    if not descriptor.endswith(".*"):
        return False
    tokens = descriptor[:-2].split(".")
    return WILDCARD not in tokens and event_type.split(".")[: len(tokens)] == tokens


def _passes(candidate: Transition, step: Step) -> bool:
    try:
        assert candidate.guard is not None
        return bool(candidate.guard(step, candidate.guard_params))
    except PurityError:
        raise
    except Exception as error:
        name = f"'{candidate.guard_name}' " if candidate.guard_name else ""
        raise GuardError(
            f"Unable to evaluate guard {name}in transition for event '{step.event_type}' "
            f"in state node '{candidate.source.id}':\n{error}"
        ) from error
