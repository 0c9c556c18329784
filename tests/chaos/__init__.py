"""The chaos program: workers and server die, senders repeat themselves, handlers fail, and nothing may differ."""
