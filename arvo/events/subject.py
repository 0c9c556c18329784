"""Orchestration subjects: texts that name an orchestrator, its version and one execution of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StrictStr,
    StringConstraints,
    ValidationError,
)

from arvo.errors import InvalidSubjectError, SubjectReason, list_problems, shorten
from arvo.surroundings import current
from arvo.wire import (
    DOMAIN_PATTERN,
    EVENT_TYPE_PATTERN,
    WILDCARD_VERSION,
    CompressionError,
    JsonError,
    compress_json,
    copy_json,
    decompress_json,
)

_CACHED_LENGTH: Final = 2048
"""Characters of a subject that is kept parsed, and of its content as JSON: 64 KiB can be in few characters."""
_CACHED_SUBJECTS: Final = 4096

_Name = Annotated[StrictStr, StringConstraints(pattern=EVENT_TYPE_PATTERN)]
_Version = Annotated[StrictStr, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
_Id = Annotated[StrictStr, StringConstraints(pattern=r"^[^;]+$")]
_Domain = Annotated[StrictStr, StringConstraints(pattern=DOMAIN_PATTERN)]
_Meta = Annotated[
    dict[StrictStr, StrictStr],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict, return_type=dict[str, str]),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class SubjectOrchestrator(_Part):
    """Which orchestrator a subject belongs to: the type of its init event, and its version."""

    name: _Name
    version: _Version


class SubjectExecution(_Part):
    """Which execution a subject stands for: its id, who started it, and its domain (None: the local one)."""

    id: _Id
    initiator: _Name
    domain: _Domain | None


class SubjectContent(_Part):
    """What a subject says; keys that it does not know are kept."""

    orchestrator: SubjectOrchestrator
    execution: SubjectExecution
    meta: _Meta

    def canonical(self) -> str:
        """Return this as JSON in one form: builds of zlib compress the same content to different texts."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, content: object) -> Self:
        """Check a content that comes as plain data.

        Raises:
            InvalidSubjectError: It breaks a rule; `reason` is `schema`.
        """
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            problems = [
                (".".join(map(str, detail["loc"])), detail["msg"])
                for detail in error.errors(include_url=False, include_context=False, include_input=False)
            ]
            raise InvalidSubjectError(
                f"This is not the content of an orchestration subject: {list_problems(problems)}. Names have three "
                "or more parts of a-z and 0-9, as arvo.orc.order; versions three numbers, as 1.0.0; keys "
                "(execution.id) at least one character, and no semicolon.",
                reason="schema",
                paths=[path for path, _ in problems],
            ) from None


class ArvoOrchestrationSubject:
    """Creates and reads orchestration subjects."""

    @staticmethod
    def new(
        *,
        orchestrator: str,
        version: str | None,
        initiator: str,
        domain: str | None = None,
        meta: Mapping[str, str] | None = None,
        execution_id: str | None = None,
    ) -> str:
        """Return the subject of a new execution that has no parent.

        Args:
            orchestrator: Type of the orchestrator's init event.
            version: Version of the orchestrator; None is the wildcard 0.0.0.
            initiator: Event source that starts the execution.
            domain: Domain of the execution; None is the local one.
            meta: What else the subject shall carry.
            execution_id: Id of the execution, such as the number of an order; None is a fresh one.

        Raises:
            InvalidSubjectError: One of these breaks a rule.
        """
        return ArvoOrchestrationSubject.create(
            {
                "orchestrator": {
                    "name": orchestrator,
                    "version": WILDCARD_VERSION if version is None else version,
                },
                "execution": {
                    "id": current().new_id() if execution_id is None else execution_id,
                    "initiator": initiator,
                    "domain": domain,
                },
                "meta": dict(meta or {}),
            }
        )

    @staticmethod
    def from_(
        *,
        orchestrator: str,
        version: str | None,
        subject: str,
        domain: str | None = None,
        meta: Mapping[str, str] | None = None,
        execution_id: str | None = None,
    ) -> str:
        """Return the subject of a new execution that the execution of `subject` starts.

        Its initiator is the parent's orchestrator; domain and meta are inherited where they are not given.

        Raises:
            InvalidSubjectError: The parent cannot be read (`reason` begins with `parent-`), or a part breaks a rule.
        """
        parent = _parse_parent(subject)
        return ArvoOrchestrationSubject.new(
            orchestrator=orchestrator,
            version=version,
            initiator=parent.orchestrator.name,
            domain=parent.execution.domain if domain is None else domain,
            meta={**parent.meta, **(meta or {})},
            execution_id=execution_id,
        )

    @staticmethod
    def create(content: SubjectContent | Mapping[str, Any]) -> str:
        """Return the subject that says exactly this.

        Raises:
            InvalidSubjectError: The content breaks a rule.
        """
        checked = content if isinstance(content, SubjectContent) else SubjectContent.read(content)
        try:
            return compress_json(copy_json(checked.model_dump()))
        except JsonError as error:
            path = ".".join(error.path)
            raise InvalidSubjectError(
                f"A subject can only carry JSON: {path} {error}.", reason="schema", paths=[path]
            ) from None

    @staticmethod
    def parse(subject: str) -> SubjectContent:
        """Return what a subject says. The same text gives the same, unchangeable object.

        Raises:
            InvalidSubjectError: The text is no orchestration subject, or inflates to more than 64 KiB.
        """
        if not isinstance(subject, str) or len(subject) > _CACHED_LENGTH:
            return _parse(subject)
        try:
            return _parse_cached(subject)
        except _LargeContent as large:
            return large.content

    @staticmethod
    def is_valid(subject: str) -> bool:
        """Tell whether a text is an orchestration subject."""
        try:
            ArvoOrchestrationSubject.parse(subject)
        except InvalidSubjectError:
            return False
        return True


def _parse(subject: object) -> SubjectContent:
    if not isinstance(subject, str):
        raise InvalidSubjectError(f"A subject is a text, this is a {type(subject).__name__}.", reason="codec") from None
    try:
        content = decompress_json(subject)
    except CompressionError as error:
        raise InvalidSubjectError(
            f"{shorten(subject)} is not an orchestration subject: {error}. Subjects are made by "
            "ArvoOrchestrationSubject, or by the factory of an init event.",
            reason=error.stage,
        ) from None
    return SubjectContent.read(content)


class _LargeContent(Exception):
    """Keeps a content out of the cache, which remembers what is returned and not what is raised."""

    def __init__(self, content: SubjectContent) -> None:
        super().__init__()
        self.content = content


@lru_cache(_CACHED_SUBJECTS)
def _parse_cached(subject: str) -> SubjectContent:
    content = _parse(subject)
    if len(content.model_dump_json()) > _CACHED_LENGTH:
        raise _LargeContent(content)
    return content


def _parse_parent(subject: str) -> SubjectContent:
    reasons: dict[SubjectReason, SubjectReason] = {
        "codec": "parent-codec",
        "json": "parent-json",
        "schema": "parent-schema",
    }
    try:
        return ArvoOrchestrationSubject.parse(subject)
    except InvalidSubjectError as error:
        raise InvalidSubjectError(
            f"The parent's subject cannot be read. {error}", reason=reasons[error.reason], paths=error.paths
        ) from error
