"""A shop on a bad day: the app of the walk in docs/operating.md."""
