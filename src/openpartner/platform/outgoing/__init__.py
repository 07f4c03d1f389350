"""Calls to addresses that somebody else names: which may be called at all, and a client that calls no other.

Whoever may name an address could otherwise have this server call what only it can reach: its own machine, its network,
its cloud's metadata.
"""
