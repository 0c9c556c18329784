"""Suites that users run on code of their own: handlers, machine memories, publishers. They need pytest."""

from arvo.testing.memories import MachineMemoryTests, SharedMachineMemoryTests
from arvo.testing.publishers import Publisher, PublisherTests
from arvo.testing.suites import (
    ArvoTestCase,
    ArvoTestConfig,
    ArvoTestRepeat,
    ArvoTestStep,
    ArvoTestSuite,
    run_arvo_test_suites,
)

__all__ = [
    "ArvoTestCase",
    "ArvoTestConfig",
    "ArvoTestRepeat",
    "ArvoTestStep",
    "ArvoTestSuite",
    "MachineMemoryTests",
    "Publisher",
    "PublisherTests",
    "run_arvo_test_suites",
    "SharedMachineMemoryTests",
]
