"""Payloads through the app's codec: what encrypts, compresses or moves aside all that Temporal stores of an app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.converter import DataConverter, PayloadCodec

from adapter.app import ArvoApp
from adapter.errors import AppError, EncodedPayloadError
from adapter.failure_conversion import lenient
from adapter.failures import AwaitsDeploymentError
from adapter.payload import is_encoded
from arvo.errors import shorten


class LenientCodec(PayloadCodec):
    """The codec of an app, which leaves encoded what nobody could ever decode.

    Whoever takes such a payload then refuses it. If decoding raised, the whole workflow task would fail, again and
    again.

    Args:
        codec: The codec of the app. It raises ValueError for what it will never read; whatever else it raises, such as
            LookupError where a key is missing, may be cured by a deployment, and is waited for.

    Attributes:
        codec: The codec of the app.
    """

    def __init__(self, codec: PayloadCodec) -> None:
        self.codec = codec

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class."""
        return await self.codec.encode(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class."""
        try:
            return await self.codec.decode(payloads)
        except ValueError:
            return [await self._decode_one(payload) for payload in payloads]

    async def _decode_one(self, payload: Payload) -> Payload:
        try:
            (decoded,) = await self.codec.decode([payload])
        except ValueError:
            return payload
        return decoded


class StrictCodec(PayloadCodec):
    """The codec of an app, or of none, for people who read: what it cannot decode is said, in words that help.

    Args:
        codec: The codec of the app; None for an app without one, or where there is no app.
    """

    def __init__(self, codec: PayloadCodec | None) -> None:
        self._codec = codec

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class."""
        return await self._codec.encode(payloads) if self._codec else list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the base class.

        Raises:
            EncodedPayloadError: One of them cannot be decoded.
        """
        try:
            decoded = await self._codec.decode(payloads) if self._codec else list(payloads)
        except Exception as error:
            raise undecodable(payloads, error, has_codec=True) from error
        if any(is_encoded(RawValue(payload)) for payload in decoded):
            raise undecodable(decoded, None, has_codec=self._codec is not None)
        return decoded


def undecodable(payloads: Sequence[Payload], error: Exception | None, *, has_codec: bool) -> EncodedPayloadError:
    """Return the error that what Temporal has cannot be decoded.

    Args:
        payloads: What it has.
        error: What the codec has raised.
        has_codec: Whether there is a codec.
    """
    encoded = next((payload for payload in payloads if is_encoded(RawValue(payload))), None)
    what = f"What Temporal has there is encoded{f' ({_label(encoded)})' if encoded else ''}"
    if not has_codec:
        return EncodedPayloadError(
            f"{what}, and nothing here can decode it. Give the app whose codec has made it: --app MODULE:APP, or in "
            "code ArvoClient(client, app)."
        )
    said = f" {type(error).__name__}: {error.args[0] if error.args else error}" if error is not None else ""
    cure = "" if isinstance(error, LookupError) else " Give the app of --app the codec and the key that have made it."
    return EncodedPayloadError(f"{what}, and the app's codec cannot decode it.{said}{cure}")


def _label(payload: Payload) -> str:
    """Return how a payload is encoded, with what else its codec says of it, such as the name of a key."""
    words = {name: value.decode(errors="replace")[:60] for name, value in payload.metadata.items()}
    encoding = words.pop("encoding", "")
    return ", ".join([encoding, *(f"{name} {value}" for name, value in words.items() if value.isprintable())])


class MissingCodecError(AwaitsDeploymentError):
    """This worker lacks the codec of its app, which a deployment cures: until then orchestrations wait."""


def wait_for_codec(app: ArvoApp, raw: RawValue) -> None:
    """Let an app without a codec wait for one, if a payload that came from the app itself is encoded.

    Raises:
        MissingCodecError: It is. That fails the workflow task, not the workflow: Temporal tries again until a worker
            that has the codec is deployed.
    """
    if app.codec is None and is_encoded(raw):
        encoding = raw.payload.metadata["encoding"].decode(errors="replace")
        raise MissingCodecError(
            f"The payload's encoding is {shorten(encoding)}, which this worker cannot read. Deploy a worker whose app "
            "has the codec that made it, ArvoApp(codec=...); until then this orchestration waits."
        )


def app_converter(app: ArvoApp, converter: DataConverter | None = None) -> DataConverter:
    """Return a data converter with the app's codec, which reads failures leniently.

    Messages and stack traces of failures go through the codec too, as they may quote what was sent.

    Args:
        app: The app.
        converter: The converter to extend; Temporal's default.

    Raises:
        AppError: If the converter has another codec.
    """
    converter = converter or DataConverter.default
    if isinstance(converter.payload_codec, StrictCodec):
        converter = replace(converter, payload_codec=None)
    failures = lenient(converter.failure_converter_class, encoded=app.codec is not None)
    converter = replace(converter, failure_converter_class=failures)
    if app.codec is None or _goes_through(converter, app.codec):
        return converter
    if converter.payload_codec not in (None, app.codec):
        raise AppError(
            "ArvoApp(codec=...): the Temporal client has another payload codec. Give the codec to one of the two, or "
            "the same object to both."
        )
    return replace(converter, payload_codec=LenientCodec(app.codec))


def app_client(client: Client, app: ArvoApp | None) -> Client:
    """Return a client that sends and reads through the app's codec; the same one where it does already.

    Raises:
        AppError: If the client has another codec.
    """
    if app is None:
        return client
    converter = app_converter(app, client.data_converter)
    if converter == client.data_converter:
        return client
    return _with_converter(client, converter)


def reading_client(client: Client) -> Client:
    """Return a client that says what it cannot decode; the same one where it has a codec of somebody's own."""
    codec = client.data_converter.payload_codec
    if codec is not None and not isinstance(codec, LenientCodec):
        return client
    strict = StrictCodec(codec.codec if codec else None)
    return _with_converter(client, replace(client.data_converter, payload_codec=strict))


def _with_converter(client: Client, converter: DataConverter) -> Client:
    config = client.config(active_config=True)
    # They have been applied to this configuration.
    config["plugins"] = []
    config["data_converter"] = converter
    return Client(**config)


def _goes_through(converter: DataConverter, codec: PayloadCodec) -> bool:
    return isinstance(converter.payload_codec, LenientCodec) and converter.payload_codec.codec is codec
