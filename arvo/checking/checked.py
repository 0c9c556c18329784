"""A machine under check: its statechart, its contracts, and which events it can be sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from arvo.checking.behaviour import Behaviour, behaviour_of
from arvo.checking.findings import Finding, Severity
from arvo.contracts import VersionedArvoContract
from arvo.statechart import StateMachine
from arvo.statechart.running import covers
from arvo.wire import is_system_error_type, system_error_type

_INTERNAL = "xstate."


class Checked(ABC):
    """What is checked, and asks others: a machine, or a resumable.

    Attributes:
        own: The contract that it implements.
    """

    own: VersionedArvoContract

    @abstractmethod
    def takes(self, type_: str) -> bool:
        """Whether it takes events of a type."""

    def finding(
        self,
        severity: Severity,
        rule: str,
        problem: str,
        cure: str,
        *,
        path: str = "",
        state: str | None = None,
        event: str | None = None,
    ) -> Finding:
        """Return a finding about it."""
        return Finding(
            severity=severity,
            rule=rule,
            problem=problem,
            cure=cure,
            machine=self.own.accepts.type,
            version=self.own.version,
            path=path,
            state=state,
            event=event,
        )


@dataclass(frozen=True, eq=False)
class CheckedMachine(Checked):
    """A machine to check.

    Attributes:
        logic: Its compiled statechart.
        own: The contract that it implements.
        services: The contracts of its services, by a name of choice.
        declared: Types of further events that it is sent or sends.
    """

    logic: StateMachine[Any]
    own: VersionedArvoContract
    services: Mapping[str, VersionedArvoContract]
    declared: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def behaviour(self) -> Behaviour:
        """What it emits and raises."""
        return behaviour_of(self.logic)

    @cached_property
    def services_by_type(self) -> dict[str, VersionedArvoContract]:
        """The contracts of its services, by the type that calls them."""
        return {contract.accepts.type: contract for contract in self.services.values()}

    @cached_property
    def completion(self) -> str:
        """The type of the event that it completes with."""
        return str(self.own.metadata.get("completeEventType", ""))

    @cached_property
    def known(self) -> dict[str, None]:
        """Types of the events that it can be sent, as far as they are known, in order of writing."""
        answers = [type_ for contract in self.services.values() for type_ in answers_of(contract)]
        # A multi handler names its failures after itself, not after what it was sent.
        foreign = [*self.declared, *sorted(self.behaviour.emitted | self.behaviour.receivers)]
        failures = [system_error_type(type_) for type_ in foreign if type_ != self.completion]
        types = (self.own.accepts.type, *answers, *sorted(self.behaviour.raised), *sorted(self.declared), *failures)
        return dict.fromkeys(types)

    def can_come(self, descriptor: str) -> bool:
        """Whether an event that a descriptor matches can come; True where that cannot be known."""
        if descriptor == "*" or descriptor.startswith(_INTERNAL) or self.matched(descriptor):
            return True
        if self.behaviour.raises_unknown:
            return True
        # A request that is in no contract, or to who has none, is answered by a system error too, if it fails.
        reports_failure = is_system_error_type(descriptor) or (
            descriptor.startswith("sys.") and descriptor.endswith(".*")
        )
        return reports_failure and self.behaviour.sends_to_unknown

    def takes(self, type_: str) -> bool:
        """Whether a state has a transition for an event type."""
        handlers = [node.config.get("on") for node in self.logic.nodes]
        return any(matches(str(one), type_) for on in handlers if isinstance(on, Mapping) for one in on)

    def matched(self, descriptor: str) -> list[str]:
        """The known types that a descriptor matches."""
        return [type_ for type_ in self.known if matches(descriptor, type_)]


def matches(descriptor: str, type_: str) -> bool:
    """Whether a descriptor in `on` matches an event type, exactly or as a wildcard."""
    return descriptor == type_ or covers(descriptor, type_)


def answers_of(contract: VersionedArvoContract) -> tuple[str, ...]:
    """The types of what a service may answer, its system error last."""
    return (*contract.emits, contract.system_error.type)


def listed(types: Iterable[str], most: int = 6) -> str:
    """Event types for a message: the first few of them."""
    found = list(types)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(f"'{type_}'" for type_ in found[:most]) + more
