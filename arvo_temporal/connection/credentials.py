"""The certificates and keys of the TLS settings: read, and looked at before a server is asked to take them.

Temporal's SDK takes a file without a certificate for an empty list of them, and then blames the server.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path

from temporalio.envconfig import ClientConfigTLS, DataSource
from temporalio.service import TLSConfig

from arvo_temporal.connection.errors import SettingsError

CA_CERT = "server_root_ca_cert"
CLIENT_CERT = "client_cert"
CLIENT_KEY = "client_private_key"

VARIABLES = {
    CA_CERT: "TEMPORAL_TLS_SERVER_CA_CERT",
    CLIENT_CERT: "TEMPORAL_TLS_CLIENT_CERT",
    CLIENT_KEY: "TEMPORAL_TLS_CLIENT_KEY",
}
"""The attributes of a `TLSConfig` that hold PEM, and the variables that name them, by _PATH or by _DATA."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = b"CERTIFICATE"
_KEYS = (b"PRIVATE KEY", b"RSA PRIVATE KEY", b"EC PRIVATE KEY")


def places_of(tls: ClientConfigTLS, environment: Mapping[str, str], profile: str) -> dict[str, str]:
    """Return in words where each certificate and key of loaded settings was named.

    Args:
        tls: The settings.
        environment: The environment variables, which win over the profile.
        profile: The name of the profile.
    """
    places = {}
    for attribute, variable in VARIABLES.items():
        source: DataSource | None = getattr(tls, attribute)
        form = "PATH" if isinstance(source, Path) else "DATA"
        key = f"{variable.removeprefix('TEMPORAL_TLS_')}_{form}".lower()
        name = f"{variable}_{form}" if f"{variable}_{form}" in environment else f"{key} of the profile '{profile}'"
        if source is not None:
            places[attribute] = f"{name} ({source})" if isinstance(source, Path) else name
    return places


def read_tls(tls: ClientConfigTLS, places: Mapping[str, str]) -> TLSConfig:
    """Read the files that TLS settings name.

    Raises:
        SettingsError: One cannot be read.
    """
    return TLSConfig(
        domain=tls.server_name or None,
        server_root_ca_cert=_read(tls.server_root_ca_cert, places.get(CA_CERT, "")),
        client_cert=_read(tls.client_cert, places.get(CLIENT_CERT, "")),
        client_private_key=_read(tls.client_private_key, places.get(CLIENT_KEY, "")),
    )


def check_tls(tls: TLSConfig, places: Mapping[str, str]) -> None:
    """See that the certificates and keys of a TLS configuration are some.

    Args:
        tls: The configuration.
        places: In words, where each was named; what is not there was given by the caller.

    Raises:
        SettingsError: One is not, or one of client certificate and key is missing.
    """
    for attribute, other in ((CLIENT_CERT, CLIENT_KEY), (CLIENT_KEY, CLIENT_CERT)):
        if getattr(tls, attribute) is not None and getattr(tls, other) is None:
            raise SettingsError(
                f"{place_of(attribute, places)} is set without its {_NAMES[other]}: set {VARIABLES[other]}_PATH to "
                f"the file of the {_NAMES[other]} that belongs to it."
            )
    for attribute in (CA_CERT, CLIENT_CERT):
        content = getattr(tls, attribute)
        if content is not None:
            _check_certificates(content, place_of(attribute, places), attribute)
    if tls.client_private_key is not None:
        _check_key(tls.client_private_key, place_of(CLIENT_KEY, places))


def check_api_key(key: str) -> None:
    """See that an API key can be sent.

    Raises:
        SettingsError: It cannot: Temporal's SDK would leave it out.
    """
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise SettingsError(
            "The API key (TEMPORAL_API_KEY, or api_key of the profile) has a line break, a blank at an end or another "
            "character that no header carries, so it would not be sent. Set it without."
        )


def place_of(attribute: str, places: Mapping[str, str]) -> str:
    """Return where a certificate or key was named, or which argument it came by."""
    return places.get(attribute, f"TLSConfig({attribute}=)")


_NAMES = {CLIENT_CERT: "certificate", CLIENT_KEY: "private key"}


def _read(source: DataSource | None, place: str) -> bytes | None:
    if isinstance(source, str):
        return source.encode()
    if not isinstance(source, Path):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{place} names a file that cannot be read: {error.strerror}. Correct the path, or give this process the "
            "right to read it."
        ) from error


def _check_certificates(content: bytes, place: str, attribute: str) -> None:
    blocks = [match[0] for match in _BLOCK.finditer(content) if match[1] == _CERTIFICATE]
    if not blocks:
        what = "the CA's certificate" if attribute == CA_CERT else "the client's certificate"
        raise SettingsError(
            f"{place} holds no certificate in PEM{_held_instead(content)}. Put {what} there, which begins with "
            "-----BEGIN CERTIFICATE----- (openssl x509 -inform der -in FILE  makes PEM of DER)."
        )
    try:
        # A context of its own, which only reads them.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=b"\n".join(blocks).decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise SettingsError(
            f"{place} holds a damaged certificate: what stands between its BEGIN and END is none. Copy it again, whole."
        ) from error


def _check_key(content: bytes, place: str) -> None:
    labels = [match[1] for match in _BLOCK.finditer(content)]
    if b"ENCRYPTED PRIVATE KEY" in labels or b"Proc-Type: 4,ENCRYPTED" in content:
        raise SettingsError(
            f"{place} holds a key with a passphrase, which Temporal's SDK cannot ask for. Write it without:  openssl "
            "pkey -in FILE -out NEW_FILE , for this user's eyes only."
        )
    if not any(label in _KEYS for label in labels):
        raise SettingsError(
            f"{place} holds no private key in PEM{_held_instead(content)}. Put the key of the client's certificate "
            "there, which begins with -----BEGIN PRIVATE KEY-----."
        )


def _held_instead(content: bytes) -> str:
    if not content.strip():
        return ", it is empty"
    label = next((match[1].decode() for match in _BLOCK.finditer(content)), None)
    return f", but a block '{label}'" if label else ""
