"""Finds the machine that runs an orchestration."""

from __future__ import annotations

from typing import Protocol

from arvo.errors import ConfigViolation
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.orchestration import journal
from arvo.orchestration.machine import ArvoMachine
from arvo.telemetry import open_span


class IMachineRegistry(Protocol):
    """Machines of one orchestrator or of several, found by name and version."""

    @property
    def machines(self) -> tuple[ArvoMachine, ...]:
        """All machines, in the order in which they were given."""

    def resolve(self, event: ArvoEvent | str, /) -> ArvoMachine:
        """The machine for an event or a subject.

        Raises:
            ConfigViolation: There is none.
        """


class MachineRegistry:
    """Machines, found by the orchestrator and version that a subject names.

    Those of several orchestrators may share one; that an orchestrator has one source, and each version once, is the
    rule of `create_arvo_orchestrator`.
    """

    def __init__(self, *machines: ArvoMachine) -> None:
        """Register machines; of two with the same source and version the first one is found.

        Raises:
            ValueError: No machine is given.
        """
        if not machines:
            raise ValueError("At least one machine must be provided: an orchestrator has one for each version.")
        self.machines = machines
        self._by_name: dict[tuple[str, str], ArvoMachine] = {}
        for machine in machines:
            self._by_name.setdefault((machine.source, machine.version), machine)

    def resolve(self, event: ArvoEvent | str, /) -> ArvoMachine:
        """The machine with exactly the name and version in the subject.

        Raises:
            ConfigViolation: No machine has them; the wildcard version 0.0.0 matches none.
        """
        subject = event if isinstance(event, str) else event.subject
        orchestrator = ArvoOrchestrationSubject.parse(subject).orchestrator
        with open_span("Resolve Machine") as span:
            machine = self._by_name.get((orchestrator.name, orchestrator.version))
            journal.machine_resolved(span, event, orchestrator, machine)
        if machine is None:
            registered = ", ".join(f"'{name}' at {version}" for name, version in self._by_name)
            raise ConfigViolation(
                f"Machine resolution failed: no machine found matching orchestrator "
                f"name='{orchestrator.name}' and version='{orchestrator.version}'; registered are {registered}. "
                f"To fix: register a machine of this name and version."
            )
        return machine
