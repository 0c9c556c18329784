"""Run all conformance vectors: `python -m tests.conformance`."""

import sys

from tests.conformance import arvo, peers, routing, statechart


def main() -> int:
    failures = statechart.run() + peers.run()
    arvo_agrees = arvo.run()
    routing_agrees = routing.run()
    return 0 if failures == 0 and arvo_agrees and routing_agrees else 1


if __name__ == "__main__":
    sys.exit(main())
