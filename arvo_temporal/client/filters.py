"""Which orchestrations a list has: what is asked for, and the query of Temporal that finds it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict

from adapter.errors import ListError
from adapter.identity import id_parts
from adapter.search_attributes import EXECUTION_ID, PARENT, ROOT, STATE, STATE_SINCE, TROUBLE, VERSION, keyword
from adapter.troubles import TroubleKind
from arvo.errors import shorten
from arvo.wire import ORCHESTRATORS

Status = Literal["open", "closed", "all"]

TASK_FAILING = "task-failing"
"""Trouble that the server tells: the workflow task keeps failing, as the code does not fit the history, or raises."""
NO_WORKER = "no-worker"
"""Trouble that the server tells: no worker serves the task queue."""
TROUBLES = (*(kind.value for kind in TroubleKind), TASK_FAILING, NO_WORKER)
PROBLEMS = "TemporalReportedProblems"
"""The search attribute of Temporal itself that a workflow has whose task keeps failing."""

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`""", re.DOTALL)
_NO_QUERY = re.compile(r"""['"`]|--|/\*|//|#""")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANY = f"WorkflowId STARTS_WITH '{ORCHESTRATORS}'"
_OPEN = "ExecutionStatus = 'Running'"
_NOT_CONTINUED = "ExecutionStatus != 'ContinuedAsNew'"


class Filters(TypedDict, total=False):
    """Which orchestrations are wanted; what is left out, or None, is any.

    Attributes:
        orchestrator: The type of the orchestrator, such as `arvo.orc.order`; `arvo.orc.` may be left out.
        version: Its version.
        state: The path of an active state, such as `approving` or `shipping.packed`: only of apps that have their
            state as a search attribute.
        trouble: Whether to show those in trouble alone; a kind of trouble, for those of that kind.
        parent: The parent, by its subject or workflow id.
        root: The orchestration at the top of the tree, likewise; it is in the list itself.
        key: The id of the execution, which its starter gave it.
        older_than: How long ago it was started at least.
        in_state_for: How long ago it came into its state at least, where that is known.
        status: `open` (the default), `closed` or `all`.
        query: More, in the language of Temporal's list filters.
    """

    orchestrator: str | None
    version: str | None
    state: str | None
    trouble: bool | str | None
    parent: str | None
    root: str | None
    key: str | None
    older_than: timedelta | None
    in_state_for: timedelta | None
    status: Status
    query: str | None


@dataclass(frozen=True, slots=True)
class ServerKnows:
    """What of a namespace decides how a list is asked for.

    Attributes:
        attributes: Whether it has the search attributes of orchestrations.
        problems: Whether the server has `TemporalReportedProblems`.
    """

    attributes: bool
    problems: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list, as it is asked for.

    Attributes:
        text: The query, in the language of Temporal's list filters.
        version: What the version of each has to be, where the query cannot say that.
        key: What the key of each has to be, likewise.
    """

    text: str
    version: str | None = None
    key: str | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the query finds nothing else than what is wanted."""
        return self.version is None and self.key is None

    def takes(self, workflow_id: str) -> bool:
        """Tell whether what the query finds is wanted."""
        parts = id_parts(workflow_id)
        if parts is None:
            return self.is_exact
        return self.version in (None, parts.version) and self.key in (None, parts.key)


def quoted(text: str) -> str:
    """Return a text as it stands in a query: none can leave its quotation marks."""
    return f"'{keyword(text)}'"


def quoted_name(name: str) -> str:
    """Return the name of a task queue as it stands in a query: it was found by one, and is to be found as it is."""
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def list_query(
    filters: Filters, server: ServerKnows, unserved: Collection[str] = (), now: datetime | None = None
) -> ListQuery:
    """Return the query of a list.

    Args:
        filters: What is wanted.
        server: What the server knows.
        unserved: The task queues that no worker serves.
        now: The present; that of this machine by default.

    Raises:
        ListError: The namespace lacks what is needed to answer, there is no such trouble, or a filter is empty.
    """
    _refuse_empty(filters)
    parts = [_ANY, _status(filters.get("status", "open"))]
    if orchestrator := filters.get("orchestrator"):
        type_ = orchestrator if orchestrator.startswith(ORCHESTRATORS) else f"{ORCHESTRATORS}{orchestrator}"
        parts.append(f"WorkflowType = {quoted(type_)}")
    if state := filters.get("state"):
        _require(server, "state")
        parts.append(f"{STATE.name} = {quoted(state)}")
    if trouble := filters.get("trouble"):
        parts.append(_trouble(trouble, server, unserved))
    parts += [*_tree(filters, server), *_ages(filters, server, now or datetime.now(UTC))]
    if query := filters.get("query"):
        parts.append(f"({_whole(query)})")
    version, key = filters.get("version"), filters.get("key")
    if server.attributes:
        parts += [f"{VERSION.name} = {quoted(version)}"] if version else []
        parts += [f"{EXECUTION_ID.name} = {quoted(key)}"] if key else []
        version = key = None
    return ListQuery(" AND ".join(parts), version, key)


