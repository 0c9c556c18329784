"""What a contract is, once its rules have been checked: its versions and their events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from arvo.contracts.system_error import SYSTEM_ERROR_SCHEMA
from arvo.errors import UnknownVersionError
from arvo.wire import PayloadSchema, build_dataschema, system_error_type, version_key

ORCHESTRATOR_CONTRACT: Final = "ArvoOrchestratorContract"
SIMPLE_CONTRACT: Final = "SimpleArvoContract"


@dataclass(frozen=True)
class ContractEvent:
    """An event of a contract: its type and the schema of its data."""

    type: str
    schema: PayloadSchema[Any]


@dataclass(frozen=True, eq=False)
class VersionedArvoContract:
    """One version of a contract.

    Attributes:
        uri: Names the contract on every bus.
        version: Three numbers, such as `1.0.0`.
        accepts: The event that the service takes.
        emits: Schemas of the events that it answers with, by type.
        domain: Domain that events may inherit.
        description: For people.
        metadata: What else the author wrote down.
    """

    uri: str
    version: str
    accepts: ContractEvent
    emits: Mapping[str, PayloadSchema[Any]]
    domain: str | None = None
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def dataschema(self) -> str:
        """The `dataschema` of this version's events."""
        return build_dataschema(self.uri, self.version)

    @cached_property
    def emit_list(self) -> tuple[ContractEvent, ...]:
        """The events that the service answers with, in order of writing."""
        return tuple(ContractEvent(type_, schema) for type_, schema in self.emits.items())

    @cached_property
    def system_error(self) -> ContractEvent:
        """The event that tells of a failure of the service; the same in all versions."""
        return ContractEvent(system_error_type(self.accepts.type), SYSTEM_ERROR_SCHEMA)

    def to_json_schema(self) -> dict[str, Any]:
        """Return this version as JSON, with JSON Schemas of its events."""
        return _describe_version(self)


@dataclass(frozen=True, eq=False)
class ArvoContract:
    """All versions of a contract; made by `create_arvo_contract` and its siblings.

    Attributes:
        uri: Names the contract on every bus.
        type: Type of the event that the service takes, in all versions.
        versions: The versions by their numbers, in order of writing.
        domain: Domain that events may inherit.
        description: For people.
        metadata: What else the author wrote down, and what kind of contract it is.
    """

    uri: str
    type: str
    versions: Mapping[str, VersionedArvoContract]
    domain: str | None = None
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def sorted_versions(self) -> tuple[str, ...]:
        """The version numbers, lowest first."""
        return tuple(sorted(self.versions, key=version_key))

    @cached_property
    def system_error(self) -> ContractEvent:
        """The event that tells of a failure of the service."""
        return ContractEvent(system_error_type(self.type), SYSTEM_ERROR_SCHEMA)

    def version(self, selector: str) -> VersionedArvoContract:
        """Return one version.

        Args:
            selector: A version number, `latest` or `any` for the highest, `oldest` for the lowest.

        Raises:
            UnknownVersionError: The contract does not have it.
        """
        if selector in ("latest", "any"):
            return self.versions[self.sorted_versions[-1]]
        if selector == "oldest":
            return self.versions[self.sorted_versions[0]]
        try:
            return self.versions[selector]
        except KeyError:
            raise UnknownVersionError(
                f"The contract '{self.uri}' has no version {selector!r}. It has: {', '.join(self.versions)}."
            ) from None

    def to_json_schema(self) -> dict[str, Any]:
        """Return the contract as JSON, with JSON Schemas of the events of every version."""
        return _describe_contract(self)

    def __iter__(self) -> Iterator[VersionedArvoContract]:
        return iter(self.versions.values())


def is_orchestrator_contract(contract: ArvoContract | VersionedArvoContract) -> bool:
    """Tell whether a contract is that of an orchestrator."""
    return contract.metadata.get("contractType") == ORCHESTRATOR_CONTRACT


def is_simple_contract(contract: ArvoContract | VersionedArvoContract) -> bool:
    """Tell whether a contract was made by `create_simple_arvo_contract`."""
    return contract.metadata.get("contractType") == SIMPLE_CONTRACT


def freeze(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of a mapping that cannot be changed, and neither can the mappings in it."""
    return MappingProxyType(
        {key: freeze(member) if isinstance(member, Mapping) else member for key, member in value.items()}
    )


def _describe_contract(contract: ArvoContract) -> dict[str, Any]:
    """Return a contract as JSON, all versions with their events."""
    return {
        "uri": contract.uri,
        "domain": contract.domain,
        "description": contract.description,
        "metadata": _plain(contract.metadata),
        "versions": [
            {
                "domain": version.domain,
                "version": version.version,
                **_events(version),
                "metadata": _plain(version.metadata),
            }
            for version in contract.versions.values()
        ],
    }


def _describe_version(version: VersionedArvoContract) -> dict[str, Any]:
    """Return one version of a contract with its events."""
    return {
        "uri": version.uri,
        "description": version.description,
        "domain": version.domain,
        "version": version.version,
        "metadata": _plain(version.metadata),
        **_events(version),
    }


def _events(version: VersionedArvoContract) -> dict[str, Any]:
    return {
        "accepts": _event(version.accepts),
        "systemError": _event(version.system_error),
        "emits": [_event(event) for event in version.emit_list],
    }


def _event(event: ContractEvent) -> dict[str, Any]:
    return {"type": event.type, "schema": event.schema.json_schema()}


def _plain(value: Any) -> Any:
    return {key: _plain(member) for key, member in value.items()} if hasattr(value, "items") else value
