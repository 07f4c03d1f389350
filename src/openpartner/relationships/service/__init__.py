"""The use cases of relationships: ask, consent, assign, change, end, and what time does to each."""
