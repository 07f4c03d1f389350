"""Owns what a customer holds: subscriptions, their terms, seats and states, renewals, scheduled changes, upgrades.

Sources: partner-center-resources §10, commerce-rules §4-§10, §13, §14.
"""
