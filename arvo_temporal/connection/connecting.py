"""Connects to Temporal, and says in words that help why it cannot."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Plugin
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from adapter.plain_text import plain_text
from adapter.temporal_errors import is_not_found
from arvo.errors import shorten
from arvo_temporal.connection.credentials import check_tls
from arvo_temporal.connection.diagnosing import diagnose, no_temporal, refused
from arvo_temporal.connection.diagnosis import Diagnosis
from arvo_temporal.connection.errors import ConnectError, SettingsError
from arvo_temporal.connection.settings import Settings, load_settings
from arvo_temporal.connection.target import Target

logger = logging.getLogger(__name__)

_ADDRESS = re.compile(r"(?:\[[^\s\]]+\]|[^\s/@?#:]+):(\d{1,5})")
_LAST_PORT = 65535
_RETRY_AFTER = 0.25


async def connect(
    settings: Settings | None = None,
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    plugins: Sequence[Plugin] = (),
    within: float = 5.0,
    check_namespace: bool = True,
    **options: Any,
) -> Client:
    """Connect to Temporal by its standard settings.

    Args:
        settings: Settings already loaded; else they are loaded now.
        address: Overrides the address.
        namespace: Overrides the namespace.
        profile: Profile in Temporal's configuration file.
        plugins: Plugins of the client, such as `ArvoPlugin(app)`.
        within: Seconds after which it is given up where another try can help, as when nobody answers yet. What no
            other try can mend, such as a certificate, is said at once.
        check_namespace: Whether the namespace has to be there.
        options: Anything else that `Client.connect` takes.

    Raises:
        SettingsError: The settings cannot be read, or cannot be used as they are.
        ConnectError: Nobody answers, the two do not trust each other, or there is no such namespace.
    """
    if settings is None:
        settings = load_settings(address=address, namespace=namespace, profile=profile)
    else:
        settings = replace(settings, address=address or settings.address, namespace=namespace or settings.namespace)
    _check_address(settings.address)
    everything: dict[str, Any] = {"plugins": plugins, **settings.options, **options}
    target = Target(settings.address, _tls(everything), _places_left(settings, options))
    if target.tls is not None:
        check_tls(target.tls, target.places)
    _warn_of_open_key(target, everything)
    client = await _connect_within(settings, target, within, everything)
    if check_namespace:
        await _check_namespace(client, settings)
    _warn_of_unused_codec(client, target)
    return client


async def _connect_within(settings: Settings, target: Target, within: float, options: dict[str, Any]) -> Client:
    deadline = time.monotonic() + within
    while True:
        remaining = max(deadline - time.monotonic(), _RETRY_AFTER)
        try:
            async with asyncio.timeout(remaining):
                return await Client.connect(
                    settings.address,
                    namespace=settings.namespace,
                    connect_timeout=timedelta(seconds=remaining),
                    **options,
                )
        except (RuntimeError, TimeoutError) as error:
            diagnosis = await diagnose(error, target)
            if diagnosis.cure is not None or time.monotonic() + _RETRY_AFTER >= deadline:
                raise _failed(diagnosis, target, within) from error
        except ValueError as error:
            raise SettingsError(
                f"Temporal's SDK cannot connect by these settings: {error}. Correct the address '{settings.address}' "
                "(TEMPORAL_ADDRESS, or the profile) or what the message names."
            ) from error
        await asyncio.sleep(_RETRY_AFTER)


def _failed(diagnosis: Diagnosis, target: Target, within: float) -> ConnectError:
    if diagnosis.cure is not None:
        return _final(diagnosis, target.address)
    return ConnectError(
        f"No Temporal server answers at {target.address} (tried for {within:g} seconds: {diagnosis.cause}). Start one "
        "there, or set TEMPORAL_ADDRESS to where yours is, or run the worker with --dev, which starts one.",
        address=target.address,
    )


async def _check_namespace(client: Client, settings: Settings) -> None:
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=settings.namespace), timeout=timedelta(seconds=5)
        )
    except RPCError as error:
        # Whoever may use a namespace need not be allowed to describe it.
        if is_not_found(error):
            raise ConnectError(
                f"Temporal at {settings.address} has no namespace {settings.namespace!r}: create it with  "
                f"arvo-temporal setup --namespace {shlex.quote(plain_text(settings.namespace))}  or set "
                "TEMPORAL_NAMESPACE to one that exists.",
                address=settings.address,
            ) from error
        if error.status is RPCStatusCode.UNAUTHENTICATED:
            raise _final(refused(error.message, settings.address), settings.address) from error
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            raise _final(no_temporal(error.message, settings.address), settings.address) from error


def _final(diagnosis: Diagnosis, address: str) -> ConnectError:
    return ConnectError(f"{diagnosis.cause} {diagnosis.cure}", address=address)


def _check_address(address: str) -> None:
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match[1]) > _LAST_PORT:
        raise SettingsError(
            f"{shorten(address)} is not the address of a Temporal server: write it as host:port, without https:// "
            "before it, in TEMPORAL_ADDRESS or in the profile."
        )


def _tls(options: Mapping[str, Any]) -> TLSConfig | None:
    """Return the TLS configuration; None where TLS is off."""
    tls = options.get("tls")
    if tls is None:  # as the SDK has it
        tls = bool(options.get("api_key"))
    return TLSConfig() if tls is True else tls or None


def _places_left(settings: Settings, options: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the places of the settings that hold where the caller gives options: TLS of theirs has none."""
    return {} if "tls" in options else settings.places


def _warn_of_open_key(target: Target, options: Mapping[str, Any]) -> None:
    if options.get("api_key") and target.tls is None and not _is_this_machine(target.server_name):
        logger.warning(
            "The API key goes to %s without TLS (%s): whoever is on the way can read it.",
            target.address,
            target.places.get("tls", "tls=False"),
        )


def _warn_of_unused_codec(client: Client, target: Target) -> None:
    if "codec" in target.places and client.data_converter.payload_codec is None:
        logger.warning(
            "The remote codec of %s is not used: payloads are as ArvoApp(codec=...) makes them, which here is plain.",
            target.places["codec"],
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
