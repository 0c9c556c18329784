"""What is said of a payload that nothing here can decode, and how a worker without the codec waits for one."""

from __future__ import annotations

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from adapter.codec import MissingCodecError, undecodable, wait_for_codec
from arvo_temporal import ArvoApp
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.encryption.new_key import new_key

SEALED = Payload(metadata={"encoding": b"binary/encrypted", "key": b"2024", "odd": b"\x1b[31m"}, data=b"?")
KEY_MISSING, WRONG_KEY = KeyError("there is no key '2024'"), ValueError("does not open")


def test_without_a_codec_it_says_how_to_give_one() -> None:
    said = str(undecodable([SEALED], None, has_codec=False))
    assert "is encoded (binary/encrypted, key 2024)" in said, "what steers a terminal is left out"
    assert "--app MODULE:APP" in said


def test_a_codec_that_lacks_a_key_says_all_and_any_other_gets_a_cure() -> None:
    missing = str(undecodable([SEALED], KEY_MISSING, has_codec=True))
    wrong = str(undecodable([SEALED], WRONG_KEY, has_codec=True))
    assert missing.endswith("cannot decode it. KeyError: there is no key '2024'")
    assert wrong.endswith("ValueError: does not open Give the app of --app the codec and the key that have made it.")


def test_a_worker_without_the_codec_waits_for_a_deployment_and_any_other_does_not() -> None:
    app = ArvoApp(task_queue="q")
    with pytest.raises(MissingCodecError, match=r"binary/encrypted.*ArvoApp\(codec=\.\.\.\)"):
        wait_for_codec(app, RawValue(SEALED))
    wait_for_codec(app, RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{}")))
    wait_for_codec(ArvoApp(task_queue="q", codec=AesGcmCodec(keys_from(new_key()))), RawValue(SEALED))
