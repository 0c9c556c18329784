"""Mistakes that show before a worker starts: in machines and contracts, and in how they fit the app around them."""

from arvo_temporal.checking.app_check import check
from arvo_temporal.checking.report import CheckFailedError, findings_as_json, findings_as_text, refuse_errors

__all__ = ["check", "CheckFailedError", "findings_as_json", "findings_as_text", "refuse_errors"]
