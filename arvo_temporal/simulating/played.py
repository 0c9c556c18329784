"""What is played: a machine in a file, or one of an app, and the events that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from arvo.contracts import PARENT_SUBJECT, create_arvo_orchestrator_event_factory
from arvo.errors import ArvoError, ConfigViolation
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine
from arvo.statechart import StateMachine
from arvo_temporal.explaining import event_for
from arvo_temporal.simulating.exported import Choice, exported_machine


class Played(Protocol):
    """A machine that is played.

    Attributes:
        machine: The machine.
        input: What it begins with.
    """

    machine: StateMachine[Any]
    input: Any

    def event(self, type_: str, data: Mapping[str, Any]) -> Any:
        """Make an event of a type with some data.

        Raises:
            ArvoError: No contract takes it.
        """


class PlayedFile:
    """A machine of JSON. Its events have what is given beside their type.

    Args:
        text: The JSON.
        name: The name of its file.
        choose: Says whether a guard passes.
        data: What it begins with.
    """

    def __init__(self, text: str, name: str, choose: Choice, data: Mapping[str, Any] | None) -> None:
        self.machine = exported_machine(text, name, choose)
        self.input: Any = data

    def event(self, type_: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """See `Played.event`."""
        return {**data, "type": type_}


class PlayedMachine:
    """A machine of an app, with its guards and actions. Its events are those of its contracts.

    Args:
        machine: The machine.
        data: The data of the init event.

    Raises:
        ConfigViolation: The data does not fit the contract.
    """

    def __init__(self, machine: ArvoMachine, data: Mapping[str, Any] | None) -> None:
        self.machine = machine.logic
        self._arvo = machine
        self.input: ArvoEvent = self._init(data)

    def event(self, type_: str, data: Mapping[str, Any]) -> ArvoEvent:
        """See `Played.event`."""
        event = event_for(self.input.subject, self._arvo.source, type_, self._arvo.inputs.get(type_), data)
        if (refusal := self._arvo.validate_input(event).error) is not None:
            raise refusal
        return event

    def _init(self, data: Mapping[str, Any] | None) -> ArvoEvent:
        factory = create_arvo_orchestrator_event_factory(self._arvo.contracts["self"])
        try:
            return factory.init(source="com.arvo.simulation", data={PARENT_SUBJECT: None, **(data or {})})
        except ArvoError as error:
            raise ConfigViolation(f"{error} Give the data of the init event: --input '{{...}}'.") from error
