"""The smallest nested system: an orchestrator that has one of two others do its work."""
