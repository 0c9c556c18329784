"""Fuzzing by coverage with atheris, by hand: `python -m tests.fuzz TARGET -max_total_time=600`.

Not part of the suite: it takes minutes, and atheris (`pip install atheris`) is no dependency of development. Options
after the target are libFuzzer's own. A finding is printed with its stack; the input is left in `crash-...`, and
`python -m tests.fuzz TARGET crash-...` runs it again.
"""
