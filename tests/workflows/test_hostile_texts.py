"""Names and texts that mean something to Markdown, HTML or a terminal: shown as they are, bounded, in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from arvo import create_arvo_orchestrator, emit, raise_, setup_arvo_machine
from arvo_temporal import ArvoApp
from tests.conftest import Serve
from tests.parcels import approve_contract, parcel, parcel_contract
from tests.polling import eventually
from tests.workflows.test_view import metadata_of, view
from workflows.details import MOST_BYTES

NAMES = [
    "`tick` ``two`` ```",
    "a | b || c",
    "[x](javascript:alert(1)) ![i](http://e.x/y.png)",
    "<b>bold</b><script>alert(1)</script>",
    "# head\n\n- item\r\n```\n> quote",
    "\u202eevil\u2066\x1b[31m\x00",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \u6f22\u5b57",
    "x" * 10_000,
    "\U0001f600" * 5_000,
    " ",
    "\\",
    "1. one",
]
RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def hostile_machine(**root: Any) -> Any:
    """A machine of one parallel region, one timer, one delayed event and one emission for each of the names."""
    regions = {
        name: {
            "description": name * 3,
            "tags": [name, *NAMES],
            "initial": name,
            "states": {
                name: {
                    "description": name,
                    "tags": NAMES,
                    "entry": [
                        raise_({"type": name}, delay=f"{days + 1} days", id=name),
                        emit({"type": "com.approve.ask", "domain": ["people"], "data": {"weight": days}}),
                    ],
                    "after": {f"{days + 1} days": {"actions": []}},
                    "on": {name: {"actions": []}},
                }
            },
        }
        for days, name in enumerate(NAMES)
    }
    return setup_arvo_machine(
        contracts={
            "self": parcel_contract.version("1.0.0"),
            "services": {"approve": approve_contract.version("1.0.0")},
        },
        events=NAMES,
    ).create_machine({"id": NAMES[3], "description": NAMES[2], "type": "parallel", "states": regions, **root})


@pytest.mark.parametrize("key", [*NAMES[:7], "k" * 1000, "\U0001f600" * 300])
async def test_an_orchestration_with_hostile_names_goes_on_and_is_shown(serve: Serve, key: str) -> None:
    published: list[Any] = []
    app = ArvoApp(
        orchestrators=[create_arvo_orchestrator(executionunits=1, machines=[hostile_machine()])],
        publishers={"people": published.append},
    )
    init = parcel(key)
    async with serve(app) as client:
        await client.execute(init)
        told = await eventually(lambda: view(client, init), lambda told: len(told.timers) == 2 * len(NAMES))
        metadata = await metadata_of(client, init)
        shown = await client.show(init.subject)
        assert shown.view is not None
        assert shown.view.states == told.states
    assert len(metadata.current_details.encode()) <= MOST_BYTES
    rendered = RENDERER.render(metadata.current_details)
    assert [markup for markup in ("<script", "<a ", "<img", "<b>") if markup in rendered] == []
    assert told.status == "active"
