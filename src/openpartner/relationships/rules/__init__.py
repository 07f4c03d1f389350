"""States, transitions, durations, names and limits of relationships: pure functions over plain values."""
