"""Domains of events: the symbols that stand for one, and what they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

from arvo.errors import InvalidSubjectError
from arvo.events.subject import ArvoOrchestrationSubject, SubjectContent
from arvo.telemetry import record

Domains: TypeAlias = Sequence[str | None]
"""Domains, or symbols of `ArvoDomain`; None is the local one."""


class HasDomain(Protocol):
    """A contract or an event, for its domain."""

    @property
    def domain(self) -> str | None:
        """The domain, None for the local one."""


class ArvoDomain:
    """Symbols that may stand where a domain is asked for; they are resolved when an event is emitted."""

    LOCAL: Final = None
    """The local domain."""
    FROM_SELF_CONTRACT: Final = "domain.contract.self.inherit"
    """That of the contract of who emits."""
    FROM_EVENT_CONTRACT: Final = "domain.contract.inherit"
    """That of the contract of the emitted event."""
    FROM_TRIGGERING_EVENT: Final = "domain.event.inherit"
    """That of the event that is being processed."""
    FROM_CURRENT_SUBJECT: Final = "domain.event.current.subject"
    """That of the execution."""
    FROM_PARENT_SUBJECT: Final = "domain.parent.subject"
    """That of the execution which started this one."""
    ORCHESTRATION_CONTEXT: Final = "domain.orchestration.context"
    """The one in which the receiver of an answer is to be found."""


def resolve_event_domain(
    domain: str | None,
    *,
    self_contract: HasDomain | None,
    event_contract: HasDomain | None,
    triggering_event: HasDomain,
    current_subject: str,
    parent_subject: str | None,
) -> str | None:
    """Return the domain that a domain or symbol stands for; None is the local one.

    A subject that is missing or cannot be read counts as one without a domain; the latter is noted on the current
    span.

    Args:
        domain: A domain, a symbol of `ArvoDomain`, or nothing.
        self_contract: Contract of the handler or orchestrator that emits.
        event_contract: Contract of the emitted event, if it has one.
        triggering_event: The event that is being processed.
        current_subject: Subject of that event.
        parent_subject: Subject of the execution that started this one, if one did.
    """
    match domain:
        case ArvoDomain.FROM_SELF_CONTRACT:
            return _domain_of(self_contract)
        case ArvoDomain.FROM_EVENT_CONTRACT:
            return _domain_of(event_contract)
        case ArvoDomain.FROM_TRIGGERING_EVENT:
            return triggering_event.domain
        case ArvoDomain.FROM_CURRENT_SUBJECT:
            return _execution_domain(current_subject)
        case ArvoDomain.FROM_PARENT_SUBJECT:
            return _execution_domain(parent_subject)
        case ArvoDomain.ORCHESTRATION_CONTEXT:
            return _context_domain(triggering_event.domain, current_subject, parent_subject)
        case _:
            return domain or None


def _context_domain(triggering: str | None, current: str, parent: str | None) -> str | None:
    own = _execution_domain(current)
    if parent:
        inherited = _execution_domain(parent)
        return None if inherited == own else inherited
    return None if triggering is None or triggering == own else own


def _execution_domain(subject: str | None) -> str | None:
    content = _parse(subject) if subject else None
    return content.execution.domain if content else None


def _parse(subject: str) -> SubjectContent | None:
    try:
        return ArvoOrchestrationSubject.parse(subject)
    except InvalidSubjectError as error:
        record(error)
        return None


def _domain_of(owner: HasDomain | None) -> str | None:
    return owner.domain if owner is not None else None
