"""The Temporal identity of an orchestration: its workflow id, made from its subject."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from adapter.names import OUTBOX
from arvo.errors import InvalidSubjectError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.wire import ORCHESTRATORS

MAX_LENGTH = 255
_DIGEST_BYTES = 10
_ID_PARTS = 4
_READABLE_LENGTH = MAX_LENGTH - 17


_WHOLE_ID = re.compile(r"arvo\.orc\.[a-z0-9.]+/[0-9]+\.[0-9]+\.[0-9]+/[A-Za-z0-9_.~:@% -]*/[a-z2-7]{16}")

_CUT_ESCAPE = re.compile(r"%[0-9A-F]?$")
_CACHED_LENGTH = 2048
_CACHED_IDS = 4096


def workflow_id(subject: str) -> str:
    """Name the workflow that is the orchestration of `subject`.

    The id reads `<orchestrator>/<version>/<execution id>/<digest>`: the first three for people, the digest (80 bits
    of SHA-256 over all that the subject says, 16 characters of base 32) to keep two subjects apart that differ in
    anything. It follows from what the subject says, not from its text: builds of zlib compress the same differently.
    It has at most 255 characters, where a subject can be longer than the 1,000 that Temporal allows.

    Args:
        subject: An orchestration subject in its encoded form.

    Raises:
        InvalidSubjectError: If `subject` is not an orchestration subject.
    """
    return _name_cached(subject) if len(subject) <= _CACHED_LENGTH else _name(subject)


def _name(subject: str) -> str:
    content = ArvoOrchestrationSubject.parse(subject)
    digest = hashlib.sha256(content.canonical().encode()).digest()[:_DIGEST_BYTES]
    orchestrator = content.orchestrator
    readable = readable_id(orchestrator.name, orchestrator.version, content.execution.id)
    return f"{readable}/{base64.b32encode(digest).decode().lower()}"


def readable_id(orchestrator: str, version: str, key: str) -> str:
    """Return the part of a workflow id that is for people: `<orchestrator>/<version>/<execution id>`.

    Args:
        orchestrator: The type of the orchestrator.
        version: Its version.
        key: The id of the execution; what could be taken for a part of the id, or for one of a query, is quoted.
    """
    named = quote(key, safe="-_.~:@ ", errors="surrogatepass")
    return f"{orchestrator}/{version}/{named}"[:_READABLE_LENGTH]


def is_workflow_id(text: str) -> bool:
    """Tell whether a text has the form of an orchestration's whole workflow id."""
    return len(text) <= MAX_LENGTH and _WHOLE_ID.fullmatch(text) is not None


_name_cached = lru_cache(_CACHED_IDS)(_name)


def is_same(subject: str, other: str) -> bool:
    """Tell whether two texts are the subject of one orchestration."""
    if subject == other:
        return True
    try:
        return workflow_id(subject) == workflow_id(other)
    except InvalidSubjectError:
        return False


def with_subject(event: ArvoEvent, subject: str) -> ArvoEvent:
    """Return an event of an orchestration with its subject as the orchestration has it; any other one as it is."""
    if event.subject == subject or not is_same(event.subject, subject):
        return event
    return replace(event, subject=subject)


class IdParts(NamedTuple):
    """What a workflow id says of its orchestration.

    Attributes:
        orchestrator: The type of the orchestrator.
        version: Its version.
        key: The id of the execution; None where it is too long to stand there.
    """

    orchestrator: str
    version: str
    key: str | None


def id_parts(workflow_id: str) -> IdParts | None:
    """Return what a workflow id says; None if it is none of an orchestration."""
    found = workflow_id.split("/")
    if len(found) != _ID_PARTS or not found[0].startswith(ORCHESTRATORS):
        return None
    is_whole = len(workflow_id) < MAX_LENGTH
    return IdParts(found[0], found[1], unquote(found[2], errors="surrogatepass") if is_whole else None)


def key_in_short(workflow_id: str) -> str:
    """Return as much of the key as a workflow id has, with an ellipsis where it is cut; what is none of ours as it is.

    Args:
        workflow_id: The id of an orchestration's workflow.
    """
    parts = id_parts(workflow_id)
    if parts is None:
        return workflow_id
    if parts.key is not None:
        return parts.key
    beginning = _CUT_ESCAPE.sub("", workflow_id.split("/")[2])
    return f"{unquote(beginning, errors='ignore')}…"


def outbox_id(workflow_id: str, number: str) -> str:
    """Return the workflow id of an outbox.

    Args:
        workflow_id: That of the orchestration whose outbox it is.
        number: Tells the outboxes of one orchestration apart.
    """
    return f"{OUTBOX}-{number}/{workflow_id}"


def owner_id(workflow_id: str) -> str:
    """Return the workflow id of the orchestration that an outbox is of; any other id is its own."""
    return workflow_id.partition("/")[2] if workflow_id.startswith(f"{OUTBOX}-") else workflow_id
