"""How a codec server listens, and whom it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address

from adapter.plain_text import plain_text
from arvo.errors import ArvoError

DEFAULT_PORT = 8234
DEFAULT_ORIGINS = ("http://127.0.0.1:8233", "http://localhost:8233")
"""Where browsers have the UI of a dev server from."""


class CodecServerError(ArvoError):
    """A codec server cannot be started as it is wanted."""

    code = "ARVO343"


@dataclass(frozen=True, slots=True)
class CodecServerOptions:
    """How a codec server listens, and whom it answers.

    Attributes:
        host: Where it listens.
        port: Its port; 0 takes a free one.
        origins: Of which pages browsers may ask it: `https://temporal.example.org`.
        token: What whoever asks has to show, as `Authorization: Bearer <token>`; None lets everybody ask who reaches
            it, which only the loopback address allows.
        decode_only: Whether it only decodes. The forms of the Temporal UI, to start and to signal, encode by it.

    Raises:
        CodecServerError: It would listen beyond this machine without a token, or an origin is none.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    origins: tuple[str, ...] = DEFAULT_ORIGINS
    token: str | None = field(default=None, repr=False)
    decode_only: bool = False

    def __post_init__(self) -> None:
        if not self.token and not is_loopback(self.host):
            raise CodecServerError(
                f"At '{plain_text(self.host)}' others than this machine reach the codec server, and it decodes for "
                "everybody who does. Give it a token (ARVO_CODEC_TOKEN), or let it listen at 127.0.0.1."
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise CodecServerError(
                "The token of the codec server is to be of visible ASCII characters, without blanks."
            )
        for origin in self.origins:
            scheme, _, rest = origin.partition("://")
            if scheme not in ("http", "https") or not rest or set("/*?# ") & set(rest):
                raise CodecServerError(
                    f"'{plain_text(origin)}' is no origin of a page: give scheme, host and port alone, such as "
                    "https://temporal.example.org or http://localhost:8233."
                )


_AUTHORITY = re.compile(r"(?:\[([^\]]*)\]|([^:\[\]]*))(?::[0-9]*)?")


def is_of_this_machine(authority: str | None) -> bool:
    """Tell whether who asks has asked this machine by a name that is always its own; also where it names none.

    Args:
        authority: Host and port as a request has them, such as `localhost:8234`.
    """
    found = _AUTHORITY.fullmatch(authority or "localhost")
    return found is not None and is_loopback((found[1] or found[2]).lower())


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
