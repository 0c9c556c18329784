"""How far one worker, one orchestration and two cores go: `python -m benchmarks.scale`."""
