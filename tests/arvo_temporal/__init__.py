"""Everything that runs on Temporal, by its public name."""
