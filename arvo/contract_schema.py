"""Contracts as JSON documents with JSON Schemas, for catalogues such as AsyncAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arvo.contract_model import ArvoContract, ContractEvent, VersionedArvoContract


def describe_contract(contract: ArvoContract) -> dict[str, Any]:
    """Return a contract, all versions with their events."""
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


def describe_version(version: VersionedArvoContract) -> dict[str, Any]:
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
