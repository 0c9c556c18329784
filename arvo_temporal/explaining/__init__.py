"""Would an orchestration take an event now, and why: the answer without sending it."""

from arvo_temporal.explaining.explaining import explain
from arvo_temporal.explaining.explanation import Considered, Explanation, Verdict
from arvo_temporal.explaining.probing import event_for

__all__ = ["Considered", "event_for", "explain", "Explanation", "Verdict"]
