"""What goes from run to run comes out as it went in, and small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapter.packing
from adapter.packing import pack, unpack
from arvo.wire import deflate
from tests.tape import start_tape, symbol


@given(st.lists(st.binary()))
def test_texts_come_out_as_they_went_in(texts: list[bytes]) -> None:
    assert unpack(pack(texts)) == texts


def test_thousands_of_waiting_events_fit_into_a_tenth_of_their_size() -> None:
    subject = start_tape(1).subject
    texts = [symbol(subject, number).to_json_bytes() for number in range(5_000)]
    assert len(pack(texts)) < sum(map(len, texts)) / 10


def test_what_nobody_would_unpack_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter.packing, "LARGEST", 100)
    assert unpack(pack([b"x" * 96])) == [b"x" * 96]
    with pytest.raises(ValueError, match="has 101 bytes; at most 100 can"):
        pack([b"x" * 97])


def test_what_is_damaged_or_too_large_is_refused_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack([b"x" * 1000])
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack(packed[:-8])
    with pytest.raises(ValueError, match="last text is cut off"):
        unpack(deflate((9).to_bytes(4, "big") + b"only"))
    monkeypatch.setattr(adapter.packing, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than 1000 bytes"):
        unpack(packed)
