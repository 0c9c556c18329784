"""The statechart vectors as tests, one for each file: those of the repository, and the whole set where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.statechart import DEFAULT, first_difference, read_cases, run

WHOLE = Path(__file__).parents[3] / "shared" / "conformance" / "statechart"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


@pytest.mark.parametrize("file", files(DEFAULT), ids=lambda file: file.stem)
def test_agrees_with_xstate(file: Path) -> None:
    differences = dict(_differences(file))
    assert differences == {}


@pytest.mark.skipif(not files(WHOLE), reason="the whole set of vectors is not here")
def test_agrees_with_xstate_on_the_whole_random_set() -> None:
    assert dict(_differences(WHOLE / "random.jsonl")) == {}


def test_a_difference_is_named_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.jsonl").write_text(
        '{"name":"wrong/value","tags":[],"config":{"initial":"a","states":{"a":{}}},"input":null,'
        '"steps":[{"event":null,"expect":{"status":"active","value":"b","context":{}}}]}\n'
    )
    monkeypatch.setenv("STATECHART_VECTORS", str(tmp_path))
    assert run() == 1
    assert capsys.readouterr().out == (
        "wrong.jsonl: 0 passed, 1 failed\n  wrong/value: restored: step 0 (start), value: expected 'b', got 'a'\n"
    )


def _differences(file: Path) -> Iterator[tuple[str, str]]:
    for case in read_cases(file):
        difference = first_difference(case)
        if difference is not None:
            yield case["name"], difference
