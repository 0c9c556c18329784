"""Connects to Temporal, and says in words that help why it cannot."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Plugin
from temporalio.service import RPCError

from adapter.temporal_errors import is_not_found, refuses_credentials, speaks_no_tls, words_of_connecting
from arvo.errors import ArvoError
from arvo_temporal.connection.settings import Settings, SettingsError, load_settings

_HOST_AND_PORT = re.compile(r"\S+:\d{1,5}")
_RETRY_AFTER = 0.25


class ConnectError(ArvoError):
    """No Temporal server could be used with these settings.

    Attributes:
        address: Where it was looked for.
    """

    code = "ARVO322"

    def __init__(self, message: str, *, address: str) -> None:
        super().__init__(message)
        self.address = address


async def connect(
    settings: Settings | None = None,
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    plugins: Sequence[Plugin] = (),
    within: float = 5.0,
    **options: Any,
) -> Client:
    """Connect to Temporal by its standard settings.

    Args:
        settings: Settings already loaded; else they are loaded now.
        address: Overrides the address.
        namespace: Overrides the namespace.
        profile: Profile in Temporal's configuration file.
        plugins: Plugins of the client, such as `ArvoPlugin(app)`.
        within: Seconds after which it is given up, when nobody answers.
        options: Anything else that `Client.connect` takes.

    Raises:
        SettingsError: The settings cannot be read.
        ConnectError: Nobody answers, the server refuses the credentials, or it has no such namespace.
    """
    if settings is None:
        settings = load_settings(address=address, namespace=namespace, profile=profile)
    else:
        settings = replace(settings, address=address or settings.address, namespace=namespace or settings.namespace)
    if not _HOST_AND_PORT.fullmatch(settings.address):
        raise _no_address(settings.address)
    client = await _connect_within(settings, within, {"plugins": plugins, **settings.options, **options})
    await _check_namespace(client, settings)
    return client


async def _connect_within(settings: Settings, within: float, options: dict[str, Any]) -> Client:
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
        except TimeoutError:
            raise _nobody_answers(settings, within, "no answer") from None
        except RuntimeError as error:
            if refuses_credentials(error):
                raise _refused(settings, str(error)) from error
            if time.monotonic() + _RETRY_AFTER >= deadline:
                raise _nobody_answers(settings, within, _cause(error)) from error
        except ValueError as error:
            raise _no_address(settings.address) from error
        await asyncio.sleep(_RETRY_AFTER)


async def _check_namespace(client: Client, settings: Settings) -> None:
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=settings.namespace), timeout=timedelta(seconds=5)
        )
    except RPCError as error:
        # Whoever may use a namespace need not be allowed to describe it.
        if is_not_found(error):
            raise ConnectError(
                f"Temporal at {settings.address} has no namespace '{settings.namespace}': create it with  temporal "
                f"operator namespace create --namespace {settings.namespace} --address {settings.address}  or set "
                "TEMPORAL_NAMESPACE to one that exists.",
                address=settings.address,
            ) from error


def _no_address(address: str) -> SettingsError:
    return SettingsError(
        f"'{address}' is not the address of a Temporal server: write it as host:port, in TEMPORAL_ADDRESS or in the "
        "profile."
    )


def _nobody_answers(settings: Settings, within: float, cause: str) -> ConnectError:
    return ConnectError(
        f"No Temporal server answers at {settings.address} (tried for {within:g} seconds: {cause}). Start one there, "
        "or set TEMPORAL_ADDRESS to where yours is, or run the worker with --dev, which starts one.",
        address=settings.address,
    )


def _refused(settings: Settings, cause: str) -> ConnectError:
    return ConnectError(
        f"Temporal at {settings.address} refuses the connection: {cause}. Check TEMPORAL_API_KEY, the TEMPORAL_TLS_* "
        "settings and the namespace.",
        address=settings.address,
    )


def _cause(error: Exception) -> str:
    if speaks_no_tls(error):
        return "TLS is set, by TEMPORAL_TLS or TEMPORAL_API_KEY, but what listens there does not speak it"
    return words_of_connecting(error)
