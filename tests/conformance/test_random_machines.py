"""The same seed makes the same random machines in every process, so that a case that differs can be made again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json
from tests.conformance.random_machines import RandomMachine
print(json.dumps([RandomMachine(seed).case() for seed in range(60)]))
"""


def test_a_seed_makes_the_same_machines_whatever_the_hashes_of_strings() -> None:
    one, other = (made_with(hash_seed) for hash_seed in ("1", "2"))
    assert one == other


def made_with(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout
