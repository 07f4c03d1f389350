"""Webhooks: what a partner hears of its own activity at an address it names, signed, in order, until it answers.

A reader of facts: it imports no slice, and tells each fact that has one by the vendor's event name.
"""
