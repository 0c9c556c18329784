"""Names of what orchestrations take and call; activities of handlers bear the handler's type."""

DELIVER_SIGNAL = "deliver"

PUBLISH = "arvo.publish"
DELIVER = "arvo.deliver"
WATCH = "arvo.watch"
END = "arvo.end"
DEAD_LETTER = "arvo.deadletter"
PAUSE = "arvo.pause"
