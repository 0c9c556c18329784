"""Connection settings: Temporal's own, from its environment variables and profiles.

`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS*`, `TEMPORAL_PROFILE` and
`TEMPORAL_CONFIG_FILE` mean what they mean to Temporal's command line. The one setting of our own is
`ARVO_TASK_QUEUE`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

from arvo_temporal.connection.credentials import check_api_key, check_tls, places_of, read_tls
from arvo_temporal.connection.errors import SettingsError
from arvo_temporal.connection.profile import codec_setting, config_file, profiles, refuse_unsupported

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
DEFAULT_TASK_QUEUE = "arvo"

_METADATA = "TEMPORAL_GRPC_META_"
_POSITION = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to find Temporal, and how to connect.

    Attributes:
        address: Host and port of the server.
        namespace: Temporal namespace.
        options: What `Client.connect` takes besides, such as TLS and the API key.
        places: In words, where things were named that an error has to name: "tls", what has turned TLS on or off;
            "server_root_ca_cert", "client_cert", "client_private_key"; and "codec", a remote codec, which is not used.
    """

    address: str = DEFAULT_ADDRESS
    namespace: str = DEFAULT_NAMESPACE
    options: ClientConnectConfig = field(default_factory=ClientConnectConfig, repr=False)
    places: Mapping[str, str] = field(default_factory=dict, repr=False)


def load_settings(
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read Temporal's standard settings; a variable that is empty counts as not set.

    Args:
        address: Overrides the address.
        namespace: Overrides the namespace.
        profile: Profile in Temporal's configuration file; else `TEMPORAL_PROFILE`, else "default".
        environment: Environment variables; by default those of this process.

    Raises:
        SettingsError: A file named by the settings is missing or malformed, or lacks the profile; a certificate, a key
            or an API key is none; a setting is misspelt, or not supported.
    """
    variables = _set_ones(os.environ if environment is None else environment)
    named = variables.get("TEMPORAL_CONFIG_FILE")
    if named and not Path(named).is_file():
        raise SettingsError(f"TEMPORAL_CONFIG_FILE names {named}, which is no file: correct it, or unset it.")
    used = profile or variables.get("TEMPORAL_PROFILE") or "default"
    loaded = _load(profile or None, variables, used)
    refuse_unsupported(variables, used)
    places = _places(loaded, variables, used)
    return Settings(
        address=address or loaded.address or DEFAULT_ADDRESS,
        namespace=namespace or loaded.namespace or DEFAULT_NAMESPACE,
        options=_connect_options(loaded, places),
        places=places,
    )


def _set_ones(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that say something; an empty one of metadata takes that away from a profile."""
    return {name: value for name, value in environment.items() if value or name.startswith(_METADATA)}


def _load(profile: str | None, variables: Mapping[str, str], used: str) -> ClientConfigProfile:
    try:
        return ClientConfigProfile.load(profile, override_env_vars=variables)
    except (RuntimeError, UnicodeError) as error:
        raise _unreadable(str(error), config_file(variables), used) from error


def _unreadable(why: str, file: Path, profile: str) -> SettingsError:
    if "not found" in why:
        has = ", ".join(sorted(profiles(file))) or "none"
        return SettingsError(
            f"The profile '{profile}' not found in {file}: it has {has}. Correct TEMPORAL_PROFILE, or unset it."
        )
    position = _POSITION.search(why)
    reason = why.strip().splitlines()[-1] if position else " ".join(why.split())
    if position:
        return SettingsError(
            f"Temporal's settings cannot be read: {reason}. Correct line {position[1]}, column {position[2]} of {file}."
        )
    return SettingsError(
        f"Temporal's settings cannot be read: {reason}. Correct the TEMPORAL_* variables, or the profile '{profile}' "
        f"of {file}."
    )


def _places(loaded: ClientConfigProfile, variables: Mapping[str, str], profile: str) -> dict[str, str]:
    places = places_of(loaded.tls, variables, profile) if loaded.tls else {}
    places["tls"] = _tls_place(loaded, variables, profile)
    places["codec"] = codec_setting(variables, profile)
    return {name: place for name, place in places.items() if place}


def _tls_place(loaded: ClientConfigProfile, variables: Mapping[str, str], profile: str) -> str:
    """Return in words what has turned TLS on, or off; nothing where nothing is said of it."""
    if "TEMPORAL_TLS" in variables:
        return f"TEMPORAL_TLS={variables['TEMPORAL_TLS']}"
    if loaded.tls is not None:
        given = [name for name in sorted(variables) if name.startswith("TEMPORAL_TLS_")]
        return given[0] if given else f"tls of the profile '{profile}'"
    if "TEMPORAL_API_KEY" in variables:
        return "TEMPORAL_API_KEY"
    return f"api_key of the profile '{profile}'" if loaded.api_key else ""


def _connect_options(loaded: ClientConfigProfile, places: Mapping[str, str]) -> ClientConnectConfig:
    options = ClientConnectConfig()
    if loaded.api_key:
        check_api_key(loaded.api_key)
        options["api_key"] = loaded.api_key
        options["tls"] = True
    if loaded.tls is not None:
        options["tls"] = not loaded.tls.disabled and read_tls(loaded.tls, places)
    if loaded.grpc_meta:
        options["rpc_metadata"] = loaded.grpc_meta
    tls = options.get("tls")
    if tls and tls is not True:
        check_tls(tls, places)
    return options


def task_queue(given: str | None = None, app_task_queue: str = DEFAULT_TASK_QUEUE) -> str:
    """Return the task queue to use: the given one, else `ARVO_TASK_QUEUE`, else the app's."""
    return named_task_queue(given) or app_task_queue


def named_task_queue(given: str | None = None) -> str | None:
    """Return the task queue that the caller or the environment names: the given one, else `ARVO_TASK_QUEUE`."""
    return given or os.environ.get("ARVO_TASK_QUEUE") or None
