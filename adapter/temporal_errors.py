"""What errors of Temporal's server and of its SDK mean, where it takes their words or their status to tell.

Another version may word them otherwise: `tests/adapter/test_temporal_errors.py` provokes each of them.
"""

from __future__ import annotations

import re

from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

_NO_ROOM = ("limit for signal events", "workflow is closing")
_UPDATE_LOST = (*_NO_ROOM, "update was aborted", "concurrent in-flight updates")
_OUTLIVED = "AcceptedUpdateCompletedWorkflow"
_NOT_REGISTERED = "is not registered on this"
_NO_ANSWER = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION)
_LACKS_ATTRIBUTE = ("no mapping defined for search attribute", "is not defined")
_REFUSED = ("Unauthenticated", "PermissionDenied")
_NO_TLS = "InvalidContentType"
_PORT_TAKEN = "address already in use"

_WORDS_OF_CONNECTING = re.compile(r'(?:message|error): "([^"]+)"')
_WORDS_OF_REPLAYING = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


def is_not_found(error: RPCError) -> bool:
    """Tell whether the server does not know what it was asked for; a signal or an update finds no closed workflow."""
    return error.status is RPCStatusCode.NOT_FOUND


def is_not_taken(error: RPCError) -> bool:
    """Tell whether the server refuses what it was given: it would never take it."""
    return error.status is RPCStatusCode.INVALID_ARGUMENT


def is_unanswered(error: RPCError) -> bool:
    """Tell whether no worker has answered a query."""
    return error.status in _NO_ANSWER


def lacks_search_attribute(error: RPCError) -> bool:
    """Tell whether a start was refused because its namespace has not one of its search attributes."""
    about_one = is_not_taken(error) and "search attribute" in error.message
    return about_one and any(words in error.message for words in _LACKS_ATTRIBUTE)


def has_no_room(error: RPCError) -> bool:
    """Tell whether a run takes no more signals: it has all that the server allows, or is just ending."""
    return any(words in error.message for words in _NO_ROOM)


def has_lost_update(error: RPCError) -> bool:
    """Tell whether an update came to nothing, or nobody knows to what, for the run that it was sent to.

    The run continued as new, failed a workflow task, or has as many updates under way as the server allows. Sending
    the update again is safe where a repetition is recognised.
    """
    lost = any(words in error.message for words in _UPDATE_LOST)
    return lost or error.status is RPCStatusCode.FAILED_PRECONDITION


def has_outlived_run(failure: BaseException | None) -> bool:
    """Tell whether an update was taken, and the workflow has ended before it had an answer."""
    return isinstance(failure, ApplicationError) and failure.type == _OUTLIVED


def lacks_activity(failure: BaseException | None) -> bool:
    """Tell whether a worker was given an activity that it does not have, which says nothing of other workers."""
    if not isinstance(failure, ApplicationError):
        return False
    return failure.type == "NotFoundError" and _NOT_REGISTERED in failure.message


def refuses_credentials(error: Exception) -> bool:
    """Tell whether a connection has failed because the server refuses who connects."""
    return any(status in str(error) for status in _REFUSED)


def speaks_no_tls(error: Exception) -> bool:
    """Tell whether a connection has failed because what listens there does not speak TLS."""
    return _NO_TLS in str(error)


def words_of_connecting(error: Exception) -> str:
    """Return the readable part of an error of the SDK about a connection."""
    return _inner(_WORDS_OF_CONNECTING, str(error))


def words_of_replaying(error: Exception) -> str:
    """Return the readable part of an error of the SDK about a replay."""
    return _ESCAPED.sub(_unescaped, _inner(_WORDS_OF_REPLAYING, str(error)))


def says_port_is_taken(line: str) -> bool:
    """Tell whether a line that the server has printed says that one of its ports is in use."""
    return _PORT_TAKEN in line


def _unescaped(escape: re.Match[str]) -> str:
    return "\n" if escape[1] == "n" else escape[1]


def _inner(words: re.Pattern[str], text: str) -> str:
    found = words.search(text)
    return found.group(1) if found else text
