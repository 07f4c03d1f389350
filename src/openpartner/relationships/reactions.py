"""What customers, groups and partners that come and go ask of relationships, in the same transaction."""

from openpartner.platform.events import Reactions


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    _ = reactions
