"""Names of events and domains: which are allowed, and which are made of others."""

from __future__ import annotations

import re
from typing import Final

EVENT_TYPE_PATTERN: Final = r"^[a-z0-9]+(\.[a-z0-9]+){2,}$"
"""Event types have three or more parts; `$` as in JavaScript and pydantic: the very end."""

DOMAIN_PATTERN: Final = r"^[a-z0-9.]+$"
"""Domains, and names of orchestrators."""

ORCHESTRATOR_PREFIX: Final = "arvo.orc"
"""Beginning of the event types that are reserved for orchestrators."""

ORCHESTRATORS: Final = f"{ORCHESTRATOR_PREFIX}."
"""Beginning of the types, and so of the workflow ids, of orchestrators."""

_event_type = re.compile(EVENT_TYPE_PATTERN.strip("^$")).fullmatch
_domain = re.compile(DOMAIN_PATTERN.strip("^$")).fullmatch


def is_event_type(text: str) -> bool:
    """Tell whether a text is a reverse-DNS name of three or more parts of a-z and 0-9."""
    return _event_type(text) is not None


def is_domain(text: str) -> bool:
    """Tell whether a text is a domain: a-z, 0-9 and dots, not empty."""
    return _domain(text) is not None


def is_orchestrator_type(event_type: str) -> bool:
    """Tell whether an event type begins with the reserved text, as `arvo.orchid.x` does too."""
    return event_type.startswith(ORCHESTRATOR_PREFIX)


def orchestrator_init_type(name: str) -> str:
    """Return the type of the event that starts the orchestrator of this name."""
    return f"{ORCHESTRATOR_PREFIX}.{name}"


def orchestrator_complete_type(name: str) -> str:
    """Return the type of the event with which the orchestrator of this name completes."""
    return f"{ORCHESTRATOR_PREFIX}.{name}.done"


def is_system_error_type(event_type: str) -> bool:
    """Tell whether an event type is that of an error event, as `system_error_type` names them."""
    return event_type.startswith("sys.") and event_type.endswith(".error")


def system_error_type(accepts_type: str) -> str:
    """Return the type of the error event of whoever accepts events of the given type."""
    return f"sys.{accepts_type}.error"
