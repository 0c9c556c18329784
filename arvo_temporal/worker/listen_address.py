"""Where an endpoint of a worker listens."""

from __future__ import annotations

from dataclasses import dataclass

HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where an endpoint listens: a host, and a port, 0 for a free one."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> ListenAddress:
        """Read `HOST:PORT`; an IPv6 host stands in brackets.

        Raises:
            ValueError: It is none; the message says what is wanted.
        """
        host, _, port = text.strip().rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]") and ":" in host
        bare = host[1:-1] if bracketed else host
        strange = not bare.isprintable() or set("[] ") & set(bare) or (":" in bare and not bracketed)
        digits = port.isascii() and port.isdecimal() and len(port) <= len(str(HIGHEST_PORT))
        if not bare or strange or not digits or int(port) > HIGHEST_PORT:
            raise ValueError(
                f"'{text}' is no address to listen at: give HOST:PORT, for example 127.0.0.1:8081, 0.0.0.0:8081 for "
                "who asks from elsewhere, or [::]:8081; port 0 takes a free one."
            )
        return cls(bare, int(port))

    def after(self, places: int) -> ListenAddress | None:
        """Return the address so many ports further, of a free one another free one; None where there is no such."""
        if self.port == 0:
            return self
        port = self.port + places
        return ListenAddress(self.host, port) if port <= HIGHEST_PORT else None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
