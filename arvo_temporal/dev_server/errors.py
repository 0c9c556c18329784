"""The error of the dev server."""

from __future__ import annotations

from arvo.errors import ArvoError


class DevServerError(ArvoError):
    """The dev server could not be started, or has ended."""

    code = "ARVO320"
