"""Machines that are played: event by event, with a clock of their own, and a way back. No server takes part."""

from arvo_temporal.simulating.exported import Choice, exported_machine
from arvo_temporal.simulating.played import Played, PlayedFile, PlayedMachine
from arvo_temporal.simulating.simulation import EndlessWaitError, Move, PendingTimer, Performed, Simulation

__all__ = [
    "Choice",
    "EndlessWaitError",
    "exported_machine",
    "Move",
    "PendingTimer",
    "Performed",
    "Played",
    "PlayedFile",
    "PlayedMachine",
    "Simulation",
]
