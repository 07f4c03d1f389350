"""The activity log: who did what to which resource, read from the event log and never written here.

A reader of facts: it imports no slice, and shows each one in the vendor's words where it has them.
"""
