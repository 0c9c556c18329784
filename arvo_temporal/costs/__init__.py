"""What orchestrations cost on Temporal: a forecast, and what one has cost.

Counted are history events, and the billable actions of Temporal Cloud by the rules of its documentation
(https://docs.temporal.io/cloud/actions).
"""

from arvo_temporal.costs.forecasting import forecast
from arvo_temporal.costs.forecasts import Forecast, PathForecast, TurnForecast
from arvo_temporal.costs.spending import Spent, spent
from arvo_temporal.costs.tally import Range, Tally

__all__ = ["Forecast", "forecast", "PathForecast", "Range", "Spent", "spent", "Tally", "TurnForecast"]
