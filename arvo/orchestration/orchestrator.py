"""Orchestrators: the machines of one contract, run event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from arvo.contracts import VersionedArvoContract
from arvo.errors import ConfigViolation
from arvo.events import ArvoEvent, Domains
from arvo.handling import ORCHESTRATOR, ExecutionResult
from arvo.orchestration.admission import Admitted, Ignored, admit, read_address
from arvo.orchestration.engine import IMachineExecutionEngine, MachineExecution, MachineExecutionEngine
from arvo.orchestration.given import check_instance
from arvo.orchestration.machine import ArvoMachine, require_machines
from arvo.orchestration.memory import IMachineMemory, MachineMemoryRecord, SimpleMachineMemory, stored_object
from arvo.orchestration.orchestration import EventEmissionDomains, Orchestration, Outcome
from arvo.orchestration.own_code import at_once
from arvo.orchestration.registry import IMachineRegistry, MachineRegistry
from arvo.orchestration.step import OrchestrationStep
from arvo.orchestration.validation import AcceptedInput, ContractMatch, match_contract
from arvo.statechart import Schedule

Step: TypeAlias = OrchestrationStep[MachineMemoryRecord]


class ArvoOrchestrator(Orchestration[MachineMemoryRecord, ArvoMachine]):
    """An orchestrator whose logic is a machine for each version of its contract.

    Attributes:
        registry: The machines.
        execution_engine: What runs them.
    """

    _kind = ORCHESTRATOR

    def __init__(
        self,
        *,
        executionunits: float,
        memory: IMachineMemory,
        registry: IMachineRegistry,
        execution_engine: IMachineExecutionEngine,
        requires_resource_locking: bool,
        system_error_domain: Domains | None = None,
        default_event_emission_domains: EventEmissionDomains | None = None,
    ) -> None:
        super().__init__(
            executionunits=executionunits,
            memory=memory,
            requires_resource_locking=requires_resource_locking,
            system_error_domain=system_error_domain,
            default_event_emission_domains=default_event_emission_domains,
        )
        self.registry = registry
        self.execution_engine = execution_engine

    @cached_property
    def self_contract(self) -> VersionedArvoContract:
        """The own contract, in the version of the first machine."""
        return self.registry.machines[0].contracts["self"]

    @property
    def machines(self) -> tuple[ArvoMachine, ...]:
        """The own machines: those of the registry that have the source of this orchestrator."""
        return tuple(machine for machine in self.registry.machines if machine.source == self.source)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the own contract that there is a machine for."""
        return tuple(machine.version for machine in self.machines)

    def machine(self, version: str) -> ArvoMachine | None:
        """Return the machine of a version; None if there is none."""
        return next((machine for machine in self.machines if machine.version == version), None)

    def contract(self, version: str) -> VersionedArvoContract:
        """Return the own contract in one of `versions`."""
        return self._machine(version).contracts["self"]

    def inputs(self, version: str) -> Mapping[str, AcceptedInput]:
        """Return what the machine of one of `versions` takes, by event type."""
        return self._machine(version).inputs

    def fire(self, delayed: Schedule, cause_id: str, record: MachineMemoryRecord) -> Step:
        """What a delayed event that has come due does to an orchestration; as pure as `step`, and traced.

        The events produced answer the last event that was consumed: its id is their `parentid`.

        Args:
            delayed: The effect that scheduled the event.
            cause_id: Name of this firing, used for no other one of the orchestration: the ids of the events
                produced follow from it.
            record: The record after the last event.

        Raises:
            ContractViolation: An event that is to be sent does not fit its contract.
            ConfigViolation: No machine fits the orchestration.
            ExecutionViolation: The subject of a nested orchestration is malformed, a delay is no number or over 100
                years, or the record is damaged.
        """
        consumed = stored_object(record, "events").get("consumed") if record.get("status") == "active" else None
        if consumed is None:
            return OrchestrationStep(None)
        event = ArvoEvent.from_json(consumed)
        admission = admit(read_address(event, self.source), record)
        if isinstance(admission, Ignored):
            return OrchestrationStep(None)
        with self._frame(event, trigger=str(delayed.event["type"])) as frame:
            firing = self._fire(delayed, event, record, admission)
            step = at_once(self._attempt(firing, event, admission, cause_id))
            frame.conclude(step)
            return step

    async def execute_delayed(self, delayed: Schedule, cause_id: str, event: ArvoEvent) -> ExecutionResult:
        """Let a delayed event that has come due happen: `fire` under lock, between reading and writing.

        Args:
            delayed: The effect that scheduled the event.
            cause_id: Name of this firing, used for no other one of the orchestration.
            event: The event in whose step it was scheduled.

        Raises:
            ViolationError: As `execute` does.
        """

        async def work(record: MachineMemoryRecord | None) -> Step:
            return OrchestrationStep(None) if record is None else self.fire(delayed, cause_id, record)

        step = await self._transaction(event).run(work)
        return ExecutionResult(list(step.events), step.timers)

    def _machine(self, version: str) -> ArvoMachine:
        found = self.machine(version)
        assert found is not None, "asked for one of its versions"
        return found

    def _resolve(self, event: ArvoEvent, admitted: Admitted) -> ArvoMachine:
        return self.registry.resolve(event)

    def _match(self, event: ArvoEvent, logic: ArvoMachine) -> ContractMatch:
        return match_contract(event, logic.inputs)

    async def _run(
        self, logic: ArvoMachine, event: ArvoEvent, record: MachineMemoryRecord | None, admitted: Admitted
    ) -> Step:
        state = None if record is None else stored_object(record, "state")
        return self._conclude(logic, self.execution_engine.execute(logic, state, event), event, admitted)

    async def _fire(self, delayed: Schedule, event: ArvoEvent, record: MachineMemoryRecord, admitted: Admitted) -> Step:
        machine = self.registry.resolve(event)
        execution = self.execution_engine.execute(machine, stored_object(record, "state"), delayed.event)
        return self._conclude(machine, execution, event, admitted)

    def _conclude(
        self, machine: ArvoMachine, execution: MachineExecution, event: ArvoEvent, admitted: Admitted
    ) -> Step:
        state = execution.state
        outcome = Outcome(
            status=state["status"],
            emissions=execution.events,
            output=execution.final_output,
            contract=machine.contracts["self"],
            services=machine.services_by_type,
        )
        events = self._emit(outcome, event, admitted)
        record: MachineMemoryRecord = {
            "executionStatus": "normal",
            "initEventId": admitted.init_event_id,
            "subject": event.subject,
            "parentSubject": admitted.parent_subject,
            "status": state["status"],
            "value": state.get("value"),
            "state": state,
            "events": {"consumed": event.to_json(), "produced": [produced.to_json() for produced in events]},
            "machineDefinition": machine.definition,
        }
        return OrchestrationStep(record, events, execution.timers, execution.handled)


