"""What a TLS connection has failed for, in words that say what to do.

Two say it: Temporal's SDK, in the names of the libraries below it, and an alert of the server, which has a name of its
own. Another version of the SDK may word them otherwise: `tests/arvo_temporal/connection/test_tls.py` provokes each.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from arvo_temporal.connection.credentials import CA_CERT, CLIENT_CERT, CLIENT_KEY, place_of
from arvo_temporal.connection.diagnosis import Diagnosis
from arvo_temporal.connection.target import Target

_DISTRUST = re.compile(r"InvalidCertificate\((?:Other\(OtherError\()?(\w+)")
_INSTANT = re.compile(r"(?:not_after|not_before): UnixTime\((\d+)\)")
_PRESENTED = re.compile(r"presented: \[(.*?)\]")
_NAME = re.compile(r'(?:DnsName\(\\?"([^"\\]+)\\?"\)|IpAddress\(([^()]+)\))')
_ALERT = re.compile(r"(?:AlertReceived\(|received fatal alert: )(\w+)")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")

_WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "NO_CERTIFICATE", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN")
_OF_CERTIFICATE = {
    "CERTIFICATE_EXPIRED": "it has expired, or is not valid yet",
    "CERTIFICATE_REVOKED": "it was revoked",
    "UNKNOWN_CA": "it is signed by no CA that the server knows",
    "CERTIFICATE_UNKNOWN": "the server does not take it",
    "CERTIFICATE_REQUIRED": "the server does not take it",
    "BAD_CERTIFICATE": "the server does not take it",
    "UNSUPPORTED_CERTIFICATE": "the server takes none of its kind",
    "ACCESS_DENIED": "whoever has it may not connect",
    "DECRYPT_ERROR": "the server finds its signature wrong",
}
_OWN = {
    "KeyMismatch": "is not the key of the certificate in",
    "PrivateKeyParseError": "is no key that Temporal's SDK can read, for the certificate in",
}


def of_own_credentials(text: str, target: Target) -> Diagnosis | None:
    """Tell what is wrong with a client certificate and its key, which no server has seen yet."""
    for word, words in _OWN.items():
        if word in text:
            key, certificate = place_of(CLIENT_KEY, target.places), place_of(CLIENT_CERT, target.places)
            return Diagnosis(f"{key} {words} {certificate}.", "Give the two that were made together.")
    if "InvalidUri" in text or "InvalidDnsNameError" in text:
        return Diagnosis(
            f"The server cannot have the name '{target.server_name}', which is none.",
            "Set TEMPORAL_TLS_SERVER_NAME to a host name, such as one that the server's certificate has.",
        )
    return None


def of_distrust(text: str, target: Target) -> Diagnosis | None:
    """Tell why the certificate of the server is not trusted."""
    found = _DISTRUST.search(text)
    if found is None:
        return None
    reason, cure = _why_distrusted(found[1], text, target)
    return Diagnosis(f"The server at {target.address} is not trusted: its certificate {reason}.", cure)


def of_alert(text: str, target: Target) -> Diagnosis | None:
    """Tell why the server has refused this client, by the alert that the SDK has read."""
    found = _ALERT.search(text)
    return of_alert_name(_CAPITAL.sub("_", found[1]).upper(), target) if found else None


def of_alert_name(alert: str, target: Target) -> Diagnosis:
    """Tell what an alert of the server is about.

    Args:
        alert: Its name, such as `CERTIFICATE_EXPIRED`.
        target: Where it came from.
    """
    if target.client_certificate is None and alert in _WANTS_CERTIFICATE:
        return Diagnosis(
            f"The server at {target.address} wants a client certificate, and none is set.",
            "Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to the files of one and of its key.",
        )
    if target.client_certificate is not None and alert in _OF_CERTIFICATE:
        return Diagnosis(
            f"The server at {target.address} refuses the client certificate in {target.client_certificate}: "
            f"{_OF_CERTIFICATE[alert]}.",
            "Set one that the server's CA has signed and that is valid now, and its key.",
        )
    name = alert.replace("_", " ").lower()
    refused = f"The server at {target.address} refuses the TLS handshake ({name})"
    if alert in ("UNRECOGNISED_NAME", "UNRECOGNIZED_NAME"):
        return Diagnosis(
            f"{refused}: it is not there for the name {target.server_name}.",
            "Set TEMPORAL_TLS_SERVER_NAME to the name that it has.",
        )
    if alert == "NO_APPLICATION_PROTOCOL":
        return no_http2(target)
    if alert == "HANDSHAKE_FAILURE" and target.client_certificate is None:
        return Diagnosis(
            f"{refused}: it wants a client certificate, and none is set, or has no cipher in common with this client.",
            "Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or look into its log.",
        )
    if alert in ("PROTOCOL_VERSION", "HANDSHAKE_FAILURE", "INSUFFICIENT_SECURITY"):
        return Diagnosis(f"{refused}: the two have no version or cipher in common.", "Let it speak TLS 1.2 or 1.3.")
    return Diagnosis(f"the server refuses the TLS handshake ({name}), its log says why", None)


def no_http2(target: Target) -> Diagnosis:
    """Tell of a TLS server that has agreed on no HTTP/2."""
    return Diagnosis(
        f"What listens at {target.address} speaks TLS, but not HTTP/2, which Temporal needs.",
        "Set TEMPORAL_ADDRESS to Temporal's own port, or let the proxy before it offer h2 (ALPN).",
    )


def _why_distrusted(kind: str, text: str, target: Target) -> tuple[str, str]:
    ca = target.places.get(CA_CERT) or (place_of(CA_CERT, {}) if target.has_ca else None)
    instant = _INSTANT.search(text)
    day = f"{datetime.fromtimestamp(int(instant[1]), UTC):%Y-%m-%d %H:%M} UTC" if instant else "another time"
    if kind.startswith("UnknownIssuer"):
        if ca:
            return f"is not signed by the CA in {ca}", "Put the certificate of the CA that has signed it there."
        return (
            "is signed by no CA that this system knows",
            "Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the file of the CA that has signed it.",
        )
    if kind.startswith("NotValidForName"):
        names = _presented(text)
        instead = f", or TEMPORAL_TLS_SERVER_NAME to {names[0]}" if names else ""
        return (
            f"is for {', '.join(names) or 'no name'}, not for {target.server_name}",
            f"Set TEMPORAL_ADDRESS to a name that it is for{instead}.",
        )
    if kind.startswith("Expired"):
        return f"expired at {day}", "Renew it on the server. If it is valid, the clock of this machine is wrong."
    if kind.startswith("NotValidYet"):
        return f"is not valid before {day}", "Set the clocks of the two machines right, or make it anew."
    if kind == "CaUsedAsEndEntity":
        return (
            "is that of a CA, not of a server",
            "Give the server a certificate of its own that the CA has signed.",
        )
    if kind.startswith("Revoked"):
        return "was revoked", "Renew it on the server."
    return f"is not as it must be ({kind})", "Make it anew, for TLS servers and with the names of the server."


def _presented(text: str) -> list[str]:
    """Return the names that a certificate is for."""
    found = _PRESENTED.search(text)
    return [dns or ip for dns, ip in _NAME.findall(found[1])] if found else []
