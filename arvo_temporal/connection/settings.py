"""Connection settings: Temporal's own, from its environment variables and profiles.

`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS*`, `TEMPORAL_PROFILE` and
`TEMPORAL_CONFIG_FILE` mean what they mean to Temporal's command line. The one setting of our own is
`ARVO_TASK_QUEUE`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

from arvo.errors import ArvoError

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
DEFAULT_TASK_QUEUE = "arvo"


class SettingsError(ArvoError):
    """The connection settings cannot be read."""

    code = "ARVO321"


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
    return named_task_queue(given) or app_task_queue


def named_task_queue(given: str | None = None) -> str | None:
    """Return the task queue that the caller or the environment names: the given one, else `ARVO_TASK_QUEUE`."""
    return given or os.environ.get("ARVO_TASK_QUEUE") or None
