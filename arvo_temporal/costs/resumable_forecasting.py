"""A forecast for a resumable, which has no paths to follow: what calls of its function cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from adapter.app import ArvoApp
from arvo.orchestration import ArvoResumable
from arvo_temporal.costs.endings import completion, most_at_the_end
from arvo_temporal.costs.forecasts import Forecast, PathForecast, TurnForecast
from arvo_temporal.costs.routes import Leaving, answered
from arvo_temporal.costs.tally import Range, Tally


def forecast_resumable(app: ArvoApp, resumable: ArvoResumable) -> Forecast:
    """Tell what a resumable costs whose function is called once, and what each service that it asks adds.

    What it asks, and how often, only running tells: so `unknown` is true.

    Args:
        app: The app that has the resumable: who takes the events, and where its function runs.
        resumable: The resumable. All its versions cost the same.
    """
    call = _call(app, resumable.source)
    once = Tally(starts=1, ends=1, ordered=call.activities) + call
    most = once + most_at_the_end(Counter(), Counter(), completion(app, resumable.source))
    activities = Range(once.activities, most.activities)
    events, actions = once.events.joined(most.events), once.actions.joined(most.actions)
    return Forecast(
        machine=f"{resumable.source}/{','.join(resumable.versions)}",
        paths=(PathForecast(("begun", "ended"), 1, events, actions, activities, once.tasks.joined(most.tasks)),),
        turns=tuple(_turns(app, resumable, call)),
        complete=True,
        unknown=True,
    )


def _call(app: ArvoApp, type_: str) -> Tally:
    mode = app.step_mode(type_)
    return Tally(activities=int(mode == "step"), locals=int(mode == "local"))


def _turns(app: ArvoApp, resumable: ArvoResumable, call: Tally) -> Iterator[TurnForecast]:
    """Yield what each service adds: its request, its answer, and the call that takes that."""
    for service in resumable.contracts["services"].values():
        type_ = service.accepts.type
        # Answers to requests that leave together can share a workflow task; each call has one of its own.
        called = call + Tally(ordered=call.activities)
        least, most = (request + called for request in _requests(app, type_))
        events, actions = least.events.joined(most.events), least.actions.joined(most.actions)
        yield TurnForecast("called", f"answer to {type_}", events, actions)


def _requests(app: ArvoApp, type_: str) -> tuple[Tally, Tally]:
    """Return the least and the most of a request and the coming of its answer."""
    how = answered(app, type_)
    if how is None:  # what comes from outside may have come unasked
        return Tally(signals=1), Tally(signals=1, activities=int(bool(app.publishers)))
    request = Tally(
        activities=int(how is Leaving.ACTIVITY), locals=int(how is Leaving.LOCAL), children=int(how is Leaving.CHILD)
    )
    return request, request
