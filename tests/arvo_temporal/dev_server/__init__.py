"""The dev server."""
