"""Where a connection is to lead, and what it shows there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio.service import TLSConfig

from arvo_temporal.connection.credentials import CLIENT_CERT, place_of


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be connected to, and how.

    Attributes:
        address: Host and port.
        tls: The TLS configuration; None where TLS is off.
        places: In words, where the settings were named, as `Settings.places` has it.
    """

    address: str
    tls: TLSConfig | None
    places: Mapping[str, str]

    @property
    def server_name(self) -> str:
        """The name that the server's certificate has to have."""
        return (self.tls and self.tls.domain) or self.address.rpartition(":")[0].strip("[]")

    @property
    def has_ca(self) -> bool:
        """Whether the CA of the server is named, and not one of the system's."""
        return self.tls is not None and self.tls.server_root_ca_cert is not None

    @property
    def client_certificate(self) -> str | None:
        """Where the client certificate was named; None if there is none."""
        if self.tls is None or self.tls.client_cert is None:
            return None
        return place_of(CLIENT_CERT, self.places)
