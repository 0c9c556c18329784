"""What the Temporal UI shows of a running orchestration: Markdown, and nothing of an event's data.

The UI asks for it when somebody opens the page; nothing is made of it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from adapter.ledger import Fate, Ledger, LedgerEntry
from adapter.markdown import code, code_block, escaped
from adapter.moments import moment, span_words
from adapter.plain_text import shortened
from adapter.state_tree import state_tree
from adapter.state_words import moved_words
from adapter.view import EmissionView, OrchestrationView, StepView, TimerView, TroubleView
from arvo.events import ArvoEvent

MOST_BYTES = 20_000
"""As many as Temporal takes for details."""

_PROBLEMS_SHOWN = 5
_EVENTS_SHOWN = 20
_LINES_SHOWN = 10
_STATES_SHOWN = 30
_LINE = 140
_CUT = "\n\n… and more: `arvo-temporal show` has all of it."


def details(view: OrchestrationView, now: datetime) -> str:
    """Return the current details of an orchestration.

    Args:
        view: What it tells of itself.
        now: The present.
    """
    parts = [*_head(view), *_troubles(view, now), *_state(view, now), *_waits(view, now)]
    parts += [*_last_steps(view, now), _counts(view)]
    return within_bytes(parts, MOST_BYTES)


def describe_outbox(events: Sequence[ArvoEvent], ledger: Ledger) -> str:
    """Return the current details of an outbox: what is on its way, and the newest failures.

    Args:
        events: What has not left.
        ledger: The fates of what has come back.
    """
    lines = [f"- {code(event.type)} for {code(event.to or '')}" for event in events[:_EVENTS_SHOWN]]
    parts = [f"**On their way** {len(events)} events of an orchestration that has ended", *lines]
    wrong = [entry for entry in ledger.entries if entry.code is not None and entry.fate is not Fate.APPLIED]
    return within_bytes([*parts, *map(_problem, wrong[-_PROBLEMS_SHOWN:])], MOST_BYTES)


def within_bytes(parts: Iterable[str], most: int) -> str:
    """Return paragraphs as one text; where they are too long they are cut between two lines, and it says so.

    None of them takes more than a quarter, so that one that is long leaves room for the others.

    Args:
        parts: The paragraphs.
        most: Bytes of the text in all.
    """
    kept: list[str] = []
    room = most - len(_CUT.encode())
    is_cut = False
    for part in parts:
        shown = _whole_lines(part, min(room - 2, most // 4))
        is_cut |= shown != part
        if shown:
            kept.append(shown)
            room -= len(shown.encode()) + 2
    return "\n\n".join(kept) + (_CUT if is_cut else "")


def _whole_lines(part: str, most: int) -> str:
    """Return as many of the first lines of a paragraph as have so many bytes; a block of code stays one."""
    lines, kept = part.split("\n"), list[str]()
    end = lines[-1:] if lines[0].startswith("```") else []
    most -= sum(len(line) + 1 for line in end)
    for line in lines[: len(lines) - len(end)]:
        most -= len(line.encode()) + 1
        if most < 0:
            break
        kept.append(line)
    return "\n".join(kept + end) if kept else ""


def _head(view: OrchestrationView) -> list[str]:
    name = f"{code(view.orchestrator)} {view.version}, key {code(view.key, 100)}"
    place = f"child of {code(view.parent)}" if view.parent else "root"
    title = [f"### {escaped(view.title)}"] if view.title else []
    return [*title, f"{name}, {place}"]


def _troubles(view: OrchestrationView, now: datetime) -> Iterator[str]:
    if not view.troubles:
        return
    older = f" and {view.more_troubles} older ones" if view.more_troubles else ""
    lines = [_trouble(one, now) for one in view.troubles[-_LINES_SHOWN:]]
    yield "\n".join([f"**Trouble** {len(view.troubles)}{older}", "", *lines])


def _trouble(trouble: TroubleView, now: datetime) -> str:
    what = code(trouble.event) if trouble.event else "what is no event"
    named = f" ({code(trouble.event_id, 100)})" if trouble.event_id else ""
    reason = f": {escaped(trouble.reason, 200)}" if trouble.reason else ""
    told = f"{what}{named}{_since(trouble.since, now)}{reason}"
    return f"- **{escaped(trouble.kind)}** {told}. Cure: {code(trouble.cure, 600)}"


def _state(view: OrchestrationView, now: datetime) -> Iterator[str]:
    yield f"**State** {escaped(view.status)}{_since(view.since, now)}"
    lines = state_tree(view.states, lambda time: f"since {_moment(time, now)}")
    if lines:
        more = [f"… and {len(lines) - _STATES_SHOWN} more"] if len(lines) > _STATES_SHOWN else []
        yield code_block([*(shortened(line, _LINE) for line in lines[:_STATES_SHOWN]), *more])


def _waits(view: OrchestrationView, now: datetime) -> Iterator[str]:
    if view.accepts:
        yield f"**Takes now** {_listed(map(_name, view.accepts), len(view.accepts))}"
    awaited = [one for one in view.awaits if not one.answers]
    if view.awaits:
        come = len(view.awaits) - len(awaited)
        names = _listed((_name(one.type or one.id) for one in awaited), len(awaited))
        yield f"**Waits for answers** {come} of {len(view.awaits)} have come{'; to ' + names if names else ''}"
    if view.timers:
        yield _section("Timers", [_timer(one, now) for one in view.timers], len(view.timers))
    if view.emissions:
        lines = [_emission(one, now) for one in view.emissions]
        yield _section("On its way", lines, len(lines) + view.more_emissions)


def _timer(timer: TimerView, now: datetime) -> str:
    what = code(timer.state or timer.event or "")
    due = datetime.fromisoformat(timer.due)
    return f"{what}: after {span_words(timer.delay_ms)}, on {moment(due, now)}"


def _emission(emission: EmissionView, now: datetime) -> str:
    where = f" to {code(emission.to)}" if emission.to and emission.to != emission.type else ""
    domain = f" by the domain {code(emission.domain)}" if emission.domain else ""
    child = f" {code(emission.child)}" if emission.child else ""
    return f"{code(emission.type)}{where}{domain}, {emission.way}{child}{_since(emission.since, now)}"


def _last_steps(view: OrchestrationView, now: datetime) -> Iterator[str]:
    if view.steps:
        yield _section("Last steps", [_step(step, now) for step in reversed(view.steps)], len(view.steps))


def _step(step: StepView, now: datetime) -> str:
    words = moved_words(step.before, step.after)
    moved = f", {code(words)}" if words else ""
    fate = "" if step.fate == Fate.APPLIED else f", {escaped(step.fate)}"
    produced = _listed(map(_name, step.produced), len(step.produced) + step.more_produced)
    made = f", produced {produced}" if produced else ""
    return f"{step.number}: {code(step.event)}{fate}{moved}, {_moment(step.time, now)}{made}"


def _counts(view: OrchestrationView) -> str:
    counts = ", ".join(f"{count} {fate}" for fate, count in view.fates.items())
    return f"**Events** {counts or 'none yet'}, {view.waiting} waiting"


def _section(title: str, lines: Sequence[str], count: int) -> str:
    shown = [f"- {line}" for line in lines[:_LINES_SHOWN]]
    more = [f"- … and {count - len(shown)} more"] if count > len(shown) else []
    return "\n".join([f"**{title}**", "", *shown, *more])


def _listed(words: Iterable[str], count: int) -> str:
    shown = [word for word, _ in zip(words, range(_EVENTS_SHOWN), strict=False)]
    return ", ".join([*shown, *([f"and {count - len(shown)} more"] if count > len(shown) else [])])


def _name(text: str) -> str:
    return code(text, 100)


def _since(time: str | None, now: datetime) -> str:
    return f", since {_moment(time, now)}" if time else ""


def _moment(time: str, now: datetime) -> str:
    return moment(datetime.fromisoformat(time), now)


def _problem(entry: LedgerEntry) -> str:
    """Say what is wrong: of a refusal its kind alone, as its reason may quote the event."""
    told = escaped(entry.code or "") if entry.fate is Fate.REFUSED else code(entry.reason or "")
    return f"- {entry.fate} {code(entry.type or 'not an event')} at {entry.time}: {told}"
