"""Contracts: which events a service or an orchestrator accepts and emits, and the rules for writing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, NotRequired, get_type_hints

from pydantic import BaseModel, Field, RootModel, StringConstraints, create_model
from typing_extensions import TypedDict  # pydantic takes the one of typing only from Python 3.12

from arvo.contracts.model import (
    ORCHESTRATOR_CONTRACT,
    SIMPLE_CONTRACT,
    ArvoContract,
    ContractEvent,
    VersionedArvoContract,
    freeze,
)
from arvo.contracts.schemas import payload_schema
from arvo.contracts.writing import check_versions
from arvo.errors import InvalidContractError, shorten
from arvo.wire import (
    is_domain,
    is_event_type,
    is_object_type,
    is_orchestrator_type,
    is_valid_uri,
    is_valid_version,
    is_wildcard_version,
    orchestrator_complete_type,
    orchestrator_init_type,
)

PARENT_SUBJECT: Final = "parentSubject$$"
"""Key of an init event's data: the subject of the orchestration that starts this one."""

_ParentSubject = Annotated[str, StringConstraints(min_length=1)] | None


class ContractVersion(TypedDict):
    """One version of a contract: the type of the data that it accepts, and of the data that it emits by event type."""

    accepts: Any
    emits: Mapping[str, Any]


class SimpleContractVersion(TypedDict):
    """One version of a simple contract: the types of the data of its two events."""

    accepts: Any
    emits: Any


class OrchestratorContractVersion(TypedDict):
    """One version of an orchestrator's contract: the types of the data of its init and completion events."""

    init: Any
    complete: Any


class _Init(BaseModel):
    parent_subject__: _ParentSubject = Field(
        alias=PARENT_SUBJECT, description="Subject of the orchestration that starts this one; null for a root."
    )


