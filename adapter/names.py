"""Names of the activities that orchestrations call, and of workflows beside them; handlers' bear the handler's type."""

PUBLISH = "arvo.publish"
DELIVER = "arvo.deliver"
WATCH = "arvo.watch"
END = "arvo.end"
DEAD_LETTER = "arvo.deadletter"
PAUSE = "arvo.pause"

ACTIVITIES = frozenset((PUBLISH, DELIVER, WATCH, END, DEAD_LETTER, PAUSE))
"""Those of them that every app has."""

OUTBOX = "arvo.outbox"
"""The workflow that sends what an orchestration has left to send when it ended."""

SCHEDULE = "arvo.schedule"
"""The workflow that a Temporal schedule starts: it starts an orchestration, and runs as long as that does."""
