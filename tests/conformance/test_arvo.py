"""The Arvo vectors as tests, one for each category."""

import pytest

from tests.conformance.arvo import CHECKS, run_category


@pytest.mark.parametrize("category", CHECKS)
def test_answers_as_the_typescript_packages_do(category: str) -> None:
    report = run_category(category)
    assert report.passed > 0
    assert not report.failures, str(report)
