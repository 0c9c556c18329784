"""What the Temporal UI shows of a workflow and of an activity in one line: of an event's data nothing."""

from __future__ import annotations

import inspect

from adapter.app import AnyOrchestrator, ArvoApp
from adapter.definition import find_machine
from adapter.markdown import escaped
from adapter.plain_text import plain_text
from arvo.contracts import PARENT_SUBJECT
from arvo.errors import ArvoError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject, SubjectContent
from arvo.orchestration import ArvoResumable

_MOST_BYTES = 200
_KEY = 80


def summary_of_workflow(app: ArvoApp | None, init: ArvoEvent) -> str:
    """Return what the UI shows of an orchestration: its key, its title, and whether it is a root or whose child.

    Args:
        app: The app of whoever starts it, as far as that is known.
        init: Its init event.

    Raises:
        InvalidSubjectError: If the event's subject is not an orchestration subject.
    """
    content = ArvoOrchestrationSubject.parse(init.subject)
    orchestrator = app.orchestrators.get(init.type) if app else None
    title = title_of(orchestrator, content.orchestrator.version)
    parent = parent_content(init)
    place = f"child of {parent.orchestrator.name} {parent.execution.id}" if parent else "root"
    key = content.execution.id
    shown_key = key if len(key) <= _KEY else key[: _KEY - 1] + "…"
    return _as_markdown(" · ".join(part for part in (shown_key, title, place) if part))


def summary_of_outbox(type_: str) -> str:
    """Return what the UI shows of the outbox of an orchestration, which has its type."""
    return _as_markdown(f"what {type_} had left to send when it ended")


def summary_of_emission(event: ArvoEvent, place: str) -> str:
    """Return what the UI shows of the activity that an event leaves by, beside its type.

    Args:
        event: The event. Where the activity bears its type, that is not said again.
        place: Where the orchestration stood, such as `in approving`.
    """
    if event.domain is not None:
        return one_line(f"{event.type} by the domain {event.domain} {place}")
    if event.to in (None, event.type):
        return one_line(f"asked {place}" if place else event.type)
    return one_line(f"{event.type} to {event.to} {place}")


def summary_of_call(event: ArvoEvent) -> str:
    """Return what the UI shows of a call of a resumable's function, which bears the type of the resumable."""
    return one_line(f"takes {event.type} of {event.source}" if event.type != event.to else f"begins for {event.source}")


def summary_of_wait(init: ArvoEvent) -> str:
    """Return what the UI shows of the activity that waits for the end of an orchestration."""
    return one_line(f"wait for {init.type} {ArvoOrchestrationSubject.parse(init.subject).execution.id}")


def title_of(orchestrator: AnyOrchestrator | None, version: str) -> str | None:
    """Return what its author says of an orchestrator, in one line: a machine's `description`, a function's docstring.

    Args:
        orchestrator: The orchestrator; None where it is not known.
        version: The version of it.
    """
    if isinstance(orchestrator, ArvoResumable):
        said = inspect.getdoc(orchestrator.handler.get(version))
    else:
        machine = find_machine(orchestrator, version)
        said = machine.logic.config.get("description") if machine else None
    lines = said.strip().splitlines() if isinstance(said, str) else []
    return lines[0].strip().removesuffix(".") if lines else None


def parent_content(init: ArvoEvent) -> SubjectContent | None:
    """Return what the subject of an orchestration's parent says; None for a root."""
    parent = init.data.get(PARENT_SUBJECT)
    try:
        return ArvoOrchestrationSubject.parse(parent) if isinstance(parent, str) else None
    except ArvoError:
        return None


def one_line(text: str) -> str:
    """Return a text as plain text, as summaries of activities and timers are shown: 200 bytes at most."""
    return _cut(plain_text(" ".join(text.split())))


def _cut(line: str) -> str:
    """Return as much of a line as Temporal takes, cut between characters."""
    if len(line.encode()) <= _MOST_BYTES:
        return line
    return line.encode()[: _MOST_BYTES - len("…".encode())].decode(errors="ignore") + "…"


def _as_markdown(text: str) -> str:
    """Return a text as the UI shows it as it is where it takes it for Markdown, as that of a workflow."""
    line = _cut(escaped(text, _MOST_BYTES))
    kept = line.removesuffix("…")
    escapes = len(kept) - len(kept.rstrip("\\"))
    return line if kept == line or escapes % 2 == 0 else kept[:-1] + "…"
