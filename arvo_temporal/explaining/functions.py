"""What would become of an event that comes to a resumable: as much as can be said without calling its function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arvo.errors import ArvoError
from arvo.orchestration import ArvoResumable, ResumableRecord
from arvo.wire import is_system_error_type
from arvo_temporal.explaining.explanation import Explanation, Verdict
from arvo_temporal.explaining.probing import event_for, unknown_type


def explain_function(
    resumable: ArvoResumable, version: str, record: ResumableRecord, event_type: str, data: Mapping[str, Any] | None
) -> Explanation:
    """Tell whether a resumable's function would be called with an event.

    Args:
        resumable: The resumable.
        version: The version that the orchestration is of.
        record: Its present record.
        event_type: The event's type.
        data: The event's data, if it is known.
    """
    inputs = resumable.inputs(version)
    accepted = inputs.get(event_type)
    awaited = tuple(dict.fromkeys(_awaited(resumable, record)))
    if accepted is None and not is_system_error_type(event_type):
        return Explanation(event_type, Verdict.REFUSED, unknown_type(event_type, inputs), accepts=tuple(inputs))
    if data is not None:
        try:
            resumable.check(event_for(record["subject"], resumable.source, event_type, accepted, data), record)
        except ArvoError as error:
            return Explanation(event_type, Verdict.REFUSED, str(error), accepts=awaited or tuple(inputs))
    if event_type in awaited:
        waits = "An answer of this type is awaited"
    elif _awaits_more(record):
        waits = "An answer is awaited, and its type is not known: another event has come since the request was sent"
    else:
        waits = "No answer of this type is awaited now"
    fits = "" if data is not None else ", if its data fits the contract"
    reason = f"{waits}. The function is called with whatever the contract accepts{fits}; what it does, only it can say."
    return Explanation(event_type, Verdict.ACCEPTED, reason, accepts=awaited or tuple(inputs))


def _awaits_more(record: ResumableRecord) -> bool:
    """Whether an answer is awaited to what an earlier step has sent: of that, a record keeps the ids alone."""
    events = record.get("events")
    expected = (events["expected"] if events else None) or {}
    known = {sent["id"] for sent in events["produced"]} if events else set()
    return any(not answers and request not in known for request, answers in expected.items())


def _awaited(resumable: ArvoResumable, record: ResumableRecord) -> Iterator[str]:
    """Yield the types of the answers that have not come to what was sent last."""
    events = record.get("events")
    expected = (events["expected"] if events else None) or {}
    services = {contract.accepts.type: contract for contract in resumable.contracts["services"].values()}
    for sent in events["produced"] if events else ():
        contract = services.get(str(sent["type"]))
        if contract is not None and not expected.get(str(sent["id"])):
            yield from (*contract.emits, contract.system_error.type)
