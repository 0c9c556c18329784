"""Finds out why a connection to Temporal has failed: by the SDK's words, and by a look where these say too little."""

from __future__ import annotations

import re

from adapter.plain_text import plain_text
from adapter.temporal_errors import refuses_credentials, speaks_no_tls, words_of_connecting
from arvo.errors import shorten
from arvo_temporal.connection.diagnosis import Diagnosis
from arvo_temporal.connection.listener import Listener, Speaks, alert_of, listener_at
from arvo_temporal.connection.target import Target
from arvo_temporal.connection.tls_words import no_http2, of_alert, of_alert_name, of_distrust, of_own_credentials

_PAGE = re.compile(r"(?:with status: |HTTP status code )(\d{3})(?: ([A-Z][A-Za-z' ]*))?")
_MAY_PASS = ("429", "502", "503", "504")
"""What a proxy answers while nothing serves behind it."""
_HEADER = re.compile(r"Invalid (?:ASCII|binary) header [^:]*")
_UNSAID = ("transport error", "operation was canceled", "h2 protocol error", "broken pipe", "reset by peer")
_STATUS = re.compile(r"\bcode: (\w+)")
_INNERMOST = re.compile(r"\b([A-Za-z]\w+)\W*$")
_LONGEST_WORDS = 200


async def diagnose(error: Exception, target: Target) -> Diagnosis:
    """Find out why a connection has failed.

    Args:
        error: What the SDK has raised, or a `TimeoutError` where it has waited too long.
        target: Where it was to lead.
    """
    text = str(error)
    if speaks_no_tls(error):
        return _no_tls(await listener_at(target.address), target)
    if "H2NotNegotiated" in text:
        return no_http2(target)
    said = (
        of_own_credentials(text, target)
        or of_distrust(text, target)
        or of_alert(text, target)
        or _of_page(text, target)
        or _of_status(error, target)
        or _of_header(text)
    )
    if said is not None:
        return said
    words = _words(error)
    if words and not any(unsaid in words for unsaid in _UNSAID):
        return Diagnosis(words)
    return await _by_looking(target, bool(text))


def _words(error: Exception) -> str:
    """Return what the SDK says, never its dump: the message, or the status, or the innermost name."""
    text = str(error)
    words = words_of_connecting(error)
    if words == text:
        found = _STATUS.search(text) or _INNERMOST.search(text)
        words = found[1] if found else ""
    return plain_text(words[:_LONGEST_WORDS])


def _of_page(text: str, target: Target) -> Diagnosis | None:
    """Tell of a web page that has come instead of an answer."""
    page = _PAGE.search(text)
    if page is None:
        return None
    status = " ".join(filter(None, page.groups()))
    if page[1] in _MAY_PASS:
        return Diagnosis(f"a proxy there answers {status}")
    return Diagnosis(
        f"What listens at {target.address} is no Temporal server, or a proxy before it: it answers with a web page, "
        f"HTTP status {status}.",
        "Set TEMPORAL_ADDRESS to Temporal's own port, which is not that of its UI (7233 and 8233 by default); where a "
        "proxy wants credentials, set TEMPORAL_API_KEY, a client certificate or TEMPORAL_GRPC_META_*.",
    )


def _of_status(error: Exception, target: Target) -> Diagnosis | None:
    """Tell of a status of gRPC that another try would not change."""
    if refuses_credentials(error):
        return refused(_words(error), target.address)
    status = _STATUS.search(str(error))
    return no_temporal(_words(error), target.address) if status and status[1] == "Unimplemented" else None


def refused(words: str, address: str) -> Diagnosis:
    """Tell of a Temporal server that does not let this client in.

    Args:
        words: What the server says.
        address: Where it is.
    """
    why = f": {plain_text(words[:_LONGEST_WORDS]).rstrip('.')}" if words.strip() else ""
    return Diagnosis(
        f"Temporal at {address} refuses the connection{why}.",
        "Check TEMPORAL_API_KEY, the TEMPORAL_TLS_* settings and the namespace.",
    )


def no_temporal(words: str, address: str) -> Diagnosis:
    """Tell of a server of gRPC that knows nothing of Temporal.

    Args:
        words: What it says.
        address: Where it is.
    """
    return Diagnosis(
        f"What listens at {address} speaks gRPC, but is no Temporal server: {plain_text(words[:_LONGEST_WORDS])}.",
        "Set TEMPORAL_ADDRESS to where Temporal is served, by default on port 7233.",
    )


def _of_header(text: str) -> Diagnosis | None:
    header = _HEADER.search(text)
    if header is None:
        return None
    return Diagnosis(
        f"A header of the settings cannot be sent: {plain_text(header[0]).lower()}.",
        "Correct TEMPORAL_GRPC_META_*, or grpc_meta of the profile.",
    )


async def _by_looking(target: Target, answered: bool) -> Diagnosis:
    """Look at what listens, where the connection was closed without a word, or nothing was said in time."""
    if target.tls is None:
        return _without_tls(await listener_at(target.address), target, answered)
    alert = await alert_of(target.address, target.tls)
    if alert is not None:
        return of_alert_name(alert, target)
    if not answered:
        return Diagnosis("no answer")
    shown = f"the client certificate in {target.client_certificate}"
    missing = "a client without certificate, and none is set (TEMPORAL_TLS_CLIENT_CERT_PATH)"
    return Diagnosis(
        "it speaks TLS and then closes the connection: no Temporal server runs behind it, or it does not take "
        f"{shown if target.client_certificate else missing}"
    )


def _without_tls(listener: Listener, target: Target, answered: bool) -> Diagnosis:
    if listener.speaks is Speaks.TLS:
        off = target.places.get("tls", "")
        return Diagnosis(
            f"What listens at {target.address} speaks TLS, and TLS is not set{f' ({off})' if off else ''}.",
            "Set TEMPORAL_TLS=true, and TEMPORAL_TLS_SERVER_CA_CERT_PATH to the file of the server's CA where the "
            "system does not know that.",
        )
    if listener.speaks in (Speaks.HTTP1, Speaks.OTHER):
        return _something_else(listener, target)
    return Diagnosis("the connection is closed before an answer" if answered else "no answer")


def _no_tls(listener: Listener, target: Target) -> Diagnosis:
    by = target.places.get("tls") or "TEMPORAL_TLS or TEMPORAL_API_KEY"
    if listener.speaks in (Speaks.HTTP1, Speaks.OTHER):
        return _something_else(listener, target)
    return Diagnosis(
        f"TLS is set, by {by}, but what listens at {target.address} does not speak it.",
        "Set TEMPORAL_ADDRESS to a port with TLS; or TEMPORAL_TLS=false, if all that is sent, an API key too, may be "
        "read on the way.",
    )


def _something_else(listener: Listener, target: Target) -> Diagnosis:
    says = f": it says {shorten(listener.line)}" if listener.line else ""
    kind = "is a web server" if listener.speaks is Speaks.HTTP1 else "speaks something else"
    return Diagnosis(
        f"What listens at {target.address} is no Temporal server, it {kind}{says}.",
        "Set TEMPORAL_ADDRESS to where Temporal's gRPC is served, by default on port 7233.",
    )
