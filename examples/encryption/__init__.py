"""Encryption of everything that Temporal stores of an app's events and records."""
