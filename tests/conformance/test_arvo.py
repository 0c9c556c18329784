"""The Arvo vectors as tests, one for each category: those of the repository, and the whole set where it is."""

from pathlib import Path

import pytest

from tests.conformance.arvo import CHECKS, read_vectors, run_category
from tests.conformance.durable import MODES, Mode, run_durably
from tests.conformance.folders import vector_folders


@pytest.mark.parametrize("folder", vector_folders("arvo"), ids=lambda folder: folder.parent.name)
@pytest.mark.parametrize("category", CHECKS)
def test_answers_as_the_typescript_packages_do(category: str, folder: Path) -> None:
    report = run_category(category, folder)
    assert report.passed > 0
    assert not report.failures, str(report)


@pytest.mark.parametrize("mode", MODES)
async def test_resumables_answer_so_on_temporal_too(mode: Mode) -> None:
    report = await run_durably(read_vectors(vector_folders("arvo")[-1])["resumable"], mode)
    assert report.passed > 0
    assert not report.failures, str(report)
