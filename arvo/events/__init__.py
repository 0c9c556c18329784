"""Events: what one is, its id, the subject that it is about and the domain that it belongs to."""

from arvo.events.creation import create_arvo_event
from arvo.events.domain import ArvoDomain, Domains, resolve_event_domain
from arvo.events.event import ArvoEvent, ExtensionValue
from arvo.events.event_id import ArvoEventId, EventIdSpec, create_arvo_event_id, parse_arvo_event_id
from arvo.events.fields import ARVO_CONTENT_TYPE
from arvo.events.subject import ArvoOrchestrationSubject, SubjectContent, SubjectOrchestrator

__all__ = [
    "ARVO_CONTENT_TYPE",
    "ArvoDomain",
    "ArvoEvent",
    "ArvoEventId",
    "ArvoOrchestrationSubject",
    "create_arvo_event",
    "create_arvo_event_id",
    "Domains",
    "EventIdSpec",
    "ExtensionValue",
    "parse_arvo_event_id",
    "resolve_event_domain",
    "SubjectContent",
    "SubjectOrchestrator",
]
