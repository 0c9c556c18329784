"""What is asked for becomes a query that finds that, and nothing where a filter has no value."""

from __future__ import annotations

import pytest

from adapter.errors import ListError
from arvo_temporal.client import Filters
from arvo_temporal.client.filters import ServerKnows, list_query

SERVER = ServerKnows(attributes=True, problems=True)


@pytest.mark.parametrize("orchestrator", ["order", "arvo.orc.order"])
def test_an_orchestrator_is_called_by_its_type_or_by_that_without_the_prefix(orchestrator: str) -> None:
    assert "WorkflowType = 'arvo.orc.order'" in list_query({"orchestrator": orchestrator}, SERVER).text


@pytest.mark.parametrize(
    "filters",
    [
        Filters(orchestrator=""),
        Filters(version=""),
        Filters(state=" "),
        Filters(trouble=""),
        Filters(parent=""),
        Filters(root=""),
        Filters(key=""),
        Filters(query="\t"),
    ],
)
def test_an_empty_filter_never_means_any(filters: Filters) -> None:
    with pytest.raises(ListError, match=f"The filter '{next(iter(filters))}' is empty"):
        list_query(filters, SERVER)
