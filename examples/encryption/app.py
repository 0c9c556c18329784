"""The number modifier with encrypted payloads: `python worker.py examples.encryption.app:app`."""

from __future__ import annotations

import os

from arvo_temporal import ArvoApp
from examples.encryption.codec import AesGcmCodec, keys_from
from examples.number_modifier.app import create_orchestrators
from examples.number_modifier.handlers import create_handlers

app = ArvoApp(
    orchestrators=create_orchestrators(),
    handlers=create_handlers({"answer": 40}),
    codec=AesGcmCodec(keys_from(os.environ.get("ENCRYPTION_KEYS", ""))),
)
