"""Suites that users run on code of their own: handlers, machine memories, publishers. They need pytest."""

from arvo.testing.memories import MachineMemoryTests, SharedMachineMemoryTests
from arvo.testing.paths import ArvoPath, PathRun, PathStep, StatePath, UnreachedWarning, arvo_paths
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
    "arvo_paths",
    "ArvoPath",
    "ArvoTestCase",
    "ArvoTestConfig",
    "ArvoTestRepeat",
    "ArvoTestStep",
    "ArvoTestSuite",
    "MachineMemoryTests",
    "PathRun",
    "PathStep",
    "Publisher",
    "PublisherTests",
    "run_arvo_test_suites",
    "SharedMachineMemoryTests",
    "StatePath",
    "UnreachedWarning",
]
