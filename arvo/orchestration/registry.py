"""Finds the machine that runs an orchestration."""

from __future__ import annotations

from typing import Protocol

from arvo.errors import ConfigViolation
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import journal
from arvo.orchestration.machine import ArvoMachine
from arvo.telemetry import open_span


class IMachineRegistry(Protocol):
    """Machines of one orchestrator, one for each version."""

    @property
    def machines(self) -> tuple[ArvoMachine, ...]:
        """All machines, in the order in which they were given."""

    def resolve(self, event: ArvoEvent | str, /) -> ArvoMachine:
        """The machine for an event or a subject.

        Raises:
            ConfigViolation: There is none.
        """


class MachineRegistry:
    """Machines of one orchestrator, found by the version that a subject names."""

    def __init__(self, *machines: ArvoMachine) -> None:
        """Register machines.

        Raises:
            ValueError: No machine is given.
            ConfigViolation: Two machines have different sources, or the same version.
        """
        if not machines:
            raise ValueError("At least one machine must be provided: an orchestrator has one for each version.")
        self.machines = machines
        self._by_version: dict[str, ArvoMachine] = {}
        for machine in machines:
            self._add(machine)

    @property
    def source(self) -> str:
        """Event type that starts these machines."""
        return self.machines[0].source

    def resolve(self, event: ArvoEvent | str, /) -> ArvoMachine:
        """The machine with exactly the name and version in the subject.

        Raises:
            ConfigViolation: No machine has them; the wildcard version 0.0.0 matches none.
        """
        subject = event if isinstance(event, str) else event.subject
        orchestrator = ArvoOrchestrationSubject.parse(subject).orchestrator
        with open_span("Resolve Machine") as span:
            machine = self._by_version.get(orchestrator.version) if orchestrator.name == self.source else None
            journal.machine_resolved(span, event, orchestrator, machine)
        if machine is None:
            raise ConfigViolation(
                f"Machine resolution failed: no machine found matching orchestrator "
                f"name='{orchestrator.name}' and version='{orchestrator.version}'; registered are "
                f"'{self.source}' in {', '.join(self._by_version)}. To fix: register a machine of this version."
            )
        return machine

    def _add(self, machine: ArvoMachine) -> None:
        if machine.source != self.source:
            raise ConfigViolation(
                f"All machines of an orchestrator must have the same source: machine '{machine.id}' has "
                f"'{machine.source}', '{self.machines[0].id}' has '{self.source}'."
            )
        if machine.version in self._by_version:
            raise ConfigViolation(
                f"An orchestrator must have unique machine versions: machine '{machine.id}' has the version "
                f"{machine.version} of '{self._by_version[machine.version].id}'."
            )
        self._by_version[machine.version] = machine
