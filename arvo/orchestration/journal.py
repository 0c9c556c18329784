"""What the trace of an orchestration tells of each stage: every line of log that it has is worded here.

The lines go on the innermost of Arvo's own spans. Their order and severities are those of the TypeScript packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arvo.contracts import VersionedArvoContract
from arvo.events import ArvoEvent, SubjectOrchestrator
from arvo.handling import SUBJECT_NAME, SUBJECT_VERSION, ExecutionKind
from arvo.orchestration.admission import Address, Admission, Admitted, Ignored
from arvo.orchestration.machine import ArvoMachine
from arvo.orchestration.validation import ContractMatch
from arvo.telemetry import ActiveSpan, is_logging, log, set_attributes


def started() -> None:
    """An event has come, and its subject is read."""
    if is_logging():
        log("INFO", "Starting execution")
        log("INFO", "Validating the subject")


def admission_decided(address: Address, admission: Admission) -> None:
    """It is known whether the event concerns the orchestration."""
    if not is_logging():
        return
    if isinstance(admission, Admitted):
        log("INFO", "Initializing a new orchestration" if admission.begins else "Resuming the orchestration")
    elif admission is Ignored.NOT_BEGUN:
        log("INFO", "Initializing a new orchestration")
        log("WARNING", f"An orchestration begins with '{address.source}', not with '{address.event.type}'")
    elif admission is Ignored.FOREIGN:
        log("WARNING", f"The subject is one of '{address.subject.orchestrator.name}', not of '{address.source}'")
    else:
        log("WARNING", failed_before(address.event))


def failed_before(event: ArvoEvent) -> str:
    """Return why an event for an orchestration that has failed is ignored."""
    return f"The orchestration has failed in a previous event. Ignoring event id: {event.id}"


def lock_wanted(required: bool) -> None:
    """The lock is about to be taken, if one is required."""
    log("INFO", "Acquiring the lock" if required else "No lock is required")


def record_wanted(locked: bool) -> None:
    """The record is about to be read."""
    if locked:
        log("INFO", "Lock acquired")
    log("INFO", "Reading the state")


def lock_left(held: bool, problem: Exception | None) -> None:
    """The orchestration is free for the next event."""
    if problem is not None:
        log("ERROR", f"The lock cannot be released: {problem}")
    else:
        log("INFO", "Lock released" if held else "There is no lock to release")


def logic_wanted(kind: ExecutionKind) -> None:
    """The machine or function of the subject's version is looked for."""
    if is_logging():
        log("INFO", f"Resolving the {kind.logic}")


def machine_resolved(
    span: ActiveSpan, event: ArvoEvent | str, orchestrator: SubjectOrchestrator, machine: ArvoMachine | None
) -> None:
    """A machine was looked for, in a span of its own."""
    if not span.is_recording:
        return
    described = event.otel_attributes if isinstance(event, ArvoEvent) else {}
    span.set_attributes({**described, SUBJECT_NAME: orchestrator.name, SUBJECT_VERSION: orchestrator.version})
    if machine is None:
        log("WARNING", f"There is no machine for {orchestrator.name}@{orchestrator.version}")
    else:
        log("INFO", f"Resolved machine '{machine.id}'")


def validation_begun() -> None:
    """The event is about to be checked against its contract."""
    log("INFO", "Validating the event")


def contract_looked_up(event: ArvoEvent, match: ContractMatch) -> None:
    """It is known which contract the event has to fit."""
    if not is_logging():
        return
    if match.named is None:
        log("ERROR", f"Unable to parse dataschema '{event.dataschema}'")
        log("WARNING", "Without its dataschema the contract of the event cannot be resolved")
    elif match.accepted is None:
        log("WARNING", f"No contract has the type '{event.type}'")
    else:
        log("INFO", f"Dataschema resolved: '{match.accepted.contract.dataschema}'")


def machine_entered(
    span: ActiveSpan, machine: ArvoMachine, state: Mapping[str, Any] | None, event: ArvoEvent | Mapping[str, Any]
) -> None:
    """A machine is about to take an event, in a span of its own."""
    if not span.is_recording:
        return
    described = event.otel_attributes if isinstance(event, ArvoEvent) else {}
    span.set_attributes({**described, "arvo.machine.type": machine.source, "arvo.machine.version": machine.version})
    log("INFO", f"Machine '{machine.id}' is {'started' if state is None else 'resumed'}")
    log("INFO", "The machine takes the event")
    log("INFO", "The snapshot of the machine is extracted when it is at rest")


def logic_run(kind: ExecutionKind, status: str, emissions: int) -> None:
    """The machine or function is through with the event."""
    if not is_logging():
        return
    if kind.shows_status:
        set_attributes({"arvo.orchestration.status": status})
    log("INFO", f"The {kind.logic} is {status}, with {emissions} events to send")


def event_wanted(type_: Any, contract: VersionedArvoContract | None) -> None:
    """An event is about to be created."""
    if not is_logging():
        return
    log("INFO", f"Creating event '{type_}'")
    if contract is not None:
        log("INFO", f"Its contract is '{contract.dataschema}'")


def event_created(event: ArvoEvent) -> None:
    """An event is ready to be sent."""
    if is_logging():
        log("INFO", f"Created event '{event.id}'")


def storing_begun() -> None:
    """The record is about to be written."""
    log("INFO", "Persisting the state")


def step_stored(events: int, error: Exception | None, unstored: Exception | None) -> None:
    """The record is written, or that of a failure could not be."""
    if not is_logging():
        return
    if unstored is not None:
        log("CRITICAL", f"The failure cannot be stored: {unstored}")
    if error is not None:
        log("ERROR", f"Execution failed: {error}")
        return
    log("INFO", "State persisted")
    log("INFO", "Execution completed")
    log("INFO", f"{events} events are emitted")


def ignored() -> None:
    """Nothing has come of the event."""
    log("INFO", "Nothing is emitted")
