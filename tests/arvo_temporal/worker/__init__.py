"""Workers: supervision, capacity, health and traces."""
