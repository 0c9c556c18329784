"""What this project costs on Temporal, beside workflows written by hand: `python -m benchmarks.temporal`."""
