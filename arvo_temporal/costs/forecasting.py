"""A forecast of what the orchestrations of a machine or of a resumable cost."""

from __future__ import annotations

from adapter.app import ArvoApp
from arvo.orchestration import ArvoMachine, ArvoResumable
from arvo_temporal.costs.forecasts import Forecast
from arvo_temporal.costs.machine_forecasting import forecast_machine
from arvo_temporal.costs.resumable_forecasting import forecast_resumable


def forecast(app: ArvoApp, logic: ArvoMachine | ArvoResumable) -> Forecast:
    """Tell what each path through a machine costs, or what the calls of a resumable's function cost.

    Args:
        app: The app that has it: who takes the events, in which mode.
        logic: The machine or the resumable.
    """
    return forecast_resumable(app, logic) if isinstance(logic, ArvoResumable) else forecast_machine(app, logic)
