"""The event that everything in Arvo consumes and produces: a CloudEvent with Arvo's extensions."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PrivateAttr
from pydantic_core import CoreSchema, core_schema

from arvo.errors import InvalidEventError, InvalidUriError
from arvo.events.event_id import EventIdSpec, create_arvo_event_id
from arvo.events.fields import (
    ARVO_CONTENT_TYPE,
    ARVO_FIELDS,
    CONTEXT_FIELDS,
    NULLABLE_FIELDS,
    TRACE_FIELDS,
    are_usual,
    check_data,
    check_extensions,
    check_group,
)
from arvo.surroundings import current
from arvo.telemetry import TraceHeaders, is_on, open_span
from arvo.wire import JsonError, JsonObject, PayloadSchema, encode_uri, read_json, to_plain_json, write_json

_FIRST_FIELDS: Final = (*CONTEXT_FIELDS[:7], "data", "time")
_LAST_FIELDS: Final = (
    "to",
    "accesscontrol",
    "redirectto",
    "executionunits",
    "traceparent",
    "tracestate",
    "parentid",
    "domain",
)
_FIELDS: Final = frozenset((*_FIRST_FIELDS, *_LAST_FIELDS))
_MODEL_FIELDS: Final = {*_FIELDS, "extensions"}
_DEFAULTS: Final = {"specversion": "1.0", "datacontenttype": ARVO_CONTENT_TYPE}
_NULLS: Final[Mapping[str, None]] = dict.fromkeys(NULLABLE_FIELDS)
_first_values: Final = itemgetter(*_FIRST_FIELDS)
_last_values: Final = itemgetter(*_LAST_FIELDS)
_set = object.__setattr__

Payload = TypeVar("Payload")
PayloadType = type[Payload]
ExtensionValue = str | int | float | bool | None


class ArvoEvent(BaseModel):
    """One event. It cannot be changed, and its fields have been checked.

    The constructor takes every field as it is and encodes nothing; `create_arvo_event` fills in what is usual
    and encodes. Neither the event nor its `data` may be changed afterwards.

    Attributes:
        id: Identifies the event; receivers recognise a repetition by it.
        source: Who produced the event, a URI.
        type: What has happened or is asked for, such as `com.order.create`.
        subject: What the event is about: for orchestrations, the subject of the execution.
        data: The payload, a JSON object.
        time: When it was produced, RFC 3339 with an offset.
        dataschema: Contract and version of the data, `<uri>/<version>`.
        to: Who shall consume the event.
        accesscontrol: Who may do what with it; Arvo only carries it.
        redirectto: Where the answer shall go instead of to the source.
        executionunits: What producing it has cost.
        traceparent: W3C trace context.
        tracestate: W3C trace state.
        parentid: Id of the event that caused this one.
        domain: Which bus or boundary it belongs to; None is the local one.
        specversion: Version of CloudEvents.
        datacontenttype: Media type of `data`.
        extensions: Further CloudEvents extensions of one's own.

    Raises:
        InvalidEventError: A field is missing or breaks its rule.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")

    id: str
    source: str
    type: str
    subject: str
    data: JsonObject
    time: str
    dataschema: str | None
    to: str | None
    accesscontrol: str | None
    redirectto: str | None
    executionunits: float | None
    traceparent: str | None
    tracestate: str | None
    parentid: str | None
    domain: str | None
    specversion: str = "1.0"
    datacontenttype: str = ARVO_CONTENT_TYPE
    extensions: Mapping[str, ExtensionValue] = Field(default_factory=dict)

    _custom: JsonObject = PrivateAttr()

    if not TYPE_CHECKING:  # for type checkers the signature is that of the fields

        def __init__(self, /, **fields: Any) -> None:
            extensions = fields.pop("extensions", None)
            if unknown := fields.keys() - _FIELDS:
                raise TypeError(f"ArvoEvent has no field {min(unknown)!r}; extensions go into 'extensions'")
            _fill(self, {**_DEFAULTS, **fields}, extensions)

    @classmethod
    def from_json(cls, source: str | bytes | bytearray | memoryview | Mapping[str, Any]) -> Self:
        """Read an event from its JSON: text, bytes, or an object that is parsed already.

        A key that Arvo allows to be null may be left out; unknown keys are extensions.

        Raises:
            InvalidEventError: It is not JSON, too large or too deep, or not an event.
        """
        try:
            document = read_json(source) if isinstance(source, str | bytes | bytearray | memoryview) else source
        except JsonError as error:
            raise InvalidEventError(f"This is not a valid ArvoEvent: {error}.") from None
        if not isinstance(document, Mapping):
            raise InvalidEventError("This is not a valid ArvoEvent: its JSON must be an object.")
        event = cls.__new__(cls)
        fields: JsonObject = {**_DEFAULTS, **_NULLS}
        extensions: JsonObject = {}
        for name, value in document.items():
            (fields if name in _FIELDS else extensions)[name] = value
        _fill(event, fields, extensions)
        return event

    def to_json(self) -> JsonObject:
        """Return the event as a JSON object with Arvo's keys in Arvo's order; null is written."""
        fields = self.__dict__
        document: JsonObject = dict(zip(_FIRST_FIELDS, _first_values(fields), strict=True))
        document.update(self._custom_extensions)
        document.update(zip(_LAST_FIELDS, _last_values(fields), strict=True))
        if isinstance(units := document["executionunits"], float) and not isfinite(units):
            document["executionunits"] = None
        return document

    def to_json_text(self, indent: int | None = None) -> str:
        """Return the event as JSON text: compact, or indented for people."""
        return write_json(self.to_json(), indent).decode()

    def to_json_bytes(self) -> bytes:
        """Return the event as compact JSON in UTF-8."""
        return write_json(self.to_json())

    def data_as(self, model: PayloadType[Payload]) -> Payload:
        """Return the payload as an instance of a type, such as the model that its contract names.

        Raises:
            InvalidPayloadError: The data does not fit.
        """
        return PayloadSchema.of(model).parse(self.data)

    @property
    def cloudevent(self) -> dict[str, JsonObject]:
        """The event as CloudEvents sees it: `default` fields and `extensions`, among them Arvo's own."""
        return {
            "default": {name: self.__dict__[name] for name in _FIRST_FIELDS},
            "extensions": self._custom_extensions | {name: self.__dict__[name] for name in _LAST_FIELDS},
        }

    @property
    def otel_attributes(self) -> dict[str, str | float]:
        """The attributes that describe the event on a span."""
        return {
            name: "N/A" if value is None else value
            for name, value in zip(_OTEL_FIELDS, _otel_values(self.__dict__), strict=True)
        }

    @property
    def _custom_extensions(self) -> JsonObject:
        """All extensions of one's own, with those that a field of the same name overrules."""
        # The private attribute itself is found by pydantic's __getattr__, which takes longer than all of to_json.
        private: Any = self.__pydantic_private__
        extensions: JsonObject = private["_custom"]
        return extensions

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArvoEvent) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.id, self.source, self.subject))

    def __str__(self) -> str:
        return self.to_json_text()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(lambda event: event.to_json())
        return core_schema.no_info_plain_validator_function(cls._read, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        nullable = {name: {"type": ["string", "null"]} for name in NULLABLE_FIELDS}
        fields = {name: {"type": "string"} for name in CONTEXT_FIELDS} | nullable
        fields |= {"data": {"type": "object"}, "executionunits": {"type": ["number", "null"]}}
        return {
            "title": cls.__name__,
            "type": "object",
            "properties": {name: fields[name] for name in (*_FIRST_FIELDS, *_LAST_FIELDS)},
            "required": ["id", "source", "type", "subject", "data", "time", "to"],
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        }

    @classmethod
    def _read(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise InvalidEventError("This is not a valid ArvoEvent: it must be an object.")
        return cls.from_json(value)


def create_arvo_event(
    *,
    type: str,
    source: str,
    subject: str,
    data: Mapping[str, Any] | BaseModel,
    id: str | EventIdSpec | None = None,
    time: str | None = None,
    dataschema: str | None = None,
    to: str | None = None,
    accesscontrol: str | None = None,
    redirectto: str | None = None,
    executionunits: float | None = None,
    traceparent: str | None = None,
    tracestate: str | None = None,
    parentid: str | None = None,
    domain: str | None = None,
    specversion: str | None = None,
    datacontenttype: str | None = None,
    extensions: Mapping[str, ExtensionValue] | None = None,
    telemetry: bool = True,
) -> ArvoEvent:
    """Create an event: fill in id, time and receiver, and encode what has to be a URI.

    Args:
        type: Type of the event; also its receiver where `to` is not given.
        source: Who produces it. Encoded, like `subject`, `to`, `redirectto`, `dataschema` and `parentid`.
        subject: What it is about.
        data: The payload: a JSON object, or a pydantic model.
        id: The id, or how to make one; a fresh UUID by default.
        time: RFC 3339 with an offset; now by default.
        dataschema: See `ArvoEvent`, as for all the others.
        to: Receiver, by default the type.
        accesscontrol: See `ArvoEvent`.
        redirectto: See `ArvoEvent`.
        executionunits: See `ArvoEvent`.
        traceparent: See `ArvoEvent`.
        tracestate: See `ArvoEvent`.
        parentid: See `ArvoEvent`.
        domain: See `ArvoEvent`.
        specversion: `1.0`.
        datacontenttype: Arvo's own by default.
        extensions: Further CloudEvents extensions.
        telemetry: Whether the creation has a span of its own, whose trace the event carries on if it is given none.

    Raises:
        InvalidEventError: A field breaks its rule.
    """
    fields: JsonObject = {
        "id": create_arvo_event_id(id),
        "source": _encode("source", source),
        "specversion": "1.0" if specversion is None else specversion,
        "type": type,
        "subject": _encode("subject", subject),
        "datacontenttype": ARVO_CONTENT_TYPE if datacontenttype is None else datacontenttype,
        "dataschema": _encode("dataschema", dataschema) if dataschema else None,
        "data": to_plain_json(data) if isinstance(data, BaseModel) else data,
        "time": current().now().isoformat(timespec="milliseconds") if time is None else time,
        "to": _encode("to", to) if to else type,
        "accesscontrol": accesscontrol,
        "redirectto": _encode("redirectto", redirectto) if redirectto else None,
        "executionunits": executionunits,
        "traceparent": traceparent,
        "tracestate": tracestate,
        "parentid": _encode("parentid", parentid) if parentid else None,
        "domain": domain,
    }
    if not (telemetry and is_on()):
        return _new(fields, extensions)
    with open_span(f"createArvoEvent<{type}>") as span:
        _continue_trace(fields, span.headers())
        event = _new(fields, extensions)
        span.describe_event(event)
    return event


def _new(fields: JsonObject, extensions: Mapping[str, Any] | None) -> ArvoEvent:
    event = ArvoEvent.__new__(ArvoEvent)
    _fill(event, fields, extensions)
    return event


def _continue_trace(fields: JsonObject, headers: TraceHeaders) -> None:
    for name, header in headers._asdict().items():
        if fields[name] is None:
            fields[name] = header


def _fill(event: ArvoEvent, fields: dict[str, Any], extensions: Mapping[str, Any] | None) -> None:
    usual = are_usual(fields)
    if not usual:
        check_group(fields, CONTEXT_FIELDS)
    fields["data"] = check_data(fields.get("data"))
    if not usual:
        check_group(fields, ARVO_FIELDS)
        check_group(fields, TRACE_FIELDS)
    custom = check_extensions(extensions)
    if fields["to"] is None and fields["datacontenttype"] == ARVO_CONTENT_TYPE:
        raise InvalidEventError(
            "This is not a valid ArvoEvent: with Arvo's content type 'to' must not be null. Name the receiver.",
            paths=["to"],
        )
    fields["extensions"] = {name: value for name, value in custom.items() if name not in _LAST_FIELDS} if custom else {}
    _set(event, "__dict__", fields)
    _set(event, "__pydantic_fields_set__", _MODEL_FIELDS)
    _set(event, "__pydantic_extra__", None)
    _set(event, "__pydantic_private__", {"_custom": custom})


def _encode(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return encode_uri(value)
    except InvalidUriError as error:
        raise InvalidEventError(f"This is not a valid ArvoEvent: {name}: {error}", paths=[name]) from error


_OTEL_FIELDS: Final = {
    "cloudevents.event_id": "id",
    "cloudevents.event_source": "source",
    "cloudevents.event_spec_version": "specversion",
    "cloudevents.event_subject": "subject",
    "cloudevents.event_type": "type",
    "cloudevents.event_time": "time",
    "cloudevents.event_datacontenttype": "datacontenttype",
    "cloudevents.event_dataschema": "dataschema",
    "cloudevents.arvo.event_redirectto": "redirectto",
    "cloudevents.arvo.event_to": "to",
    "cloudevents.arvo.event_executionunits": "executionunits",
    "cloudevents.arvo.event_parentid": "parentid",
    "cloudevents.arvo.event_domain": "domain",
}
_otel_values: Final = itemgetter(*_OTEL_FIELDS.values())
