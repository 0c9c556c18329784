"""Connection settings: Temporal's own, from its environment variables and profiles.

`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS*`, `TEMPORAL_PROFILE` and
`TEMPORAL_CONFIG_FILE` mean what they mean to Temporal's command line. The one setting of our own is
`ARVO_TASK_QUEUE`.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Plugin
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from arvo.errors import ArvoError

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
DEFAULT_TASK_QUEUE = "arvo"

_HOST_AND_PORT = re.compile(r"\S+:\d{1,5}")
_RETRY_AFTER = 0.25
_REFUSED = ("Unauthenticated", "PermissionDenied")


class SettingsError(ArvoError):
    """The connection settings cannot be read."""

    code = "ARVO321"


class ConnectError(ArvoError):
    """No Temporal server could be used with these settings.

    Attributes:
        address: Where it was looked for.
    """

    code = "ARVO322"

    def __init__(self, message: str, *, address: str) -> None:
        super().__init__(message)
        self.address = address


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to find Temporal, and how to connect.

    Attributes:
        address: Host and port of the server.
        namespace: Temporal namespace.
        options: What `Client.connect` takes besides, such as TLS and the API key.
    """

    address: str = DEFAULT_ADDRESS
    namespace: str = DEFAULT_NAMESPACE
    options: ClientConnectConfig = field(default_factory=ClientConnectConfig, repr=False)


def load_settings(
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read Temporal's standard settings.

    Args:
        address: Overrides the address.
        namespace: Overrides the namespace.
        profile: Profile in Temporal's configuration file; else `TEMPORAL_PROFILE`, else "default".
        environment: Environment variables; by default those of this process.

    Raises:
        SettingsError: A file named by the settings is missing or malformed, or lacks the profile.
    """
    variables = os.environ if environment is None else environment
    named_file = variables.get("TEMPORAL_CONFIG_FILE")
    if named_file and not Path(named_file).is_file():
        raise SettingsError(f"TEMPORAL_CONFIG_FILE names {named_file}, which is no file: correct it, or unset it.")
    try:
        loaded = ClientConfigProfile.load(profile, override_env_vars=environment)
        options = loaded.to_client_connect_config()
    except OSError as error:
        raise SettingsError(
            f"Temporal's settings name the file {error.filename}, which cannot be read ({error.strerror}): check "
            "the TEMPORAL_TLS_* variables and the profile."
        ) from error
    except RuntimeError as error:
        raise SettingsError(
            f"Temporal's settings cannot be read: {error}. Check the TEMPORAL_* variables and the configuration "
            f"file ({named_file or 'temporalio/temporal.toml in the configuration directory of the user'})."
        ) from error
    settings = Settings(
        address=options.pop("target_host", DEFAULT_ADDRESS),
        namespace=options.pop("namespace", DEFAULT_NAMESPACE),
        options=options,
    )
    return replace(settings, address=address or settings.address, namespace=namespace or settings.namespace)


def task_queue(given: str | None = None, app_task_queue: str = DEFAULT_TASK_QUEUE) -> str:
    """Return the task queue to use: the given one, else `ARVO_TASK_QUEUE`, else the app's."""
    return given or os.environ.get("ARVO_TASK_QUEUE") or app_task_queue


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
            if any(status in str(error) for status in _REFUSED):
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
        if error.status == RPCStatusCode.NOT_FOUND:
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
    """Return the readable part of a connection error of the SDK."""
    text = str(error)
    if "InvalidContentType" in text:
        return "TLS is set, by TEMPORAL_TLS or TEMPORAL_API_KEY, but what listens there does not speak it"
    found = re.search(r'(?:message|error): "([^"]+)"', text)
    return found.group(1) if found else text
