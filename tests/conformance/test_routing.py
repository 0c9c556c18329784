"""The vectors of routers and multi handlers as tests."""

import pytest

from tests.conformance.routing import CATEGORIES, run_category


@pytest.mark.parametrize("category", CATEGORIES)
def test_routes_as_the_typescript_package_did(category: str) -> None:
    report = run_category(category)
    assert report.passed > 0
    assert not report.failures, str(report)