def create_arvo_contract(
    *,
    uri: str,
    type: str,
    versions: Mapping[str, ContractVersion],
    domain: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> ArvoContract:
    """Create a contract whose every version accepts one event and emits any number of others.

    Args:
        uri: Names the contract, such as `#/services/payment`; an encoded URI.
        type: Type of the event that the service accepts, such as `com.payment.charge`.
        versions: `{"1.0.0": {"accepts": Model, "emits": {"evt.payment.charged": Model}}}`; what stands for data
            is a pydantic model or anything that pydantic's `TypeAdapter` takes, as long as what is sent is what is
            read: each type is tried with made-up values.
        domain: Domain that events may inherit.
        description: For people.
        metadata: What else to write down.

    Raises:
        InvalidContractError: It breaks a rule; `reason` tells which kind.
    """
    _refuse_reserved(type, f"In contract (uri={uri}), the 'accepts' event")
    check_versions(uri, versions, ("accepts", "emits"), several=True)
    for number, version in versions.items():
        for emit in version["emits"]:
            _refuse_reserved(emit, f"In contract (uri={uri}, version={number}), the 'emits' event")
    return _create(uri, type, versions, domain, description, metadata or {})


def create_simple_arvo_contract(
    *,
    uri: str,
    type: str,
    versions: Mapping[str, SimpleContractVersion],
    domain: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> ArvoContract:
    """Create the contract of a service with one question and one answer.

    It accepts `com.<type>` and emits `evt.<type>.success`.

    Args:
        uri: Names the contract; an encoded URI.
        type: Common part of both event types, such as `payment.charge`.
        versions: `{"1.0.0": {"accepts": Model, "emits": Model}}`.
        domain: Domain that events may inherit.
        description: For people.
        metadata: What else to write down.

    Raises:
        InvalidContractError: It breaks a rule; `reason` tells which kind.
    """
    _check_simple(uri, type, versions)
    success = f"evt.{type}.success"
    return create_arvo_contract(
        uri=uri,
        type=f"com.{type}",
        versions={
            number: {"accepts": version["accepts"], "emits": {success: version["emits"]}}
            for number, version in versions.items()
        },
        domain=domain,
        description=description,
        metadata={**(metadata or {}), "contractType": SIMPLE_CONTRACT, "rootType": type},
    )


def create_arvo_orchestrator_contract(
    *,
    uri: str,
    name: str,
    versions: Mapping[str, OrchestratorContractVersion],
    domain: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> ArvoContract:
    """Create the contract of an orchestrator.

    It accepts `arvo.orc.<name>` and emits `arvo.orc.<name>.done`. The data of the init event also has the key
    `parentSubject$$`, a text or null.

    Args:
        uri: Names the contract; an encoded URI.
        name: Name of the orchestrator, such as `order` or `order.refund`.
        versions: `{"1.0.0": {"init": Model, "complete": Model}}`; `init` is a pydantic model or a `TypedDict`.
        domain: Domain that events may inherit.
        description: For people.
        metadata: What else to write down.

    Raises:
        InvalidContractError: It breaks a rule; `reason` tells which kind.
    """
    if not is_domain(name):
        raise InvalidContractError(
            f"The orchestrator's name {shorten(name)} is not valid. Use a-z, 0-9 and dots, such as order.refund.",
            reason="invalid-name",
            paths=["name"],
        )
    check_versions(uri, versions, ("init", "complete"))
    init_type, complete_type = orchestrator_init_type(name), orchestrator_complete_type(name)
    return _create(
        uri,
        init_type,
        {
            number: {"accepts": _with_parent(version["init"]), "emits": {complete_type: version["complete"]}}
            for number, version in versions.items()
        },
        domain,
        description,
        {
            **(metadata or {}),
            "contractType": ORCHESTRATOR_CONTRACT,
            "rootType": name,
            "initEventType": init_type,
            "completeEventType": complete_type,
        },
    )


def _create(
    uri: str,
    type_: str,
    versions: Mapping[str, ContractVersion],
    domain: str | None,
    description: str | None,
    metadata: Mapping[str, Any],
) -> ArvoContract:
    _check_fields(uri, type_, domain)
    frozen = freeze(metadata)
    built = {}
    for number, version in versions.items():
        _check_version(uri, number, version)
        owner = f"'{uri}' at {number}"
        built[number] = VersionedArvoContract(
            uri,
            number,
            accepts=ContractEvent(type_, payload_schema(version["accepts"], event=type_, owner=owner)),
            emits=freeze(
                {emit: payload_schema(data, event=emit, owner=owner) for emit, data in version["emits"].items()}
            ),
            domain=domain,
            description=description,
            metadata=frozen,
        )
    if not built:
        raise InvalidContractError(
            f"The contract '{uri}' has no versions. Give it at least one.",
            reason="no-versions",
            paths=["versions"],
        )
    return ArvoContract(uri, type_, freeze(built), domain, description, frozen)


def _check_fields(uri: str, type_: str, domain: str | None) -> None:
    if not isinstance(uri, str) or not uri or not is_valid_uri(uri):
        raise _bad_field("uri", uri, "a properly encoded, non-empty URI such as #/services/payment")
    if not isinstance(type_, str) or not is_event_type(type_):
        raise _bad_field("type", type_, "a reverse-DNS name of three or more parts of a-z and 0-9")
    if domain is not None and not (isinstance(domain, str) and is_domain(domain)):
        raise _bad_field("domain", domain, "of a-z, 0-9 and dots, or None")


def _check_version(uri: str, number: str, version: ContractVersion) -> None:
    if not isinstance(number, str) or not is_valid_version(number):
        raise _bad_field("versions", number, "numbered as 1.0.0")
    if is_wildcard_version(number):
        raise InvalidContractError(
            f"The contract '{uri}' cannot have the version {number}, which is reserved. Begin with 0.0.1 or 1.0.0.",
            reason="wildcard-version",
            paths=["versions"],
        )
    for emit in version["emits"]:
        if not isinstance(emit, str) or not is_event_type(emit):
            raise _bad_field(
                "emits", emit, f"a reverse-DNS name of three or more parts of a-z and 0-9 (version {number})"
            )


def _bad_field(name: str, value: object, expected: str) -> InvalidContractError:
    return InvalidContractError(
        f"The contract's {name} must be {expected}, not {shorten(value)}.", reason="invalid-field", paths=[name]
    )


def _refuse_reserved(type_: str, subject: str) -> None:
    if isinstance(type_, str) and is_orchestrator_type(type_):
        raise InvalidContractError(
            f"{subject} (type={type_}) must not start with 'arvo.orc', which is reserved for orchestrators. Rename "
            "it, or use create_arvo_orchestrator_contract.",
            reason="reserved-prefix",
            paths=["type"],
        )


def _check_simple(uri: str, type_: Any, versions: Any) -> None:
    if isinstance(type_, str) and not is_event_type(f"com.{type_}"):
        raise _bad_field("type", type_, "of two or more parts of a-z and 0-9, such as payment.charge")
    for number, version in versions.items() if isinstance(versions, Mapping) else ():
        if isinstance(version, Mapping) and isinstance(version.get("emits"), Mapping):
            raise InvalidContractError(
                f"In contract (uri={shorten(uri)}), 'emits' of version {shorten(number)} maps event types. To fix: "
                "write the type of the one answer's data; for several answers there is create_arvo_contract.",
                reason="invalid-field",
                paths=["emits"],
            )
    check_versions(uri, versions, ("accepts", "emits"))


def _with_parent(init: Any) -> Any:
    if not is_object_type(init) or init is BaseModel or issubclass(init, RootModel):
        raise InvalidContractError(
            "The init data of an orchestrator must be a pydantic model or a TypedDict, with named fields, "
            f"not {init!r}.",
            reason="invalid-field",
            paths=["init"],
        )
    name = f"{init.__name__}Init"
    if issubclass(init, BaseModel):
        aliases = {field.validation_alias or field.alias or key for key, field in init.model_fields.items()}
        return init if PARENT_SUBJECT in aliases else create_model(name, __base__=(init, _Init))
    hints = get_type_hints(init, include_extras=True)
    fields = {key: _requirement(init, key, hint) for key, hint in hints.items()}
    typed_dict: Any = TypedDict
    return typed_dict(name, {PARENT_SUBJECT: _ParentSubject, **fields})


def _requirement(init: Any, key: str, hint: Any) -> Any:
    return hint if key in init.__required_keys__ else NotRequired[hint]