def create_arvo_orchestrator(
    *,
    executionunits: float,
    machines: Sequence[ArvoMachine],
    memory: IMachineMemory | None = None,
    system_error_domain: Domains | None = None,
    default_event_emission_domains: EventEmissionDomains | None = None,
    requires_resource_locking: bool | None = None,
) -> ArvoOrchestrator:
    """Create an orchestrator from the machines of one contract, one for each version.

    Args:
        executionunits: Cost of one step, written on every event produced.
        machines: At least one machine; all have the same source, each another version.
        memory: Where `execute` keeps the state of orchestrations; by default within this process.
        system_error_domain: Where failures are reported. Unset: to the domain of the event, that of the own
            contract, the local one, and that of the parent's subject, each once. Members of `ArvoDomain` are resolved.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
        requires_resource_locking: Whether to lock a subject while one of its events is processed. Unset: if a
            machine has a parallel state or a service that answers with one of several events.

    Raises:
        ValueError: There are no machines.
        ConfigViolation: Machines differ in their source, or share a version, or something is no machine.
    """
    require_machines(machines)
    check_instance(memory, "memory", "create_arvo_orchestrator")
    _check_machines(machines)
    if requires_resource_locking is None:
        requires_resource_locking = any(machine.requires_resource_locking for machine in machines)
    return ArvoOrchestrator(
        executionunits=executionunits,
        memory=SimpleMachineMemory() if memory is None else memory,
        registry=MachineRegistry(*machines),
        execution_engine=MachineExecutionEngine(),
        requires_resource_locking=requires_resource_locking,
        system_error_domain=system_error_domain,
        default_event_emission_domains=default_event_emission_domains,
    )


def _check_machines(machines: Sequence[ArvoMachine]) -> None:
    """Refuse machines that are not versions of one contract.

    Raises:
        ConfigViolation: Names the machines concerned.
    """
    by_version: dict[str, ArvoMachine] = {}
    for machine in machines:
        first = machines[0]
        if machine.source != first.source:
            raise ConfigViolation(
                f"All machines of an orchestrator must have the same source: machine '{machine.id}' has "
                f"'{machine.source}', '{first.id}' has '{first.source}'. To fix: make an orchestrator of each."
            )
        if machine.version in by_version:
            raise ConfigViolation(
                f"An orchestrator must have unique machine versions: machine '{machine.id}' has the version "
                f"{machine.version} of '{by_version[machine.version].id}'. To fix: give one of them another version "
                f"of the contract."
            )
        by_version[machine.version] = machine
