"""What Temporal's SDK would pass over without a word in the environment and in a configuration file."""

from __future__ import annotations

import difflib
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from arvo_temporal.connection.errors import SettingsError

_BOOLEANS = ("true", "false", "1", "0")
_NO_VERIFICATION = "disable_host_verification"
_TLS_KEYS = (
    *("disabled", "server_name", _NO_VERIFICATION),
    *(f"{name}_{form}" for name in ("client_cert", "client_key", "server_ca_cert") for form in ("path", "data")),
)
_TLS_VARIABLES = ("TEMPORAL_TLS", *(f"TEMPORAL_TLS_{key.upper()}" for key in _TLS_KEYS if key != "disabled"))
_KEYS = ("address", "namespace", "api_key", "tls", "codec", "grpc_meta")
_CODEC_VARIABLES = ("TEMPORAL_CODEC_ENDPOINT", "TEMPORAL_CODEC_AUTH")


def config_file(environment: Mapping[str, str]) -> Path:
    """Return Temporal's configuration file: the one that `TEMPORAL_CONFIG_FILE` names, or the user's, if there."""
    named = environment.get("TEMPORAL_CONFIG_FILE")
    return Path(named) if named else _user_directory() / "temporalio" / "temporal.toml"


def refuse_unsupported(environment: Mapping[str, str], profile: str) -> None:
    """See that every TLS setting of the environment, and every key of a profile, is one that is followed.

    Args:
        environment: The environment variables.
        profile: The profile that is used.

    Raises:
        SettingsError: One is not: it is misspelt, no such thing is supported, or its value says nothing.
    """
    for variable in environment:
        if variable.startswith("TEMPORAL_TLS_"):
            _check_name(variable, _TLS_VARIABLES, "among Temporal's environment variables")
    for variable in ("TEMPORAL_TLS", f"TEMPORAL_TLS_{_NO_VERIFICATION.upper()}"):
        value = environment.get(variable, "false").lower()
        if value not in _BOOLEANS:
            raise SettingsError(f"{variable} is '{value}', which says neither yes nor no: write true or false.")
        if value in ("true", "1") and variable != "TEMPORAL_TLS":
            raise _always_verified(variable)
    file = config_file(environment)
    for key in _contents(file):
        _check_name(key, ("profile",), f"in {file}")
    _check_profile(_table(_contents(file), "profile", profile), f"in the profile '{profile}' of {file}")


def codec_setting(environment: Mapping[str, str], profile: str) -> str:
    """Return in words where a remote codec is named, which Temporal's SDK does not use; nothing if there is none."""
    for variable in _CODEC_VARIABLES:
        if environment.get(variable):
            return variable
    file = config_file(environment)
    has_codec = _table(_contents(file), "profile", profile, "codec")
    return f"codec of the profile '{profile}' of {file}" if has_codec else ""


def profiles(file: Path) -> Iterable[str]:
    """Return the names of the profiles that a file has."""
    return _table(_contents(file), "profile")


def _check_profile(profile: Mapping[str, Any], place: str) -> None:
    for key in profile:
        _check_name(key, _KEYS, place)
    tls = _table(profile, "tls")
    for key in tls:
        _check_name(key, _TLS_KEYS, f"under tls {place}")
    if tls.get(_NO_VERIFICATION):
        raise _always_verified(f"{_NO_VERIFICATION}, under tls {place},")


def _check_name(name: str, known: Iterable[str], place: str) -> None:
    if name in known:
        return
    (nearest,) = difflib.get_close_matches(name, known, n=1, cutoff=0.5) or ("",)
    instead = f"write {nearest}, or take it away" if nearest else "take it away"
    raise SettingsError(f"There is no setting {name} {place}: {instead}. It would change nothing.")


def _always_verified(setting: str) -> SettingsError:
    return SettingsError(
        f"{setting} is not supported: Temporal's Python SDK always verifies the server. Take it away, and name the CA "
        "of the server in TEMPORAL_TLS_SERVER_CA_CERT_PATH, and in TEMPORAL_TLS_SERVER_NAME the name that its "
        "certificate has."
    )


def _contents(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it is not there; if it is malformed, Temporal's SDK says so
        return {}


def _table(value: Any, *path: str) -> Mapping[str, Any]:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _user_directory() -> Path:
    """Return where Temporal's SDK looks for the configuration of a user."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(configured) if configured.startswith("/") else home / ".config"
