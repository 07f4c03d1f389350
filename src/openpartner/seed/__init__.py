"""The demo data of a new sandbox: an operator, partners of each kind, customers in ten countries, a year of history.

Everything is done through the slices' own use cases, at the instants at which it would have happened, so the history
has the events, orders and renewals that a real year leaves. One seed gives one world, to the byte.
"""

from openpartner.seed.world import HISTORY, seed_world

__all__ = ["HISTORY", "seed_world"]