def is_in_trouble(trouble: bool | str | None, kind: str) -> bool:
    """Tell whether a list that is wanted has those with a kind of trouble."""
    return trouble is True or trouble == kind


def _refuse_empty(filters: Filters) -> None:
    """Refuse a filter that is empty: a script's variable was, and any orchestration is not what it means.

    Raises:
        ListError: One is.
    """
    for name, value in filters.items():
        if isinstance(value, str) and not value.strip():
            raise ListError(
                f"The filter '{name}' is empty, which finds nothing. Leave it out for any, or give it a value."
            )


def _whole(query: str) -> str:
    """Return a query that stays within the brackets that are put around it, beside all the other filters.

    Raises:
        ListError: It would leave them, or end what follows it.
    """
    outside, depth = _QUOTED.sub("", query), 0
    if found := _NO_QUERY.search(outside):
        raise ListError(
            f"The query {shorten(query)} cannot have {found[0]} there: leave comments out, and close what is quoted."
        )
    for bracket in re.findall(r"[()]", outside):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            break
    if depth != 0:
        raise ListError(f"The brackets of the query {shorten(query)} do not pair up: close each one that is opened.")
    return query


def _tree(filters: Filters, server: ServerKnows) -> Iterator[str]:
    if parent := filters.get("parent"):
        yield f"{PARENT.name if server.attributes else 'ParentWorkflowId'} = {quoted(parent)}"
    if root := filters.get("root"):
        identity = quoted(root)
        own = f"({ROOT.name} = {identity} OR WorkflowId = {identity})"
        yield own if server.attributes else f"RootWorkflowId = {identity}"


def _ages(filters: Filters, server: ServerKnows, now: datetime) -> Iterator[str]:
    if (older := filters.get("older_than")) is not None:
        yield f"StartTime < {_before(now, older)}"
    if (lasting := filters.get("in_state_for")) is not None:
        _require(server, "in_state_for")
        yield f"{STATE_SINCE.name} < {_before(now, lasting)}"


def _status(status: Status) -> str:
    match status:
        case "open":
            return _OPEN
        case "closed":
            return f"ExecutionStatus != 'Running' AND {_NOT_CONTINUED}"
        case "all":
            return _NOT_CONTINUED
    raise ListError(f"Orchestrations are 'open', 'closed' or 'all' of them, not {status!r}.")


def _trouble(trouble: bool | str, server: ServerKnows, unserved: Collection[str]) -> str:
    if trouble is not True and trouble not in TROUBLES:
        raise ListError(f"There is no trouble {trouble!r}: it is one of {', '.join(TROUBLES)}.")
    known = []
    if trouble is True or trouble in tuple(TroubleKind):
        _require(server, "trouble")
        known.append(f"{TROUBLE.name} IS NOT NULL" if trouble is True else f"{TROUBLE.name} = '{trouble}'")
    if is_in_trouble(trouble, TASK_FAILING):
        if server.problems:
            known.append(f"{PROBLEMS} IS NOT NULL")
        elif trouble is not True:
            raise ListError(
                f"This server does not list workflows whose task keeps failing ({PROBLEMS}). List without this filter: "
                "each is then looked at."
            )
    if is_in_trouble(trouble, NO_WORKER):
        queues = ", ".join(map(quoted_name, unserved))
        known.append(f"(TaskQueue IN ({queues}) AND {_OPEN})" if queues else "WorkflowId = ''")
    return f"({' OR '.join(known)})"


def _before(now: datetime, span: timedelta) -> str:
    moment = now - min(max(span, timedelta()), now - _EPOCH)
    return f"'{moment.astimezone(UTC).isoformat(timespec='milliseconds')}'"


def _require(server: ServerKnows, what: str) -> None:
    if not server.attributes:
        raise ListError(
            f"Orchestrations cannot be listed by {what} here: the namespace has no search attributes for them. To fix: "
            " arvo-temporal setup  (those that are started afterwards have them)."
        )
