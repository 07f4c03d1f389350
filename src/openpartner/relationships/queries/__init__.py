"""Reads of relationships, always from what the actor may see."""
