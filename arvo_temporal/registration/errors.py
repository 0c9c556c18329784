"""The error of setting up."""

from __future__ import annotations

from arvo.errors import ArvoError


class SetupError(ArvoError):
    """A namespace could not be set up; the message says what the server refuses, and what to do instead."""

    code = "ARVO340"
