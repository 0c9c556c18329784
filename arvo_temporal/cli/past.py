"""The command that looks back: each step of an orchestration, the transitions that it took, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapter.ledger import Fate
from adapter.observation import HistoryEntry
from adapter.plain_text import plain_text
from arvo.statechart import Transition, duration_words
from arvo.statechart.inspecting import event_words, guard_words, state_name, transition_words, value_words
from arvo_temporal.cli.printing import print_words
from arvo_temporal.cli.running import (
    JsonOption,
    OrchestrationArgument,
    RequiredAppOption,
    run_with_client,
)
from arvo_temporal.cli.times import Times, TimesOption, told
from arvo_temporal.client import ArvoClient


def history(
    orchestration: OrchestrationArgument,
    app: RequiredAppOption,
    times: TimesOption = Times.RELATIVE,
    as_json: JsonOption = False,
) -> None:
    """Print each step of an orchestration: what it consumed, its transitions, what it produced, the time between.

    It is rebuilt from the server's history by the app's code. With --json it is a line for each step, with its record.
    """

    async def body(client: ArvoClient) -> int:
        steps = await client.history(orchestration)
        for number, step in enumerate(steps):
            before = steps[number - 1] if number else None
            if as_json:
                print(plain_text(json.dumps(_as_json(step, before), ensure_ascii=False)))
            else:
                _print(step, before, times)
        return 0

    run_with_client(body, app)


def _print(step: HistoryEntry, before: HistoryEntry | None, times: Times) -> None:
    fate = "" if step.fate is Fate.APPLIED else f"({step.fate})"
    print_words(f"{step.step:>3}", when(step, before, times), _event(step), fate)
    for line in _lines(step):
        print(f"     {plain_text(line)}")


def _lines(step: HistoryEntry) -> Iterator[str]:
    for transition in step.transitions:
        spontaneous = event_words(transition)[0] in ("always", "done")
        yield transition_words(transition) + (f", {event_words(transition)[1]}" if spontaneous else "")
    if not step.transitions and step.record is not None:
        if "error" in step.record:
            yield f"failed with {step.record['error']['name']}: {step.record['error']['message']}"
        elif step.record.get("value") is not None:
            yield f"in {value_words(step.record['value'])}"
    for event in step.events:
        yield f"sends {event.type}" + (f" to {event.to}" if event.to != event.type else "")


def _event(step: HistoryEntry) -> str:
    """What a step consumed, as people say it: the type of an event, or `approving after 3 days`."""
    first = next(iter(step.transitions), None)
    if first is None or first.event != step.event_type:
        return step.event_type
    kind, words = event_words(first)
    return f"{state_name(first.source)} {words}" if kind == "after" else words


def when(step: HistoryEntry, before: HistoryEntry | None, times: Times) -> str:
    """Return when a step was made: how long after the one before it, or at what time."""
    time = datetime.fromisoformat(step.time)
    if before is None or times is Times.ISO:
        return told(time, times)
    milliseconds = round(_seconds_between(before, step) * 1000)
    return f"{duration_words(milliseconds, most=1)} later" if milliseconds > 0 else "at once"


def _seconds_between(before: HistoryEntry, step: HistoryEntry) -> float:
    return (datetime.fromisoformat(step.time) - datetime.fromisoformat(before.time)).total_seconds()


def _as_json(step: HistoryEntry, before: HistoryEntry | None) -> dict[str, Any]:
    return {
        "step": step.step,
        "time": step.time,
        "seconds": _seconds_between(before, step) if before else None,
        "event": {"id": step.event_id, "type": step.event_type, "words": _event(step)},
        "fate": step.fate,
        "transitions": [_transition_json(one) for one in step.transitions],
        "produced": [event.to_json() for event in step.events],
        "record": step.record,
    }


def _transition_json(transition: Transition) -> dict[str, Any]:
    return {
        "source": state_name(transition.source),
        "event": event_words(transition)[1],
        "guard": guard_words(transition.config.get("guard")) or None,
        "targets": [state_name(target) for target in transition.target or ()],
        "path": transition.path,
    }
