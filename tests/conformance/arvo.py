"""Runs the Arvo vectors and tells what differs: `python -m tests.conformance.arvo [category ...]`.

The folder is that of `ARVO_VECTORS`, otherwise the part of the vectors that this repository holds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.conformance.contract_vectors import check_contract, check_domain, check_factory
from tests.conformance.durable import MODES, run_durably
from tests.conformance.event_vectors import check_event, check_subject
from tests.conformance.folders import vector_folder
from tests.conformance.report import Report
from tests.conformance.scenarios import run_scenario, run_setup
from tests.conformance.telemetry_vectors import check_otel

Line = Mapping[str, Any]
Check = Callable[[Any], str | None]

CHECKS: dict[str, Check] = {
    "subject": check_subject,
    "event": check_event,
    "contract": check_contract,
    "factory": check_factory,
    "domain": check_domain,
    "setup": run_setup,
    "orchestrator": run_scenario,
    "handler": run_scenario,
    "resumable": run_scenario,
    "otel": check_otel,
}


_ENCODED = ("source", "subject", "to", "redirectto", "dataschema", "parentid")


@lru_cache(2)
def read_vectors(folder: Path) -> Mapping[str, list[Line]]:
    """Return the vectors by category, with which the id of each begins, whatever the files are called."""
    vectors: dict[str, list[Line]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for text in file.read_text(encoding="utf-8").split("\n"):
            if text.strip():
                line = json.loads(text)
                vectors.setdefault(line["id"].partition("/")[0], []).append(line)
    return vectors


def run_category(category: str, folder: Path) -> Report:
    """Check every line of a category."""
    report = Report(category)
    for line in read_vectors(folder).get(category, ()):
        reason = meaningless(line)
        if reason is not None:
            report.skipped[line["id"]] = reason
            continue
        difference = _check(CHECKS[category], line)
        if difference is None:
            report.passed += 1
        else:
            report.failures[line["id"]] = difference
    return report


def meaningless(line: Line) -> str | None:
    """Return why a line cannot mean anything in Python; None if it can."""
    if line.get("jsOnly"):
        return f"{line.get('note', 'its input')}: a value that only JavaScript has"
    is_creation = line["id"].startswith("event/") and line["op"] == "create"
    if is_creation and line["ok"] and any(_is_made_text(line["args"], name) for name in _ENCODED):
        return "JavaScript makes a text of an argument that is none ('undefined', 'null', '5'); here it is refused"
    return None


def run(categories: Iterable[str] = ()) -> bool:
    """Check the categories, by default all, and print a report of each; True if all that was checked passed."""
    folder = vector_folder("arvo")
    reports = []
    for category in categories or CHECKS:
        reports.append(run_category(category, folder))
        print(reports[-1], flush=True)
        if category == "resumable":
            for mode in MODES:
                reports.append(asyncio.run(run_durably(read_vectors(folder).get(category, ()), mode)))
                print(reports[-1], flush=True)
    checked = sum(report.passed for report in reports)
    if not checked:
        print(f"There are no vectors in {folder}: ARVO_VECTORS names a folder of .jsonl files")
    return checked > 0 and not any(report.failures for report in reports)


def _is_made_text(arguments: Mapping[str, Any], name: str) -> bool:
    value = arguments.get(name)
    return (value is None and name in ("source", "subject")) or not isinstance(value, str | None)


def _check(check: Check, line: Line) -> str | None:
    try:
        return check(line)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:300]} ({Path(place.filename).name}:{place.lineno})"


if __name__ == "__main__":
    sys.exit(0 if run(sys.argv[1:]) else 1)
