"""A soak: orchestrations of every kind for a long time, while workers die in turn, and nothing may grow or be lost."""
