"""The `dataschema` of an event: which contract, and which version of it, its data follows."""

from __future__ import annotations

from typing import NamedTuple

from arvo.wire.version import WILDCARD_VERSION, is_valid_version


class Dataschema(NamedTuple):
    """A contract's URI and one of its versions."""

    uri: str
    version: str


def build_dataschema(uri: str, version: str = WILDCARD_VERSION) -> str:
    """Return the dataschema text of a contract version, by default of all its versions."""
    return f"{uri}/{version}"


def parse_dataschema(text: str | None) -> Dataschema | None:
    """Split a dataschema into contract URI and version; None where it has no version at its end."""
    if not text:
        return None
    uri, _, version = text.rpartition("/")
    return Dataschema(uri, version) if is_valid_version(version) else None
