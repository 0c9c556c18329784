"""Conformance with XState and Arvo: recorded cases, replayed against this implementation."""
