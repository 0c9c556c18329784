"""Bytes as compressed text, zlib in base64: subjects and managed event ids, and whatever else goes as text."""

from __future__ import annotations

import binascii
import re
import zlib
from typing import Any, Final, Literal

from pydantic_core import from_json

from arvo.wire.json_value import write_json

MAX_INFLATED_BYTES: Final = 64 * 1024
"""Longest JSON that a text may inflate to."""

_ZLIB_OR_GZIP: Final = 32 + zlib.MAX_WBITS
_not_base64 = re.compile(rb"[^A-Za-z0-9+/]")
_from_url_alphabet = bytes.maketrans(b"-_", b"+/")


class CompressionError(ValueError):
    """A text does not hold what it is read for.

    Attributes:
        stage: `codec` where base64 or inflating failed, `json` where what came out is no JSON.
    """

    def __init__(self, problem: str, stage: Literal["codec", "json"]) -> None:
        super().__init__(problem)
        self.stage: Literal["codec", "json"] = stage


def deflate(data: bytes, dictionary: bytes = b"") -> str:
    """Return bytes as compressed text; only characters that a URI leaves alone.

    Args:
        data: The bytes.
        dictionary: What they are likely to hold, the likeliest last; nobody reads the text without it.
    """
    stream = zlib.compressobj(zdict=dictionary)
    return binascii.b2a_base64(stream.compress(data) + stream.flush(), newline=False).decode()


def inflate(text: str, max_bytes: int, dictionary: bytes = b"") -> bytes:
    """Return the bytes that a text holds.

    Reads what TypeScript reads: both alphabets of base64, with or without padding, other characters skipped;
    zlib and gzip.

    Args:
        text: What `deflate` has returned, or its like.
        max_bytes: How many there may be.
        dictionary: That of `deflate`.

    Raises:
        CompressionError: It holds none, or more than these.
    """
    longest = 2 * max_bytes  # more than the most bytes need, however badly they compress
    if len(text) > longest:
        raise CompressionError(f"it has more than {longest} characters", "codec")
    return _inflate(_decode_base64(text), max_bytes, dictionary)


def compress_json(value: Any) -> str:
    """Return a JSON value as compressed text."""
    return deflate(write_json(value))


def decompress_json(text: str) -> Any:
    """Return the JSON value that a compressed text holds.

    Raises:
        CompressionError: It holds none, or one of more than 64 KiB.
    """
    json_text = inflate(text, MAX_INFLATED_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        return from_json(json_text, allow_inf_nan=False)
    except ValueError as error:
        raise CompressionError(f"what it holds is not JSON: {str(error)[:200]}", "json") from None


def _decode_base64(text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    try:
        return binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error:
        digits = _not_base64.sub(b"", raw.translate(_from_url_alphabet))
        whole = digits[:-1] if len(digits) % 4 == 1 else digits
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _inflate(compressed: bytes, max_bytes: int, dictionary: bytes) -> bytes:
    inflated = b""
    while True:
        stream = zlib.decompressobj(_ZLIB_OR_GZIP, zdict=dictionary)
        try:
            inflated += stream.decompress(compressed, max_bytes + 1 - len(inflated))
        except zlib.error:
            raise CompressionError("it is not base64 of a zlib stream", "codec") from None
        if len(inflated) > max_bytes:
            raise CompressionError(f"it inflates to more than {max_bytes} bytes", "codec")
        if not stream.eof:
            raise CompressionError("its zlib stream is cut off", "codec")
        compressed = stream.unused_data
        if not compressed or compressed[0] == 0:
            return inflated
