"""Development: the dev server, a worker that is started again when code changes, and one screen that shows both."""

from arvo_temporal.developing.developing import DevelopOptions, develop

__all__ = ["develop", "DevelopOptions"]
