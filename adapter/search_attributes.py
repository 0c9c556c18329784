"""The search attributes by which orchestrations are found in lists: names, types, and what stands in them.

They are not encrypted, and have nothing of an event's data. Those that are known at a start are given with it, which
costs no event of the history. A namespace has either all of them or none (`arvo-temporal setup`): a run that was given
them knows by that, in each replay too, that its children can have them, and that it can change its own.
"""

from __future__ import annotations

import json
from typing import Any, Literal, get_args
from urllib.parse import quote

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from adapter.identity import workflow_id
from arvo.contracts import PARENT_SUBJECT
from arvo.errors import InvalidSubjectError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.statechart.inspecting import active_names

ORCHESTRATOR = SearchAttributeKey.for_keyword("ArvoOrchestrator")
"""The type of the orchestrator."""
VERSION = SearchAttributeKey.for_keyword("ArvoVersion")
EXECUTION_ID = SearchAttributeKey.for_keyword("ArvoExecutionId")
"""The id of the execution: the key that its starter gave it."""
INITIATOR = SearchAttributeKey.for_keyword("ArvoInitiator")
PARENT = SearchAttributeKey.for_keyword("ArvoParent")
"""The workflow id of the orchestration that has started it; none for one without a parent."""
ROOT = SearchAttributeKey.for_keyword("ArvoRoot")
"""The workflow id of the orchestration at the top of its tree; none for that one itself."""
TROUBLE = SearchAttributeKey.for_keyword_list("ArvoTrouble")
"""The kinds of its troubles (`adapter.troubles`); none where it has no trouble."""
STATE = SearchAttributeKey.for_keyword_list("ArvoState")
"""The paths of its active states, where the app asks for that."""
STATE_SINCE = SearchAttributeKey.for_datetime("ArvoStateSince")
"""When these were entered, likewise."""

ATTRIBUTES = {
    ORCHESTRATOR.name: "Keyword",
    VERSION.name: "Keyword",
    EXECUTION_ID.name: "Keyword",
    INITIATOR.name: "Keyword",
    PARENT.name: "Keyword",
    ROOT.name: "Keyword",
    TROUBLE.name: "KeywordList",
    STATE.name: "KeywordList",
    STATE_SINCE.name: "Datetime",
}
"""All of them, with Temporal's names of their types."""

ChosenAttribute = Literal["state"]
"""What an app can choose to have as a search attribute: `state`, at the cost of an event for each change of it."""
CHOOSABLE: tuple[ChosenAttribute, ...] = get_args(ChosenAttribute)

LONGEST = 255
"""Characters of a value: the databases of Temporal servers keep no more."""
_MOST_BYTES = 2000
"""Bytes of a value as JSON, all parts of a list together: the server takes no more than 2,048."""
_AS_IT_IS = frozenset(" !#$%&()*+,-./:;<=>?@[]^_{|}~")


def keyword(text: str) -> str:
    """Return a text as it stands in a search attribute, and in a query for it.

    Characters that queries cannot contain, and those that nobody sees, are escaped as in URLs. So no text can leave its
    quotation marks.

    Args:
        text: Any text; of a longer one the first 255 characters stand there, or as many as the server takes.
    """
    kept = "".join(char if _is_kept(char) else _escaped(char) for char in text[:LONGEST])[:LONGEST]
    while _size(kept) > _MOST_BYTES:
        kept = kept[:-1]
    return kept


def active_states(value: Any) -> list[str]:
    """Return the paths of the active states of a machine, outer ones before those within: `shipping.packed`.

    Args:
        value: The state value of its record; None where there is none.
    """
    kept: list[str] = []
    room = _MOST_BYTES
    for path in dict.fromkeys(map(keyword, active_names(value))):
        room -= _size(path) + 2
        if room < 0:
            break
        kept.append(path)
    return kept


def start_attributes(init: ArvoEvent, root: str | None = None) -> TypedSearchAttributes:
    """Return the search attributes of the orchestration that an init event starts.

    Args:
        init: The init event.
        root: The workflow id of the orchestration at the top of its tree; its parent's where nobody knows that.

    Raises:
        InvalidSubjectError: The event's subject is no orchestration subject.
    """
    content = ArvoOrchestrationSubject.parse(init.subject)
    parent = _parent(init)
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(ORCHESTRATOR, keyword(content.orchestrator.name)),
        SearchAttributePair(VERSION, keyword(content.orchestrator.version)),
        SearchAttributePair(EXECUTION_ID, keyword(content.execution.id)),
        SearchAttributePair(INITIATOR, keyword(content.execution.initiator)),
        # Nothing, and the server refuses it all the same where it does not know them.
        SearchAttributePair(TROUBLE, []),
        SearchAttributePair(STATE, []),
    ]
    if parent is not None:
        pairs += [SearchAttributePair(PARENT, keyword(parent)), SearchAttributePair(ROOT, keyword(root or parent))]
    return TypedSearchAttributes(pairs)


def has_attributes(own: TypedSearchAttributes) -> bool:
    """Tell whether a run was given search attributes, and so what it starts can have them too."""
    return own.get(ORCHESTRATOR) is not None or own.get(ROOT) is not None


def outbox_attributes(owner: str, own: TypedSearchAttributes) -> TypedSearchAttributes | None:
    """Return the search attributes of an outbox, which is part of the tree of its orchestration; None for none.

    Args:
        owner: The workflow id of the orchestration.
        own: The search attributes of that.
    """
    if not has_attributes(own):
        return None
    root = own.get(ROOT, keyword(owner))
    return TypedSearchAttributes([SearchAttributePair(PARENT, keyword(owner)), SearchAttributePair(ROOT, root)])


def child_attributes(init: ArvoEvent, own: TypedSearchAttributes) -> TypedSearchAttributes | None:
    """Return the search attributes of a child; None for none, because its parent has none.

    Args:
        init: The init event of the child.
        own: The search attributes of the run that starts it.
    """
    return start_attributes(init, own.get(ROOT)) if has_attributes(own) else None


def _parent(init: ArvoEvent) -> str | None:
    subject = init.data.get(PARENT_SUBJECT)
    try:
        return workflow_id(subject) if isinstance(subject, str) else None
    except InvalidSubjectError:
        return None


def _size(text: str) -> int:
    return len(json.dumps(text))


def _is_kept(char: str) -> bool:
    return char.isalnum() or char in _AS_IT_IS or (not char.isascii() and char.isprintable())


def _escaped(char: str) -> str:
    return quote(char.encode("utf-8", "surrogatepass"))
