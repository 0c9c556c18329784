"""Checks of apps."""
