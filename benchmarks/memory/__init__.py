"""Whether the memory of a worker stays level: orchestrations that do nothing but tick, for as long as one likes."""
