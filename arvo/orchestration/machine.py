"""Machines: a statechart bound to the contracts of its orchestrator and of the services it calls."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, TypedDict

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from arvo.checking import ArvoWarning, CheckedMachine, Finding, check_events, check_machine
from arvo.contracts import VersionedArvoContract
from arvo.errors import ConfigViolation, described, shorten
from arvo.events import ArvoEvent
from arvo.handling import ORCHESTRATOR
from arvo.orchestration.given import check_contracts, check_named, check_types
from arvo.orchestration.machine_checks import (
    check_config,
    check_services,
    has_parallel_state,
    without_overlooked_invokes,
)
from arvo.orchestration.validation import (
    AcceptedInput,
    EventValidationResult,
    accepted_answers,
    accepted_init,
    match_contract,
    validate_event,
)
from arvo.statechart import StateMachine, create_machine, emit, milliseconds, svg_of

ENQUEUE_ACTION: Final = "enqueueArvoEvent"
_OWNER: Final = "setup_arvo_machine"


class MachineContracts(TypedDict):
    """The contract that a machine implements, and those of the services it talks to, by a name of choice."""

    self: VersionedArvoContract
    services: Mapping[str, VersionedArvoContract]


@dataclass(frozen=True, eq=False)
class ArvoMachine:
    """One version of an orchestrator's logic.

    Attributes:
        id: The `id` of the config.
        version: Version of the orchestrator's contract that this machine implements.
        contracts: Own contract and service contracts.
        logic: The compiled statechart.
        requires_resource_locking: Whether two events could matter to it at the same time: it has a parallel
            state, or a service that answers with one of several events.
        events: Types of further events that it is sent or sends, as they were declared.
    """

    id: str
    version: str
    contracts: MachineContracts
    logic: StateMachine[Any]
    requires_resource_locking: bool
    events: frozenset[str] = frozenset()

    def _repr_svg_(self) -> str | None:
        return svg_of(self)

    @property
    def source(self) -> str:
        """Event type that starts the machine; the `source` of all it produces."""
        return self.contracts["self"].accepts.type

    @cached_property
    def checked(self) -> CheckedMachine:
        """What is looked at when it is checked."""
        return CheckedMachine(self.logic, self.contracts["self"], self.contracts["services"], self.events)

    def findings(self) -> tuple[Finding, ...]:
        """Return what looks like a mistake in this machine and its contracts, errors first, without running it."""
        return check_machine(self.checked)

    @cached_property
    def definition(self) -> str:
        """The config as JSON text, as records keep it."""
        return json.dumps(
            _with_text_keys(self.logic.config), default=_described, ensure_ascii=False, separators=(",", ":")
        )

    @cached_property
    def inputs(self) -> Mapping[str, AcceptedInput]:
        """Every event type that the machine may receive."""
        own = accepted_init(self.contracts["self"])
        return {**accepted_answers(self.contracts["services"]), self.source: own}

    def validate_input(self, event: ArvoEvent) -> EventValidationResult:
        """Tell whether the contracts take an event, as `execute` does before the machine sees it."""
        return validate_event(event, match_contract(event, self.inputs), ORCHESTRATOR.logic)

    @cached_property
    def services_by_type(self) -> Mapping[str, VersionedArvoContract]:
        """Service contracts by the event type that calls the service."""
        return {contract.accepts.type: contract for contract in self.contracts["services"].values()}


@dataclass(frozen=True)
class ArvoMachineSetup:
    """Contracts, actions, guards and delays that the machines created from it share, and how these are compiled."""

    contracts: MachineContracts
    actions: Mapping[str, Any]
    guards: Mapping[str, Any]
    delays: Mapping[str, Any]
    allow_delays: bool
    check_purity: bool = False
    context: type[BaseModel] | None = None
    strict: bool = True
    max_microsteps: int | None = None
    events: frozenset[str] = frozenset()

    def create_machine(
        self,
        config: Mapping[str, Any],
        *,
        context: type[BaseModel] | None = None,
        strict: bool | None = None,
        max_microsteps: int | None = None,
    ) -> ArvoMachine:
        """Compile a statechart config into a machine of the contract's version.

        An `ArvoWarning` tells of each key of `on` that nothing can match, and of each event emitted that no service
        accepts: that is allowed, and mostly a mistake.

        Args:
            config: XState's machine config; `version` may be left out, otherwise it is the contract's.
            context: The pydantic model of the context, if it is another than that of the setup.
            strict: Whether to refuse what XState tolerates, if it is otherwise than in the setup.
            max_microsteps: How many microsteps one event may take, if it is otherwise than in the setup.

        Raises:
            ConfigViolation: The config uses what Arvo refuses, or names another version.
            DefinitionError: The statechart itself is not well-formed.
        """
        own = self.contracts["self"]
        if not isinstance(config, Mapping):
            raise ConfigViolation(
                f"create_machine takes XState's machine config, not {described(config)}. To fix: give a mapping, such "
                'as {"id": "order", "initial": "open", "states": {"open": {}}}.'
            )
        version = config.get("version")
        if version is not None and version != own.version:
            raise ConfigViolation(
                f"Version mismatch: a machine of contract '{own.uri}' at '{own.version}' has version "
                f"{shorten(version)}. To fix: leave 'version' out, or set it to '{own.version}'."
            )
        check_config(config, allow_delays=self.allow_delays)
        if not self.allow_delays:
            config = without_overlooked_invokes(config)
        services = self.contracts["services"].values()
        machine = ArvoMachine(
            id=config.get("id", "(machine)"),
            version=own.version,
            contracts=self.contracts,
            logic=create_machine(
                config,
                actions=self.actions,
                guards=self.guards,
                delays=self.delays,
                check_purity=self.check_purity,
                context=context or self.context,
                strict=self.strict if strict is None else strict,
                max_microsteps=self.max_microsteps if max_microsteps is None else max_microsteps,
            ),
            requires_resource_locking=has_parallel_state(config)
            or any(len(contract.emits) > 1 for contract in services),
            events=self.events,
        )
        for finding in check_events(machine.checked):
            warnings.warn(ArvoWarning(finding), stacklevel=2)
        return machine


def setup_arvo_machine(
    *,
    contracts: MachineContracts,
    actions: Mapping[str, Any] | None = None,
    guards: Mapping[str, Any] | None = None,
    delays: Mapping[str, Any] | None = None,
    actors: Mapping[str, Any] | None = None,
    allow_delays: bool = True,
    check_purity: bool = False,
    context: type[BaseModel] | None = None,
    strict: bool = True,
    max_microsteps: int | None = None,
    events: Iterable[str] = (),
) -> ArvoMachineSetup:
    """Prepare to create machines: bind contracts, and name the actions, guards and delays that configs use.

    Args:
        contracts: `{"self": version of an orchestrator contract, "services": {name: version of a contract}}`.
        actions: Implementations of the actions that a config refers to by name.
        guards: Implementations of the guards that a config refers to by name.
        delays: Named delays: milliseconds, `timedelta`, texts such as `"5 minutes"` or `"PT5M"`, or callables that
            compute one of these.
        actors: Always refused: Arvo's machines call services through events.
        allow_delays: False is Arvo's own rule, neither `delays` nor `after`, with what its check overlooks: an
            `invoke` of the root, or an empty one, is left out with a warning instead of being refused.
        check_purity: Compute each step twice, and fail with a `PurityError` that names the callable where both
            differ: it has read a clock, drawn a random number, or changed what it was given. For tests and
            development; a step takes more than twice the time.
        context: The pydantic model of the context: each `assign` is validated, and records have the model's JSON.
        strict: False tolerates what XState tolerates although it cannot work, such as unknown keys and actions.
        max_microsteps: How many microsteps one event may take before it is taken for an endless loop. Unset: what
            a config says as XState's `options: {maxIterations}`, or 1000.
        events: Types of events beyond the contracts: those that the machine emits without one, and those that it
            raises where its code does not show it. They are no mistake, then.

    Raises:
        ConfigViolation: Something of this is what Arvo refuses.
    """
    check_contracts(contracts, _OWNER, versioned=True)
    for argument, given in (("actions", actions), ("guards", guards), ("delays", delays)):
        check_named(given, argument, _OWNER)
    check_types(events, _OWNER)
    if actors is not None:
        raise ConfigViolation(
            "Configuration Error: 'actors' are not supported in Arvo machines. To fix: remove 'actors' and "
            "call services by emitting events."
        )
    if delays is not None and not allow_delays:
        raise ConfigViolation(
            "Configuration Error: 'delays' are not supported with allow_delays=False. To fix: remove 'delays' "
            "or allow them."
        )
    if actions is not None and ENQUEUE_ACTION in actions:
        raise ConfigViolation(
            f"Configuration Error: '{ENQUEUE_ACTION}' is the name of Arvo's own action. To fix: rename yours."
        )
    check_services(contracts["self"].uri, contracts["services"], _OWNER)
    return ArvoMachineSetup(
        contracts=contracts,
        actions={**(actions or {}), ENQUEUE_ACTION: emit(_enqueue)},
        guards=guards or {},
        delays=delays or {},
        allow_delays=allow_delays,
        check_purity=check_purity,
        context=context,
        strict=strict,
        max_microsteps=max_microsteps,
        events=frozenset(events),
    )


def require_machines(machines: Any) -> None:
    """Check what is given as the machines of an orchestrator.

    Raises:
        ConfigViolation: It is no list, or one of them is no machine.
    """
    place = "create_arvo_orchestrator(machines=...)"
    if isinstance(machines, ArvoMachine):
        raise ConfigViolation(f"{place} takes a list. To fix: write machines=[machine].")
    if isinstance(machines, str | Mapping) or not isinstance(machines, Sequence):
        raise ConfigViolation(f"{place} is {described(machines)}. To fix: give a list of machines.")
    for index, machine in enumerate(machines):
        if not isinstance(machine, ArvoMachine):
            raise ConfigViolation(f"{place}: [{index}] is {described(machine)}. To fix: {_machine_cure(machine)}.")


def _machine_cure(given: object) -> str:
    if isinstance(given, ArvoMachineSetup):
        return "call its create_machine(config), and give the machine"
    if isinstance(given, StateMachine):
        return "make it by setup_arvo_machine(contracts=...).create_machine(config), which binds it to contracts"
    return "give what setup_arvo_machine(contracts=...).create_machine(config) returns"


def enqueue_arvo_event(event: Mapping[str, Any] | Callable[..., Mapping[str, Any]]) -> dict[str, Any]:
    """Action that sends an event after all those of `emit` in the same step.

    Args:
        event: The event to send, in the form that `emit` takes, or a callable that returns it.
    """
    return {"type": ENQUEUE_ACTION, "params": event}


class QueuedEvent(dict[str, Any]):
    """An emitted event that is to be sent after those of `emit`."""


def _enqueue(params: Mapping[str, Any]) -> QueuedEvent:
    return QueuedEvent(params)


def _with_text_keys(member: object) -> object:
    """A part of a config in which no key is a `timedelta`, as delays may be, since JSON has none."""
    if isinstance(member, Mapping):
        return {_key(key): _with_text_keys(inner) for key, inner in member.items()}
    if isinstance(member, list | tuple):
        return [_with_text_keys(inner) for inner in member]
    return member


def _key(key: object) -> Any:
    return milliseconds(key) if isinstance(key, timedelta) else key


def _described(member: object) -> object:
    if isinstance(member, timedelta):
        return to_jsonable_python(member)
    describe = getattr(member, "to_json", None)
    return describe() if callable(describe) else {"type": getattr(member, "__name__", type(member).__name__)}
