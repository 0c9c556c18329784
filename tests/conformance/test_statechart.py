"""The statechart vectors as tests, one for each file: those of the repository, and the whole set where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.folders import vector_folders
from tests.conformance.statechart import first_difference, read_cases, run

FILES = [file for folder in vector_folders("statechart") for file in sorted(folder.glob("*.jsonl"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_agrees_with_xstate(file: Path) -> None:
    differences = dict(_differences(file))
    assert differences == {}


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


def test_a_folder_without_vectors_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATECHART_VECTORS", str(tmp_path))
    assert run() == 1


def _differences(file: Path) -> Iterator[tuple[str, str]]:
    for case in read_cases(file):
        difference = first_difference(case)
        if difference is not None:
            yield case["name"], difference
