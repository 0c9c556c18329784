"""What users give to set up an orchestration: whether it is of its kind, and what to give instead."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from arvo.contracts import ArvoContract, VersionedArvoContract, is_orchestrator_contract
from arvo.errors import ConfigViolation, described, nearest, shorten

_SHAPE = '{"self": contract.version("1.0.0"), "services": {"bank": other.version("1.0.0")}}'


def check_contracts(contracts: Any, owner: str, *, versioned: bool) -> None:
    """Check the contracts of a machine or a resumable.

    Args:
        contracts: What was given as `contracts=`.
        owner: The function that it was given to, for messages.
        versioned: Whether `self` is one version of a contract; else the contract with all of them.

    Raises:
        ConfigViolation: A key is missing, or something is no contract, or not in a version.
    """
    place = f"{owner}(contracts=...)"
    if not isinstance(contracts, Mapping):
        raise ConfigViolation(f"{place} is {described(contracts)}. To fix: write {_SHAPE}.")
    for key in ("self", "services"):
        if key not in contracts:
            raise _missing(place, key, [one for one in contracts if one not in ("self", "services")])
    _check_self(contracts["self"], f"{place}: 'self'", versioned=versioned)
    services = contracts["services"]
    if not isinstance(services, Mapping):
        raise ConfigViolation(
            f"{place}: 'services' is {described(services)}. To fix: map names of your choice to versions of contracts, "
            'such as {"bank": contract.version("1.0.0")}.'
        )
    for name, contract in services.items():
        _check_version(contract, f"{place}: service {shorten(name)}")


def check_named(given: Any, argument: str, owner: str) -> None:
    """Check implementations that are given by name.

    Raises:
        ConfigViolation: It is no mapping.
    """
    if given is not None and not isinstance(given, Mapping):
        raise ConfigViolation(
            f"{owner}({argument}=...) is {described(given)}. To fix: map names to implementations, "
            f'{argument}={{"name": ...}}.'
        )


def check_types(given: Any, owner: str) -> None:
    """Check event types that are declared.

    Raises:
        ConfigViolation: It is one text, or something else than texts.
    """
    if isinstance(given, str):
        raise ConfigViolation(
            f"{owner}(events=...) is {shorten(given)}. To fix: give a list, events=[{shorten(given)}]."
        )
    for one in given:
        if not isinstance(one, str) or not one:
            raise ConfigViolation(f"{owner}(events=[...]) has {described(one)}. To fix: give event types as texts.")


def check_instance(given: Any, argument: str, owner: str) -> None:
    """Check that an instance is given, not its class.

    Raises:
        ConfigViolation: It is a class.
    """
    if inspect.isclass(given):
        raise ConfigViolation(
            f"{owner}({argument}=...) is the class {given.__name__}. To fix: give an instance, {given.__name__}()."
        )


def _check_self(contract: Any, place: str, *, versioned: bool) -> None:
    if versioned:
        _check_version(contract, place)
    elif isinstance(contract, VersionedArvoContract):
        raise ConfigViolation(
            f"{place} is a version of the contract '{contract.uri}'. To fix: give the contract itself, in all its "
            "versions: leave .version(...) out."
        )
    elif not isinstance(contract, ArvoContract):
        raise ConfigViolation(f"{place} is {described(contract)}. To fix: give the contract of the orchestrator.")
    if not is_orchestrator_contract(contract):
        raise ConfigViolation(
            f"{place}: the contract '{contract.uri}' is not an orchestrator's. To fix: make it by "
            "create_arvo_orchestrator_contract; those of services stand under 'services'."
        )


def _check_version(contract: Any, place: str) -> None:
    if isinstance(contract, ArvoContract):
        raise ConfigViolation(
            f"{place} is the contract '{contract.uri}' in no version. To fix: write "
            f".version('{contract.sorted_versions[-1]}') behind it; it has {', '.join(contract.versions)}."
        )
    if not isinstance(contract, VersionedArvoContract):
        raise ConfigViolation(f"{place} is {described(contract)}. To fix: give contract.version('1.0.0').")


def _missing(place: str, key: str, others: list[Any]) -> ConfigViolation:
    near = nearest(key, others)
    if near is not None:
        return ConfigViolation(f"{place} has no '{key}'. To fix: write '{key}' instead of {shorten(near)}.")
    cure = "the version of the contract that it implements" if key == "self" else "the contracts of its services, or {}"
    return ConfigViolation(f"{place} has no '{key}'. To fix: add \"{key}\": {cure}.")
