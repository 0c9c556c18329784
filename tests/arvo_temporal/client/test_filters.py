"""What is asked for becomes a query that finds that, and nothing where a filter has no value."""

from __future__ import annotations

import pytest

from adapter.errors import ListError
from arvo_temporal.client import Filters
from arvo_temporal.client.filters import ServerKnows, list_query

LEAVES = (
    "A) OR (B",
    "TaskQueue = 'x') OR (TaskQueue = 'y'",
    ")(",
    "(A",
    "A)",
    "((A) AND (B)",
    "A = 'it''s)' ) OR ( B = 'x'",
    "A = 'it\\'s)' ) OR ( B = 'x'",
    "A = '\\\\') OR (B = 'x'",
    'A = ")" ) OR ( B = "("',
    "`A(` = 1) OR (`B)` = 2",
    "A = 'x' /* ' */) OR (B = 'y' /* ' */",
    "A = 1 -- ",
    "A = 1 # ",
    "A = 1 // ",
    "A = 1 /*",
    "A = 'x",
    'A = "x',
    "`A = 1",
    "A = 'x\\'",
)
STAYS = (
    "A = 1 OR B = 2",
    "(A = 1) OR (B = 2)",
    "((A = 1))",
    "A IN ('x', 'y')",
    "A = ')'",
    "A = '('",
    "A = 'it''s )'",
    "A = 'it\\'s )'",
    'A = ")\'" AND B = "("',
    "`A)` = 1",
    "A = '-- /* # // \"'",
    "A = '\n)'",
)

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


@pytest.mark.parametrize("query", LEAVES)
def test_no_query_leaves_the_brackets_that_are_put_around_it(query: str) -> None:
    with pytest.raises(ListError, match=r"The brackets of the query|The query .* cannot have"):
        list_query({"query": query}, SERVER)


@pytest.mark.parametrize("query", STAYS)
def test_a_query_that_stays_within_its_brackets_is_asked_as_it_is(query: str) -> None:
    assert list_query({"query": query}, SERVER).text.endswith(f" AND ({query})")
