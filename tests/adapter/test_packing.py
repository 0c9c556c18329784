"""What goes from run to run comes out as it went in, and small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapter.packing import pack, unpack
from tests.tape import start_tape, symbol


@given(st.lists(st.binary()))
def test_texts_come_out_as_they_went_in(texts: list[bytes]) -> None:
    assert unpack(pack(texts)) == texts


def test_thousands_of_waiting_events_fit_into_a_tenth_of_their_size() -> None:
    subject = start_tape(1).subject
    texts = [symbol(subject, number).to_json_bytes() for number in range(5_000)]
    assert len(pack(texts)) < sum(map(len, texts)) / 10
