"""Which orchestration a person means: by its subject, its workflow id, the beginning of that, or `orchestrator/key`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from temporalio.client import Client
from temporalio.service import RPCError

from adapter.errors import OrchestrationNotFoundError, OrchestrationNotUniqueError
from adapter.identity import id_parts, is_workflow_id, readable_id, workflow_id
from adapter.plain_text import plain_text
from arvo.errors import InvalidSubjectError, shorten
from arvo.wire import ORCHESTRATORS, is_event_type

_IN_IDS = re.compile(r"[A-Za-z0-9_.~:@% /-]+")
"""What workflow ids consist of. No quotation mark is among it, so it can stand in a query."""
_NAME = re.compile(r"arvo\.orc\.[a-z0-9][a-z0-9.]*")

_MOST_VERSIONS = 50
_MOST_LOOKED_AT = 200
_SHOWN = 5


class _Wanted(NamedTuple):
    """What a text may mean.

    Attributes:
        type: The type of the orchestrator, as far as it is written.
        key: The id of the execution; None where the text has no such part.
        beginning: The workflow id, as far as it is written; None where no workflow id begins so.
    """

    type: str
    key: str | None
    beginning: str | None

    @classmethod
    def read(cls, text: str) -> _Wanted | None:
        """Return what a text may mean; None if it is nothing of the kind."""
        full = text if text.startswith(ORCHESTRATORS) else f"{ORCHESTRATORS}{text}"
        type_, slash, key = full.partition("/")
        if not text or not _NAME.fullmatch(type_):
            return None
        return cls(type_, key if slash and key else None, full if _IN_IDS.fullmatch(full) else None)


@dataclass(frozen=True, slots=True)
class _Found:
    workflow_id: str
    status: str


class Finder:
    """Finds orchestrations by what people call them.

    Args:
        client: A Temporal client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def find(self, text: str) -> str:
        """Return the workflow id of the orchestration that is meant.

        A subject and a whole workflow id are told apart from the rest without a call, and are not looked for. Else
        `orchestrator/key` is tried before the beginning of a workflow id; `arvo.orc.` may be left out. The versions
        of an orchestrator are found one by one, a call for each, however many orchestrations there are.

        Args:
            text: What the orchestration is called.

        Raises:
            InvalidSubjectError: The text can be none of these.
            OrchestrationNotFoundError: The server's list has none that is called so.
            OrchestrationNotUniqueError: It has several.
        """
        try:
            return workflow_id(text)
        except InvalidSubjectError as error:
            if is_workflow_id(text):
                return text
            wanted = _Wanted.read(text)
            if wanted is None:
                raise InvalidSubjectError(
                    f"{shorten(text)} names no orchestration. Give ORCHESTRATOR/KEY such as order/42, a workflow id or "
                    f"the beginning of one, or a subject. As a subject: {error}",
                    reason=error.reason,
                ) from error
        found = await self._by_key(wanted) or await self._by_beginning(wanted)
        if not found:
            raise OrchestrationNotFoundError(
                f"No orchestration is called '{plain_text(text)}'. The server's list may be a second behind. Give a "
                "subject, a workflow id or the beginning of one, or ORCHESTRATOR/KEY, and look at the namespace.",
                workflow_id=text,
            )
        if len(found) > 1:
            raise _not_unique(text, found)
        return found[0].workflow_id

    async def shortest(self, identity: str) -> str:
        """Return what an orchestration can be called in short: `order/42` where that is the only one, else its id.

        Args:
            identity: Its workflow id.
        """
        parts = id_parts(identity)
        if parts is None or parts.key is None:
            return identity
        short = f"{parts.orchestrator.removeprefix(ORCHESTRATORS)}/{parts.key}"
        try:
            return short if await self.find(short) == identity else identity
        except (InvalidSubjectError, OrchestrationNotFoundError, OrchestrationNotUniqueError):
            return identity
        except RPCError:  # a server whose lists cannot be asked so
            return identity

    async def suggest(self, beginning: str) -> list[str]:
        """Return a few workflow ids that begin so, for whoever types one.

        Args:
            beginning: What has been typed of it, which may be nothing.
        """
        wanted = beginning if beginning.startswith(ORCHESTRATORS) else ORCHESTRATORS
        found = await self._listed([wanted]) if _IN_IDS.fullmatch(wanted) else ()
        return [one.workflow_id for one in found]

    async def _by_key(self, wanted: _Wanted) -> Sequence[_Found]:
        if wanted.key is None or not is_event_type(wanted.type):
            return ()
        heads = [readable_id(wanted.type, version, wanted.key) for version in await self._versions(wanted.type)]
        version, _, key = wanted.key.partition("/")
        if re.fullmatch(r"\d+\.\d+\.\d+", version) and key:
            heads.append(readable_id(wanted.type, version, key))
        return await self._listed([f"{head}/" for head in heads]) if heads else ()

    async def _by_beginning(self, wanted: _Wanted) -> Sequence[_Found]:
        return await self._listed([wanted.beginning]) if wanted.beginning else ()

    async def _versions(self, type_: str) -> list[str]:
        """Return the versions that the server has orchestrations of."""
        versions: dict[str, None] = {}
        for _ in range(_MOST_VERSIONS):
            others = "".join(f" AND WorkflowId NOT STARTS_WITH '{type_}/{version}'" for version in versions)
            query = f"WorkflowType = '{type_}' AND WorkflowId STARTS_WITH '{type_}/'{others}"
            one = await anext(self._client.list_workflows(query, page_size=1, limit=1), None)
            if one is None or not _IN_IDS.fullmatch(one.id):
                break
            version, slash, _ = one.id.removeprefix(f"{type_}/").partition("/")
            versions[f"{version}{slash}"] = None
        return [version.removesuffix("/") for version in versions]

    async def _listed(self, beginnings: Sequence[str]) -> Sequence[_Found]:
        """Return the orchestrations whose ids begin with one of these texts; of many, enough to tell that."""
        begins = " OR ".join(f"WorkflowId STARTS_WITH '{beginning}'" for beginning in beginnings)
        # A run that was continued is followed by one that is listed as well.
        query = f"WorkflowType STARTS_WITH '{ORCHESTRATORS}' AND ExecutionStatus != 'ContinuedAsNew' AND ({begins})"
        found: dict[str, _Found] = {}
        async for one in self._client.list_workflows(query, page_size=50, limit=_MOST_LOOKED_AT):
            is_meant = is_workflow_id(one.id) or one.id in beginnings
            if is_meant and one.id not in found:
                found[one.id] = _Found(one.id, one.status.name.lower() if one.status else "unknown")
            if len(found) > _SHOWN:
                break
        return tuple(found.values())


def _not_unique(text: str, found: Sequence[_Found]) -> OrchestrationNotUniqueError:
    shown = ", ".join(f"{plain_text(one.workflow_id)} ({one.status})" for one in found[:_SHOWN])
    more = " and more" if len(found) > _SHOWN else ""
    return OrchestrationNotUniqueError(
        f"Several orchestrations are called '{plain_text(text)}': {shown}{more}. Write more of the workflow id.",
        workflow_id=text,
        candidates=tuple(one.workflow_id for one in found[:_SHOWN]),
    )
