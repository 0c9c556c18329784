"""The commands that cure what keeps an orchestration from going on."""

from __future__ import annotations

import shlex

from adapter.plain_text import plain_text


def cure_of(kind: str, workflow_id: str, event_id: str | None = None) -> str:
    """Return the command that cures a trouble of an orchestration, for a shell.

    Args:
        kind: The kind of trouble: `refused`, `unhandled`, `failed`, `task-failing` or `no-worker`.
        workflow_id: The orchestration.
        event_id: The event, or the request, that it is about; None for all of the kind.
    """
    words = [workflow_id] if event_id is None else [workflow_id, event_id]
    named = plain_text(shlex.join(words))
    match kind:
        case "refused" if event_id is None:  # it is no event, so it cannot be sent again
            return f"arvo-temporal dismiss {named}"
        case "refused":
            return f"arvo-temporal redrive {named}"
        case "failed":
            return f"arvo-temporal retry {named}"
        case "unhandled":  # it names the answer, not the request
            return f"arvo-temporal retry {plain_text(shlex.quote(workflow_id))}"
        case "task-failing":
            return "arvo-temporal check-deploy MODULE:APP"
    return "arvo-temporal worker MODULE:APP"
