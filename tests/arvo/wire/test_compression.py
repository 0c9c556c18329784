"""Bytes as compressed text, and how much of it is read."""

from __future__ import annotations

import binascii
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo.wire import CompressionError, decompress_json, deflate, inflate


@given(st.binary())
def test_bytes_come_out_as_they_went_in(data: bytes) -> None:
    assert inflate(deflate(data), max(len(data), 64)) == data


@given(st.binary(), st.binary())
def test_a_dictionary_is_needed_to_read_what_it_has_made(data: bytes, dictionary: bytes) -> None:
    text = deflate(data, dictionary)
    assert inflate(text, max(len(data), 64), dictionary) == data
    if dictionary:
        with pytest.raises(CompressionError):
            inflate(text, max(len(data), 64))


def test_no_more_is_read_than_is_allowed() -> None:
    text = deflate(b"x" * 1000)
    assert inflate(text, 1000) == b"x" * 1000
    with pytest.raises(CompressionError, match="more than 999 bytes"):
        inflate(text, 999)
    with pytest.raises(CompressionError, match="more than 20 characters"):
        inflate(deflate(bytes(range(256))), 10)


def test_streams_one_after_the_other_share_one_bound() -> None:
    text = binascii.b2a_base64(zlib.compress(b"x" * 600) * 2).decode()
    assert len(inflate(text, 1200)) == 1200
    with pytest.raises(CompressionError):
        inflate(text, 1199)


def test_a_subject_that_inflates_to_megabytes_is_refused() -> None:
    with pytest.raises(CompressionError, match="more than 65536 bytes"):
        decompress_json(deflate(b"1" * 5_000_000))


@pytest.mark.parametrize("text", ["", "!", "eJw", deflate(b"abc")[:-6], "aGVsbG8="])
def test_what_holds_nothing_is_refused(text: str) -> None:
    with pytest.raises(CompressionError) as refusal:
        inflate(text, 100)
    assert refusal.value.stage == "codec"
