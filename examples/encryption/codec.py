"""A payload codec: AES-GCM with 256-bit keys, which can be changed while orchestrations run."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

_ENCODING = b"binary/encrypted"
_NONCE = 12


class AesGcmCodec(PayloadCodec):
    """Encrypts each payload whole, and reads what was encrypted with any of its keys.

    Args:
        keys: Name to key of 32 bytes. The first one encrypts; the others only read what they have encrypted earlier.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name.encode(): AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(self._ciphers))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class; what is not encrypted is read as it is, so that a person can send an event.

        Raises:
            KeyError: If the key is missing: Temporal tries again until a worker has it.
            ValueError: If no key will ever read it: it was not encrypted by this codec, or was changed since.
        """
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), self._current)
        return Payload(metadata={"encoding": _ENCODING, "key": self._current}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        name = payload.metadata.get("key", b"")
        if name and name not in self._ciphers:
            raise KeyError(f"The key '{name.decode(errors='replace')}' is missing. Add it to ENCRYPTION_KEYS.")
        try:
            text = self._ciphers[name].decrypt(payload.data[:_NONCE], payload.data[_NONCE:], name)
            return Payload.FromString(text)
        except (KeyError, InvalidTag, DecodeError) as error:
            raise ValueError("What is said to be encrypted with this codec is not, or was changed since.") from error


def keys_from(text: str) -> dict[str, bytes]:
    """Read keys from `NAME=BASE64,NAME=BASE64`, the one that encrypts first.

    Raises:
        ValueError: If there is none, or one has not 32 bytes.
    """
    keys = dict(_pairs(text.split(",")))
    if not keys:
        raise ValueError("There is no key. Make one with  python -m examples.encryption.new_key")
    return keys


def _pairs(items: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    for item in filter(None, map(str.strip, items)):
        name, _, encoded = item.partition("=")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ValueError(f"The key '{name}' is not base64.") from error
        if len(key) != 32:
            raise ValueError(f"The key '{name}' has {len(key)} bytes; it must have 32.")
        yield name, key
