"""What a graceful restart of a worker does to the orchestrations in flight, ours and hand-written ones."""
