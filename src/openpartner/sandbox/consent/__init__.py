"""The other side of every request, for a sandbox: what waits for consent is answered in a call, or by policy.

Decisions are taken by the very use cases the pages use, as a real administrator of the tenant that decides, whom the
log then names.
"""
