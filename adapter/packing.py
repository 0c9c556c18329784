"""Texts in the form in which they go from run to run: thousands of events have most of their bytes in common."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from arvo.wire import CompressionError, deflate, inflate

LARGEST = 64 * 1024 * 1024
"""Most bytes that go from run to run: more than a run receives before the server would end it, at 50 MB of history."""

_LENGTH_BYTES = 4


EMPTY = ""
"""No texts, packed."""


def packed_length(text: bytes) -> int:
    """Return how much a text takes of `LARGEST`."""
    return _LENGTH_BYTES + len(text)


def pack(texts: Iterable[bytes]) -> str:
    """Return texts in one, compressed, as ASCII.

    Raises:
        ValueError: Together they have more than `LARGEST` bytes, which nobody would unpack.
    """
    framed = b"".join(chain.from_iterable((len(text).to_bytes(_LENGTH_BYTES, "big"), text) for text in texts))
    if len(framed) > LARGEST:
        raise ValueError(f"What is to go on to the next run has {len(framed):,} bytes; at most {LARGEST:,} can.")
    return deflate(framed) if framed else EMPTY


def unpack(packed: str) -> list[bytes]:
    """Return the texts that `pack` has packed.

    Raises:
        ValueError: It was not packed by `pack`, or is damaged.
    """
    if packed == EMPTY:
        return []
    try:
        framed = inflate(packed, LARGEST)
    except CompressionError as error:
        raise ValueError(f"What came from the run before cannot be unpacked: {error}.") from error
    texts, start = [], 0
    while start < len(framed):
        begin = start + _LENGTH_BYTES
        end = begin + int.from_bytes(framed[start:begin], "big")
        if end > len(framed):
            raise ValueError("What came from the run before cannot be unpacked: its last text is cut off.")
        texts.append(framed[begin:end])
        start = end
    return texts
