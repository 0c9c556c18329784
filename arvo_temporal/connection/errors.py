"""Errors on the way to the Temporal server.

ArvoError
+-- SettingsError    the settings cannot be read, or cannot be used as they are
+-- ConnectError     no server could be used with them
"""

from __future__ import annotations

from arvo.errors import ArvoError


class SettingsError(ArvoError):
    """The connection settings cannot be read, or cannot be used as they are."""

    code = "ARVO321"


class ConnectError(ArvoError):
    """No Temporal server could be used with these settings.

    Attributes:
        address: Where it was looked for.
    """

    code = "ARVO322"

    def __init__(self, message: str, *, address: str) -> None:
        super().__init__(message)
        self.address = address
