"""Names of the activities that orchestrations call; those of handlers bear the handler's type."""

PUBLISH = "arvo.publish"
DELIVER = "arvo.deliver"
WATCH = "arvo.watch"
END = "arvo.end"
DEAD_LETTER = "arvo.deadletter"
PAUSE = "arvo.pause"
