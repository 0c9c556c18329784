"""Run all conformance vectors: `python -m tests.conformance`."""

import sys
from importlib import import_module


def main() -> int:
    failures = 0
    for part in ("statechart", "arvo"):
        failures += import_module(f"tests.conformance.{part}").run()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
