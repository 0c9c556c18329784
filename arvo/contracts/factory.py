"""Factories: events that follow a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from arvo.contracts.model import ArvoContract, VersionedArvoContract
from arvo.contracts.system_error import describe_error
from arvo.errors import (
    InvalidContractError,
    InvalidEventError,
    InvalidPayloadError,
    InvalidSubjectError,
    UnknownEventTypeError,
    described,
    nearest,
    shorten,
)
from arvo.events import ArvoEvent, ArvoOrchestrationSubject, EventIdSpec, ExtensionValue, create_arvo_event
from arvo.telemetry import ActiveSpan, TraceHeaders, open_factory_span
from arvo.wire import PayloadSchema, build_dataschema, is_event_type


class EventFields(TypedDict, total=False):
    """Fields of an event that a factory passes on as they are; see `create_arvo_event`."""

    id: str | EventIdSpec | None
    time: str | None
    to: str | None
    accesscontrol: str | None
    redirectto: str | None
    executionunits: float | None
    traceparent: str | None
    tracestate: str | None
    parentid: str | None
    domain: str | None
    extensions: Mapping[str, ExtensionValue] | None


class ArvoEventFactory:
    """Creates the events of one version of a contract.

    Data is checked, and what is sent is the checked data: unknown keys dropped, defaults filled in. Without a
    subject an event gets a new one of its own, and then its source must be a three-part name.

    Attributes:
        contract: The contract version.
    """

    _name = "EventFactory"

    def __init__(self, contract: VersionedArvoContract) -> None:
        _require_version(contract)
        self.contract = contract

    def accepts(
        self, *, source: str, data: Any, subject: str | None = None, **fields: Unpack[EventFields]
    ) -> ArvoEvent:
        """Create the event that the contract's service accepts.

        Raises:
            InvalidPayloadError: The data does not fit the contract.
            InvalidSubjectError: No subject is given and none can be made.
            InvalidEventError: A field breaks its rule.
        """
        accepts = self.contract.accepts
        with self._span(f"{self._name}.accepts<{accepts.type}>") as span:
            checked = self._checked(accepts.schema, data, accepts.type)
            return self._create(span, accepts.type, source, subject, checked, fields)

    def emits(
        self, *, type: str, source: str, data: Any, subject: str | None = None, **fields: Unpack[EventFields]
    ) -> ArvoEvent:
        """Create one of the events that the contract's service emits.

        Raises:
            UnknownEventTypeError: The contract emits no such type.
            InvalidPayloadError: The data does not fit the contract.
            InvalidSubjectError: No subject is given and none can be made.
            InvalidEventError: A field breaks its rule.
        """
        with self._span(f"{self._name}.emits<{type}>") as span:
            checked = self._checked(self._emitted(type), data, type)
            return self._create(span, type, source, subject, checked, fields)

    def answer(
        self, request: ArvoEvent, *, data: Any, type: str | None = None, **fields: Unpack[EventFields]
    ) -> ArvoEvent:
        """Create the event with which the contract's service answers a request.

        Source, subject, receiver, parent, access control and trace follow from the request, as a handler's do.

        Args:
            request: The event that the service was sent.
            data: Payload.
            type: Type of the answer; not needed where the service has only one.
            **fields: What is to be otherwise; see `create_arvo_event`.

        Raises:
            UnknownEventTypeError: The contract emits no such type, or several and none is named.
            InvalidPayloadError: The data does not fit the contract.
            InvalidEventError: A field breaks its rule, or the request is none of this contract.
        """
        if request.type != self.contract.accepts.type:
            raise InvalidEventError(
                f"The event '{request.type}' is no request to '{self.contract.accepts.type}' (contract "
                f"'{self.contract.uri}'). To fix: answer it by the factory of its own contract."
            )
        said: EventFields = {
            "to": request.redirectto or request.source,
            "parentid": request.id,
            "accesscontrol": request.accesscontrol,
            "traceparent": request.traceparent,
            "tracestate": request.tracestate,
        }
        said.update(fields)
        return self.emits(
            type=self._only_type() if type is None else type,
            source=self.contract.accepts.type,
            subject=request.subject,
            data=data,
            **said,
        )

    def _only_type(self) -> str:
        types = list(self.contract.emits)
        if len(types) != 1:
            raise UnknownEventTypeError(
                f"The contract '{self.contract.uri}' at {self.contract.version} emits {', '.join(types) or 'nothing'}: "
                "say which of them answers, with type=."
            )
        return types[0]

    def system_error(
        self, *, source: str, error: BaseException, subject: str | None = None, **fields: Unpack[EventFields]
    ) -> ArvoEvent:
        """Create the event that tells of a failure of the contract's service.

        Raises:
            InvalidSubjectError: No subject is given and none can be made.
            InvalidEventError: A field breaks its rule.
        """
        type_ = self.contract.system_error.type
        dataschema = build_dataschema(self.contract.uri)
        with self._span(f"{self._name}.systemError<{type_}>") as span:
            return self._create(span, type_, source, subject, describe_error(error), fields, dataschema)

    def _span(self, name: str) -> ActiveSpan:
        return open_factory_span(name, uri=self.contract.uri, version=self.contract.version)

    def _emitted(self, type_: str) -> PayloadSchema[Any]:
        schema = self.contract.emits.get(type_)
        if schema is None:
            raise UnknownEventTypeError(
                f"The contract '{self.contract.uri}' at {self.contract.version} emits no '{type_}'. It emits: "
                f"{', '.join(self.contract.emits) or 'nothing'}."
            )
        return schema

    def _checked(self, schema: PayloadSchema[Any], data: Any, type_: str) -> Any:
        try:
            return schema.validate(data)
        except InvalidPayloadError as error:
            raise InvalidPayloadError(f"Event '{type_}': {error}", paths=error.paths) from error

    def _create(
        self,
        span: ActiveSpan,
        type_: str,
        source: str,
        subject: str | None,
        data: Any,
        fields: EventFields,
        dataschema: str | None = None,
    ) -> ArvoEvent:
        event = create_arvo_event(
            type=type_,
            source=source,
            subject=self._new_subject(type_, source, fields) if subject is None else subject,
            data=data,
            dataschema=dataschema or self.contract.dataschema,
            telemetry=False,
            **_continued(fields, span.headers()),
        )
        span.describe_event(event)
        return event

    def _new_subject(self, type_: str, source: str, fields: EventFields, execution_id: str | None = None) -> str:
        redirectto = fields.get("redirectto")
        if not isinstance(source, str) or not is_event_type(source):
            raise InvalidSubjectError(
                f"Event '{type_}': source={shorten(source)} has to be a name of three or more parts of a-z and 0-9, "
                "such as 'com.shop.web', because it is the initiator in the new subject. To fix: write such a source, "
                "or give subject=.",
                reason="schema",
                paths=["source"],
            )
        return ArvoOrchestrationSubject.new(
            orchestrator=type_,
            version=self.contract.version,
            initiator=source,
            domain=fields.get("domain"),
            meta={"redirectto": redirectto} if redirectto else None,
            execution_id=execution_id,
        )


def create_arvo_event_factory(contract: VersionedArvoContract) -> ArvoEventFactory:
    """Return the factory for the events of a contract version."""
    return ArvoEventFactory(contract)


def _require_version(contract: object) -> None:
    if isinstance(contract, ArvoContract):
        raise InvalidContractError(
            f"A factory makes the events of one version: write contract.version('{contract.sorted_versions[-1]}') "
            f"of the contract '{contract.uri}'.",
            reason="invalid-field",
        )
    if not isinstance(contract, VersionedArvoContract):
        raise InvalidContractError(
            f"A factory takes a version of a contract, not {described(contract)}: write contract.version('1.0.0').",
            reason="invalid-field",
        )


def _continued(fields: EventFields, headers: TraceHeaders) -> EventFields:
    if unknown := fields.keys() - EventFields.__annotations__.keys():
        near = nearest(min(unknown), EventFields.__annotations__)
        cure = f"write {near!r}" if near else "leave it out: it follows from the contract"
        raise TypeError(f"A factory does not take the field {min(unknown)!r}. To fix: {cure}.")
    continued = fields.copy()
    if continued.get("traceparent") is None:
        continued["traceparent"] = headers.traceparent
    if continued.get("tracestate") is None:
        continued["tracestate"] = headers.tracestate
    return continued
