"""The text form of subjects and managed event ids: JSON, deflated, in base64."""

from __future__ import annotations

import binascii
import re
import zlib
from typing import Any, Final, Literal

from pydantic_core import from_json

from arvo.wire.json_value import write_json

MAX_INFLATED_BYTES: Final = 64 * 1024
"""Longest JSON that a text may inflate to."""

MAX_COMPRESSED_CHARACTERS: Final = 2 * MAX_INFLATED_BYTES
"""Longest text that is read: more than the largest JSON needs, however badly it compresses."""

_ZLIB_OR_GZIP: Final = 32 + zlib.MAX_WBITS
_not_base64 = re.compile(rb"[^A-Za-z0-9+/]")
_from_url_alphabet = bytes.maketrans(b"-_", b"+/")


class CompressionError(ValueError):
    """A text does not hold compressed JSON.

    Attributes:
        stage: `codec` where base64 or inflating failed, `json` where what came out is no JSON.
    """

    def __init__(self, problem: str, stage: Literal["codec", "json"]) -> None:
        super().__init__(problem)
        self.stage: Literal["codec", "json"] = stage


def compress_json(value: Any) -> str:
    """Return a JSON value as compressed text; only characters that a URI leaves alone."""
    return binascii.b2a_base64(zlib.compress(write_json(value)), newline=False).decode()


def decompress_json(text: str) -> Any:
    """Return the JSON value that a text holds.

    Reads what TypeScript reads: both alphabets of base64, with or without padding, other characters skipped;
    zlib and gzip.

    Raises:
        CompressionError: It holds none, or one of more than 64 KiB.
    """
    if len(text) > MAX_COMPRESSED_CHARACTERS:
        raise CompressionError(f"it has more than {MAX_COMPRESSED_CHARACTERS} characters", "codec")
    inflated = _inflate(_decode_base64(text))
    json_text = inflated.decode("utf-8", "replace").removeprefix("\ufeff")
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


def _inflate(compressed: bytes) -> bytes:
    inflated = b""
    while True:
        stream = zlib.decompressobj(_ZLIB_OR_GZIP)
        try:
            inflated += stream.decompress(compressed, MAX_INFLATED_BYTES + 1 - len(inflated))
        except zlib.error:
            raise CompressionError("it is not base64 of a zlib stream", "codec") from None
        if len(inflated) > MAX_INFLATED_BYTES:
            raise CompressionError(f"it inflates to more than {MAX_INFLATED_BYTES} bytes", "codec")
        if not stream.eof:
            raise CompressionError("its zlib stream is cut off", "codec")
        compressed = stream.unused_data
        if not compressed or compressed[0] == 0:
            return inflated
