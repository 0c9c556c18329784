"""Checks of machines: what is told, and what is not."""
