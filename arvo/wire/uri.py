"""URIs as Arvo's event fields hold them: what JavaScript's `encodeURI` and `decodeURI` leave unchanged."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from arvo.errors import InvalidUriError, shorten

_UNESCAPED = ";,/?:@&=+$-_.!~*'()#"
UNESCAPED_PATTERN = r"[A-Za-z0-9;,/?:@&=+$\-_.!~*'()#]"
"""A character that a URI holds as it is."""
_has_no_escape = re.compile(f"{UNESCAPED_PATTERN}*").fullmatch


def encode_uri(text: str) -> str:
    """Percent-encode what a URI cannot hold; an escape that is already there is encoded once more.

    Raises:
        InvalidUriError: The text holds half of a surrogate pair.
    """
    if _has_no_escape(text):
        return text
    try:
        return quote(text, safe=_UNESCAPED)
    except UnicodeEncodeError as error:
        raise InvalidUriError(
            f"{shorten(text)} cannot become a URI: it holds half of a surrogate pair. Send complete characters."
        ) from error


def is_valid_uri(text: str) -> bool:
    """Tell whether a text is a properly encoded URI: decoding and encoding it gives the same text."""
    if _has_no_escape(text):
        return True
    try:
        return quote(unquote(text, errors="strict"), safe=_UNESCAPED) == text
    except UnicodeError:
        return False
