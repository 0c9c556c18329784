"""Prints a new key: `python -m examples.encryption.new_key`."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime


def new_key() -> str:
    """Return a new key in the form of `ENCRYPTION_KEYS`, named after the present second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}={base64.b64encode(os.urandom(32)).decode()}"


if __name__ == "__main__":
    print(new_key())
