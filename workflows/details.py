"""What the Temporal UI shows of a running orchestration: Markdown, nothing of an event's data."""

from __future__ import annotations

import json

from temporalio import workflow

from adapter.ledger import Fate, Ledger
from arvo.orchestration import MachineMemoryRecord

_REFUSALS_SHOWN = 5


def show_details(record: MachineMemoryRecord | None, ledger: Ledger, waiting: int) -> None:
    """Let the UI show an orchestration as `describe` does."""
    workflow.set_current_details(describe(record, ledger, waiting))


def describe(record: MachineMemoryRecord | None, ledger: Ledger, waiting: int) -> str:
    """Return the current details of an orchestration: its state, its last step, and the newest refusals.

    Args:
        record: Its record; None before the first step.
        ledger: The fates of its events.
        waiting: How many events wait for their turn.
    """
    lines = []
    if record is not None:
        lines.append(f"**State** `{json.dumps(record.get('value'))}` ({record.get('status', 'failure')})")
        lines.extend(_last_step(record))
    counts = ", ".join(f"{count} {fate}" for fate, count in ledger.counts.items())
    lines.append(f"**Events** {counts or 'none yet'}, {waiting} waiting")
    for entry in ledger.violations()[-_REFUSALS_SHOWN:]:
        lines.append(f"- refused `{entry.type or 'not an event'}` at {entry.time}: {entry.code}")
    lines += [
        f"- failed on `{e.type or 'a timer'}` at {e.time}: {e.code}" for e in ledger.entries if e.fate is Fate.FAILED
    ]
    return "\n\n".join(lines)


def _last_step(record: MachineMemoryRecord) -> list[str]:
    events = record.get("events")
    if events is None:
        return []
    consumed = events["consumed"]
    lines = [f"**Last event** `{consumed['type']}`"] if consumed else []
    return lines + [f"- produced `{event['type']}` for `{event['to']}`" for event in events["produced"]]
