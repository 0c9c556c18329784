"""Emission of produced events, as Temporal activities."""

from activities.emitting import emission_activities

__all__ = ["emission_activities"]
