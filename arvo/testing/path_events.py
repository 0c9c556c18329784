"""The events that paths through an ArvoMachine are made of: from data that is given, or made up from the contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from arvo.contracts import (
    PARENT_SUBJECT,
    SYSTEM_ERROR_SCHEMA,
    VersionedArvoContract,
    create_arvo_event_factory,
    create_arvo_orchestrator_event_factory,
)
from arvo.errors import nearest
from arvo.events import ArvoEvent
from arvo.orchestration import ArvoMachine
from arvo.wire import PayloadSchema, is_system_error_type

Cases: TypeAlias = Mapping[str, Sequence[Any]]
"""Data of the events to try, by their type."""

SOURCE: Final = "com.arvo.paths"
"""Who starts the orchestrations."""
_EXECUTION: Final = "arvo-paths"
_MADE_UP: Final = 4
"""How many events of a type are made up at most."""


@dataclass(eq=False)
class PathEvents:
    """Events to try on a machine.

    Attributes:
        machine: The machine.
        given: Data by type; for the types that are not in it, data is made up.
        inits: The events that start it.
        answers: The events that it is sent then.
        without_data: Types for which no data could be made up.

    Raises:
        ValueError: On creation: data is given for a type that no contract of the machine has.
        InvalidPayloadError: On creation: data that is given does not fit.
    """

    machine: ArvoMachine
    given: Cases
    inits: list[ArvoEvent] = field(default_factory=list)
    answers: list[ArvoEvent] = field(default_factory=list)
    without_data: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._refuse_unknown()
        factory = create_arvo_orchestrator_event_factory(self.machine.contracts["self"])
        for data in self._data(self.machine.source, factory.contract.accepts.schema):
            init = {PARENT_SUBJECT: None, **_plain(data)}
            self.inits.append(factory.init(source=SOURCE, data=init, execution_id=_EXECUTION))
        subject = self.inits[0].subject if self.inits else ""
        for type_, accepted in self.machine.inputs.items():
            if accepted.role == "service" and self.inits:
                for data in self._data(type_, accepted.schema):
                    self.answers.append(self._answer(type_, accepted.contract, subject, data))

    def label(self, event: Any) -> str:
        """Return the event as people read it: its type, with a number if it is not the first of several."""
        same = [one for one in (*self.inits, *self.answers) if one.type == event.type]
        place = next((place for place, one in enumerate(same, 1) if one is event), 1)
        return event.type if place == 1 else f"{event.type}#{place}"

    def _data(self, type_: str, schema: PayloadSchema[Any]) -> Sequence[Any]:
        if type_ in self.given:
            return self.given[type_]
        if is_system_error_type(type_):
            return [{"errorName": "Error", "errorMessage": "made up", "errorStack": None}]
        made_up = schema.examples(4 * _MADE_UP)
        if type_ == self.machine.source:
            made_up = [data for data in made_up if data.get(PARENT_SUBJECT) is None]
        made_up = made_up[:_MADE_UP]
        if not made_up:
            self.without_data.append(type_)
        return made_up

    def _answer(self, type_: str, contract: VersionedArvoContract, subject: str, data: Any) -> ArvoEvent:
        factory = create_arvo_event_factory(contract)
        source, to = contract.accepts.type, self.machine.source
        if is_system_error_type(type_):
            made = factory.system_error(source=source, error=RuntimeError("made up"), subject=subject, to=to)
            return replace(made, data=SYSTEM_ERROR_SCHEMA.validate(data))
        return factory.emits(type=type_, source=source, data=data, subject=subject, to=to)

    def _refuse_unknown(self) -> None:
        for type_ in self.given:
            if type_ not in self.machine.inputs:
                near = nearest(type_, self.machine.inputs)
                cure = f"write '{near}'" if near else f"it takes {', '.join(sorted(self.machine.inputs))}"
                raise ValueError(f"The machine '{self.machine.id}' takes no events '{type_}'. To fix: {cure}.")


def _plain(data: Any) -> dict[str, Any]:
    plain: Mapping[str, Any] = data if isinstance(data, Mapping) else data.model_dump(mode="json", by_alias=True)
    return dict(plain)
