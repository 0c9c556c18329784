"""The event that everything in Arvo consumes and produces: a CloudEvent with Arvo's extensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, SchemaSerializer, core_schema

from arvo.errors import InvalidEventError, InvalidUriError
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
from arvo.wire import JsonError, JsonObject, PayloadSchema, encode_uri, read_json, write_json

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
_ENCODED_FIELDS: Final = ("source", "subject", "dataschema", "to", "redirectto")
_DEFAULTS: Final = {"datacontenttype": ARVO_CONTENT_TYPE}
_OPTIONAL: Final[JsonObject] = {**_DEFAULTS, **dict.fromkeys(NULLABLE_FIELDS)}
_set = object.__setattr__

Payload = TypeVar("Payload")
PayloadType = type[Payload]
ExtensionValue = str | int | float | bool | None


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArvoEvent:
    """One event. It cannot be changed, and its fields have been checked.

    The constructor takes every field as it is and encodes nothing; `create_arvo_event` fills in what is usual
    and encodes. `dataclasses.replace` returns a copy with other fields, checked as well. Neither `data` nor
    `extensions` may be changed afterwards. Pydantic takes an event as the type of a field.

    Attributes:
        id: Identifies the event among those of its source; receivers recognise a repetition by both together.
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
        specversion: Version of CloudEvents, `1.0`.
        datacontenttype: Media type of `data`.
        extensions: Further CloudEvents extensions of one's own.

    Raises:
        InvalidEventError: A field is missing or breaks its rule.
        TypeError: There is no such field.
    """

    __pydantic_serializer__: ClassVar[SchemaSerializer]

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
    specversion: str
    datacontenttype: str = ARVO_CONTENT_TYPE
    extensions: Mapping[str, ExtensionValue] = field(default_factory=dict)
    _written_extensions: JsonObject = field(init=False, repr=False)
    """All of one's own, with those that a field of the same name overrules: they keep their place in the JSON."""

    if not TYPE_CHECKING:  # for type checkers the signature is that of the fields

        def __init__(self, /, **fields: Any) -> None:
            extensions = fields.pop("extensions", None)
            if not _FIELDS.issuperset(fields):
                unknown = min(fields.keys() - _FIELDS)
                raise TypeError(f"ArvoEvent has no field {unknown!r}; extensions go into 'extensions'")
            _fill(self, {**_DEFAULTS, **fields}, extensions)

    @classmethod
    def from_json(cls, source: str | bytes | bytearray | memoryview | Mapping[str, Any]) -> Self:
        """Read an event from its JSON: text, bytes, or an object that is parsed already.

        A key that Arvo allows to be null may be left out, and `datacontenttype`; unknown keys are extensions.

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
        if _FIELDS.issuperset(document):
            _fill(event, {**_OPTIONAL, **document}, None)
        else:
            fields = {name: value for name, value in document.items() if name in _FIELDS}
            extensions = {name: value for name, value in document.items() if name not in _FIELDS}
            _fill(event, {**_OPTIONAL, **fields}, extensions)
        return event

    def to_json(self) -> JsonObject:
        """Return the event as a JSON object with Arvo's keys in Arvo's order; null is written."""
        document: JsonObject = {
            "id": self.id,
            "source": self.source,
            "specversion": self.specversion,
            "type": self.type,
            "subject": self.subject,
            "datacontenttype": self.datacontenttype,
            "dataschema": self.dataschema,
            "data": self.data,
            "time": self.time,
        }
        if self._written_extensions:
            document.update(self._written_extensions)
        units = self.executionunits
        document["to"] = self.to
        document["accesscontrol"] = self.accesscontrol
        document["redirectto"] = self.redirectto
        document["executionunits"] = units if units is None or isfinite(units) else None
        document["traceparent"] = self.traceparent
        document["tracestate"] = self.tracestate
        document["parentid"] = self.parentid
        document["domain"] = self.domain
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
    def key(self) -> tuple[str, str]:
        """What names the event, as CloudEvents has it: its source and its id together."""
        return self.source, self.id

    @property
    def cloudevent(self) -> dict[str, JsonObject]:
        """The event as CloudEvents sees it: `default` fields and `extensions`, among them Arvo's own."""
        return {
            "default": {name: getattr(self, name) for name in _FIRST_FIELDS},
            "extensions": self._written_extensions | {name: getattr(self, name) for name in _LAST_FIELDS},
        }

    @property
    def otel_attributes(self) -> dict[str, str | float]:
        """The attributes that describe the event on a span."""
        units = self.executionunits
        return {
            "cloudevents.event_id": self.id,
            "cloudevents.event_source": self.source,
            "cloudevents.event_spec_version": self.specversion,
            "cloudevents.event_subject": self.subject,
            "cloudevents.event_type": self.type,
            "cloudevents.event_time": self.time,
            "cloudevents.event_datacontenttype": self.datacontenttype,
            "cloudevents.event_dataschema": self.dataschema or "N/A",
            "cloudevents.arvo.event_redirectto": self.redirectto or "N/A",
            "cloudevents.arvo.event_to": self.to or "N/A",
            "cloudevents.arvo.event_executionunits": "N/A" if units is None else units,
            "cloudevents.arvo.event_parentid": self.parentid or "N/A",
            "cloudevents.arvo.event_domain": self.domain or "N/A",
        }

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
            "required": ["id", "source", "specversion", "type", "subject", "data", "time", "to"],
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        }

    @classmethod
    def _read(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise InvalidEventError("This is not a valid ArvoEvent: it must be an object.")
        return cls.from_json(value)


def build_event(fields: JsonObject, extensions: Mapping[str, Any] | None) -> ArvoEvent:
    """Return the event of these fields, after encoding those that have to be URIs.

    Raises:
        InvalidEventError: A field breaks its rule.
    """
    if fields["parentid"] is not None:  # any text is a usual one
        fields["parentid"] = _encode("parentid", fields["parentid"])
    event = ArvoEvent.__new__(ArvoEvent)
    _fill(event, fields, extensions, encodes=True)
    return event


class _Draft:
    """An event that is not frozen yet: one by one, the fields of a frozen object take three times as long to set."""

    __slots__ = ArvoEvent.__slots__


def _fill(event: ArvoEvent, fields: JsonObject, extensions: Mapping[str, Any] | None, *, encodes: bool = False) -> None:
    """Check the fields, encoded first where that is asked for, and set them."""
    data, custom = _check(fields, extensions, encodes=encodes)
    draft: Any = event
    _set(draft, "__class__", _Draft)
    draft.id = fields["id"]
    draft.source = fields["source"]
    draft.specversion = fields["specversion"]
    draft.type = fields["type"]
    draft.subject = fields["subject"]
    draft.datacontenttype = fields["datacontenttype"]
    draft.dataschema = fields["dataschema"]
    draft.data = data
    draft.time = fields["time"]
    draft.to = fields["to"]
    draft.accesscontrol = fields["accesscontrol"]
    draft.redirectto = fields["redirectto"]
    draft.executionunits = fields["executionunits"]
    draft.traceparent = fields["traceparent"]
    draft.tracestate = fields["tracestate"]
    draft.parentid = fields["parentid"]
    draft.domain = fields["domain"]
    draft.extensions = {name: value for name, value in custom.items() if name not in _LAST_FIELDS} if custom else {}
    draft._written_extensions = custom
    draft.__class__ = ArvoEvent


def _check(
    fields: JsonObject, extensions: Mapping[str, Any] | None, *, encodes: bool
) -> tuple[JsonObject, dict[str, Any]]:
    """Return copies of data and extensions, if all is as it has to be; what is usual needs no encoding."""
    usual = are_usual(fields)
    if not usual:
        if encodes:
            fields.update({name: _encode(name, fields[name]) for name in _ENCODED_FIELDS})
        check_group(fields, CONTEXT_FIELDS)
    data = check_data(fields.get("data"))
    if not usual:
        check_group(fields, ARVO_FIELDS)
        check_group(fields, TRACE_FIELDS)
    custom = check_extensions(extensions)
    if fields["to"] is None and fields["datacontenttype"] == ARVO_CONTENT_TYPE:
        raise InvalidEventError(
            "This is not a valid ArvoEvent: with Arvo's content type 'to' must not be null. Name the receiver.",
            paths=["to"],
        )
    return data, custom


def _encode(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return encode_uri(value)
    except InvalidUriError as error:
        raise InvalidEventError(f"This is not a valid ArvoEvent: {name}: {error}", paths=[name]) from error


# Pydantic writes what it meets in values of any type by this.
ArvoEvent.__pydantic_serializer__ = TypeAdapter(ArvoEvent).serializer
