"""A whole system in one process: what connects handlers, orchestrations, subscribers and the ways out of an app."""

from arvo.broker.app import EventApp
from arvo.broker.broker import SimpleEventBroker

__all__ = [
    "EventApp",
    "SimpleEventBroker",
]
