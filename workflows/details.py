"""What the Temporal UI shows of a running orchestration: Markdown, of an event's data the text of a failure alone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from temporalio import workflow

from adapter.ledger import Fate, Ledger, LedgerEntry
from adapter.plain_text import plain_text
from arvo.events import ArvoEvent
from arvo.orchestration import MachineMemoryRecord

_PROBLEMS_SHOWN = 5
_EVENTS_SHOWN = 20
_REASON_SHOWN = 300


def show_details(record: MachineMemoryRecord | None, ledger: Ledger, waiting: int) -> None:
    """Let the UI show an orchestration as `describe` does."""
    workflow.set_current_details(describe(record, ledger, waiting))


def describe(record: MachineMemoryRecord | None, ledger: Ledger, waiting: int) -> str:
    """Return the current details of an orchestration: its state, its last step, and the newest refusals and failures.

    Args:
        record: Its record; None before the first step.
        ledger: The fates of its events.
        waiting: How many events wait for their turn.
    """
    lines = []
    if record is not None:
        lines.append(f"**State** {_state(record)}")
        lines.extend(_last_step(record))
    counts = ", ".join(f"{count} {fate}" for fate, count in ledger.counts.items())
    lines.append(f"**Events** {counts or 'none yet'}, {waiting} waiting")
    lines.extend(map(_problem, _problems(ledger)))
    return "\n\n".join(lines)


def _state(record: MachineMemoryRecord) -> str:
    status = record.get("status", "failure")
    if "value" in record:
        return f"`{json.dumps(record['value'])}` ({status})"
    expected = (record["events"].get("expected") if "events" in record else None) or {}
    come = sum(1 for answers in expected.values() if answers)
    return f"{status}, {come} of {len(expected)} answers have come" if expected else status


def describe_outbox(events: Sequence[ArvoEvent], ledger: Ledger) -> str:
    """Return the current details of an outbox: what is on its way, and the newest failures.

    Args:
        events: What has not left.
        ledger: The fates of what has come back.
    """
    lines = [f"**On their way** {len(events)} events of an orchestration that has ended"]
    lines += [f"- {_as_code(event.type)} for {_as_code(event.to or '')}" for event in events[:_EVENTS_SHOWN]]
    return "\n\n".join([*lines, *map(_problem, _problems(ledger))])


def _problems(ledger: Ledger) -> list[LedgerEntry]:
    """Return the newest refusals and the newest failures that nobody handles: these have a code."""
    wrong = [entry for entry in ledger.entries if entry.code is not None and entry.fate is not Fate.APPLIED]
    return wrong[-_PROBLEMS_SHOWN:]


def _problem(entry: LedgerEntry) -> str:
    """Say what is wrong: of a refusal its kind alone, as its reason may quote the event."""
    told = entry.code if entry.fate is Fate.REFUSED else _as_code(entry.reason or "")
    return f"- {entry.fate} `{entry.type or 'not an event'}` at {entry.time}: {told}"


def _as_code(text: str) -> str:
    """Return a text that is nobody's Markdown."""
    words = " ".join(text[:_REASON_SHOWN].replace("`", "'").split())
    return f"`{plain_text(words)}`"


def _last_step(record: MachineMemoryRecord) -> list[str]:
    events = record.get("events")
    if events is None:
        return []
    consumed = events["consumed"]
    lines = [f"**Last event** `{consumed['type']}`"] if consumed else []
    return lines + [f"- produced `{event['type']}` for `{event['to']}`" for event in events["produced"]]
