"""Payloads through the app's codec: what encrypts, compresses or moves aside all that Temporal stores of an app."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverter, DefaultFailureConverterWithEncodedAttributes

from adapter.app import ArvoApp
from adapter.errors import AppError


def app_converter(app: ArvoApp, converter: DataConverter | None = None) -> DataConverter:
    """Return a data converter with the app's codec; the same one where the app has none.

    Messages and stack traces of failures go through the codec too, as they may quote what was sent.

    Args:
        app: The app.
        converter: The converter to extend; Temporal's default.

    Raises:
        AppError: If the converter has another codec.
    """
    converter = converter or DataConverter.default
    if app.codec is None or converter.payload_codec is app.codec:
        return converter
    if converter.payload_codec is not None:
        raise AppError(
            "ArvoApp(codec=...): the Temporal client has another payload codec. Give the codec to one of the two, or "
            "the same object to both."
        )
    failures = converter.failure_converter_class
    if failures is DefaultFailureConverter:
        failures = DefaultFailureConverterWithEncodedAttributes
    return replace(converter, payload_codec=app.codec, failure_converter_class=failures)


def app_client(client: Client, app: ArvoApp | None) -> Client:
    """Return a client that sends and reads through the app's codec; the same one where it does already.

    Raises:
        AppError: If the client has another codec.
    """
    if app is None or app.codec is None or client.data_converter.payload_codec is app.codec:
        return client
    config = client.config(active_config=True)
    # They have been applied to this configuration.
    config["plugins"] = []
    config["data_converter"] = app_converter(app, client.data_converter)
    return Client(**config)
