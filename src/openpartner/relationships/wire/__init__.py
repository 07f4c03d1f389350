"""The JSON of relationships."""
