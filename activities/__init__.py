"""Emission of produced events, as Temporal activities, and the threads that their plain functions run on."""

from activities.emitting import emission_activities
from activities.threads import ThreadsInterceptor, threads_of

__all__ = ["emission_activities", "threads_of", "ThreadsInterceptor"]
