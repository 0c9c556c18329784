"""Would an orchestration take an event now, and why: the answer without sending it."""

from arvo_temporal.explaining.explaining import explain
from arvo_temporal.explaining.explanation import Considered, Explanation, Verdict

__all__ = ["Considered", "explain", "Explanation", "Verdict"]
