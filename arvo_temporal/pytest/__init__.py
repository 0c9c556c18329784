"""The pytest plugin: servers and workers as fixtures, paths through machines as test cases, coverage of machines.

Switched on by a line in the `conftest.py` of the root folder:

    pytest_plugins = ["arvo_temporal.pytest"]

or by `-p arvo_temporal.pytest`. Nobody else's tests pay for it: there is no entry point that loads it unasked.
"""

from arvo.testing import ArvoPath, PathRun, PathStep, StatePath, UnreachedWarning, arvo_paths
from arvo_temporal.pytest.fixtures import (
    ServeApp,
    ServeAppInSkippedTime,
    TimeSkipping,
    arvo_app,
    arvo_dev_server,
    arvo_time_skipping,
    arvo_worker,
)
from arvo_temporal.pytest.measuring import pytest_addoption, pytest_configure
from arvo_temporal.pytest.playing import play

__all__ = [
    "arvo_app",
    "arvo_dev_server",
    "arvo_paths",
    "arvo_time_skipping",
    "arvo_worker",
    "ArvoPath",
    "PathRun",
    "PathStep",
    "play",
    "pytest_addoption",
    "pytest_configure",
    "ServeApp",
    "ServeAppInSkippedTime",
    "StatePath",
    "TimeSkipping",
    "UnreachedWarning",
]
