"""What an orchestration tells of itself where there is much, or nothing any more."""

from __future__ import annotations

import pytest

from adapter.queries import query_view
from adapter.view import OrchestrationView
from arvo import ArvoEvent
from arvo_temporal import ArvoClient, OrchestrationFailedError, workflow_id
from tests.apps import counted, counter_app, start_count
from tests.brood import brood_app, start_brood
from tests.conftest import Serve
from tests.polling import eventually
from tests.workflows.test_search_attributes import half


async def told(client: ArvoClient, init: ArvoEvent) -> OrchestrationView:
    return await query_view(client.client, workflow_id(init.subject))


@pytest.mark.parametrize("many", [25, 40])
async def test_the_newest_troubles_are_told_and_all_are_counted(serve: Serve, many: int) -> None:
    init = start_count(goal=9)
    async with serve(counter_app()) as client:
        await client.execute(init)
        wrong = [half(init.subject) for _ in range(many)]
        for event in wrong:
            await client.deliver(event)
        view = await eventually(lambda: told(client, init), lambda view: view.fates.get("refused") == many)
    assert [trouble.event_id for trouble in view.troubles] == [event.id for event in wrong[-20:]]
    assert view.more_troubles == many - 20


async def test_the_oldest_emissions_are_told_and_the_others_are_counted(serve: Serve) -> None:
    init = start_brood(many=55)
    async with serve(brood_app()) as client:
        await client.execute(init)
        view = await told(client, init)
    assert (len(view.emissions), view.more_emissions) == (50, 5)


async def test_what_has_ended_takes_nothing_any_more(serve: Serve) -> None:
    """One that was cancelled stands in a state that would take events."""
    failed, cancelled = start_count(goal=9), start_count(goal=9)
    async with serve(counter_app()) as client:
        for init in (failed, cancelled):
            await client.execute(init)
        await client.deliver(counted(failed.subject, by=-1))
        await client.client.get_workflow_handle(workflow_id(cancelled.subject)).cancel()
        for init in (failed, cancelled):
            with pytest.raises(OrchestrationFailedError):
                await client.result(init.subject)
        of_failed, of_cancelled = await told(client, failed), await told(client, cancelled)
    assert (of_failed.status, of_failed.states, of_failed.accepts) == ("failed", (), ())
    assert [state.path for state in of_cancelled.states] == ["counting"]
    assert of_cancelled.accepts == ()
