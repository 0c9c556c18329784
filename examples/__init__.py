"""Runnable applications; each is also a test."""
