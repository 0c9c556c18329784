"""Texts in the form in which they go from run to run: thousands of events have most of their bytes in common."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from itertools import chain

_LENGTH_BYTES = 4


def pack(texts: Iterable[bytes]) -> str:
    """Return texts in one, compressed, as ASCII."""
    framed = chain.from_iterable((len(text).to_bytes(_LENGTH_BYTES, "big"), text) for text in texts)
    return b64encode(zlib.compress(b"".join(framed))).decode("ascii")


def unpack(packed: str) -> list[bytes]:
    """Return the texts that `pack` has packed."""
    framed = zlib.decompress(b64decode(packed))
    texts, start = [], 0
    while start < len(framed):
        end = start + _LENGTH_BYTES + int.from_bytes(framed[start : start + _LENGTH_BYTES], "big")
        texts.append(framed[start + _LENGTH_BYTES : end])
        start = end
    return texts
