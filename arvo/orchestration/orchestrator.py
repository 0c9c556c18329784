"""Orchestrators: the machines of one contract, run event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from opentelemetry import trace

from arvo.contracts import VersionedArvoContract
from arvo.errors import ViolationError
from arvo.events import ArvoEvent
from arvo.handling import ORCHESTRATOR, ExecutionResult, note_outcome, note_violation, reproducible
from arvo.orchestration.emission import build_events, completion
from arvo.orchestration.engine import IMachineExecutionEngine, MachineExecution, MachineExecutionEngine
from arvo.orchestration.machine import ArvoMachine
from arvo.orchestration.memory import (
    IMachineMemory,
    MachineMemoryRecord,
    SimpleMachineMemory,
    record_error,
    stored_object,
)
from arvo.orchestration.orchestration import Domains, EventEmissionDomains, Lineage, Orchestration, OrchestrationStep
from arvo.orchestration.registry import IMachineRegistry, MachineRegistry
from arvo.orchestration.validation import validate_input
from arvo.statechart import Schedule
from arvo.telemetry import is_on, log

Step: TypeAlias = OrchestrationStep[MachineMemoryRecord]


class ArvoOrchestrator(Orchestration[MachineMemoryRecord]):
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

    def fire(self, delayed: Schedule, cause_id: str, record: MachineMemoryRecord) -> Step:
        """What a delayed event that has come due does to an orchestration; as pure as `step`.

        The events produced answer the last event that was consumed: its id is their `parentid`.

        Args:
            delayed: The effect that scheduled the event.
            cause_id: Name of this firing, used for no other one of the orchestration: the ids of the events
                produced follow from it.
            record: The record after the last event.

        Raises:
            ContractViolation: An event that is to be sent does not fit its contract.
            ConfigViolation: No machine fits the orchestration.
            ExecutionViolation: The subject of a nested orchestration is malformed, or the record is damaged.
        """
        consumed = stored_object(record, "events").get("consumed") if record.get("status") == "active" else None
        if consumed is None:
            return OrchestrationStep(None)
        event = ArvoEvent.from_json(consumed)
        lineage = self._lineage(event, record)
        if lineage is None:
            return OrchestrationStep(None)
        lineage = replace(lineage, parent_subject=record.get("parentSubject"))
        with self._open_span(event, trigger=str(delayed.event["type"])) as span, reproducible(event.subject, cause_id):
            try:
                machine = self.registry.resolve(event)
                execution = self.execution_engine.execute(machine, stored_object(record, "state"), delayed.event)
                step = self._conclude(machine, execution, event, lineage)
            except ViolationError as error:
                note_violation(span, error)
                raise
            except Exception as error:
                step = self._fail(error, event, lineage)
            note_outcome(span, step.events, step.error)
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
        held = await self.resource.acquire(event)
        try:
            previous = await self.resource.read(event)
            step = OrchestrationStep(None) if previous is None else self.fire(delayed, cause_id, previous)
            await self._store(event, step, previous)
        finally:
            await self.resource.release(event, held=held)
        if step.unreported is not None:
            raise step.unreported
        return ExecutionResult(list(step.events), step.timers)

    def _advance(self, event: ArvoEvent, record: MachineMemoryRecord | None, lineage: Lineage) -> Step:
        log("INFO", "Resolving the machine")
        machine = self.registry.resolve(event)
        log("INFO", "Validating the event")
        validate_input(event, machine.inputs, "machine")
        state = None if record is None else stored_object(record, "state")
        execution = self.execution_engine.execute(machine, state, event)
        return self._conclude(machine, execution, event, lineage)

    def _conclude(self, machine: ArvoMachine, execution: MachineExecution, event: ArvoEvent, lineage: Lineage) -> Step:
        if is_on():
            trace.get_current_span().set_attribute("arvo.orchestration.status", execution.state["status"])
            log("INFO", f"The machine is {execution.state['status']}, with {len(execution.events)} events to send")
        context = self._emission_context(event, lineage, machine.contracts["self"], machine.services_by_type)
        emissions = execution.events
        if execution.final_output is not None:
            emissions = [*emissions, completion(execution.final_output, context)]
        events = tuple(build_events(emissions, context))
        state = execution.state
        record: MachineMemoryRecord = {
            "executionStatus": "normal",
            "initEventId": lineage.init_event_id,
            "subject": event.subject,
            "parentSubject": lineage.parent_subject,
            "status": state["status"],
            "value": state.get("value"),
            "state": state,
            "events": {"consumed": event.to_json(), "produced": [produced.to_json() for produced in events]},
            "machineDefinition": machine.definition,
        }
        return OrchestrationStep(record, events, execution.timers, execution.handled)

    def _failure_record(self, error: Exception, event: ArvoEvent) -> MachineMemoryRecord:
        return {"executionStatus": "failure", "subject": event.subject, "error": record_error(error)}


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
            contract, and the local one, each once. Members of `ArvoDomain` are resolved.
        default_event_emission_domains: Domains of events that name none; its `system_error` precedes
            `system_error_domain`.
        requires_resource_locking: Whether to lock a subject while one of its events is processed. Unset: if a
            machine has a parallel state or a service that answers with one of several events.

    Raises:
        ValueError: There are no machines.
        ConfigViolation: Machines differ in their source, or share a version.
    """
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
