"""What an event costs in the statechart engine, and in others."""
