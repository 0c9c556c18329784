"""What makes an event the same one, however often it is delivered: a short key, which goes from run to run."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from arvo.events import ArvoEvent


def key_of(event: ArvoEvent) -> str:
    """Return the key of an event: 22 characters for its source and id."""
    return digest(event.source, event.id)


@lru_cache(maxsize=16)  # asked several times in a row
def digest(source: str, event_id: str) -> str:
    """Return 22 characters for a source and an id, of any length."""
    named = f"{len(source)}:{source}{event_id}".encode("utf-8", "surrogatepass")
    value = hashlib.blake2b(named, digest_size=16, usedforsecurity=False).digest()
    return base64.b64encode(value).decode().rstrip("=")
