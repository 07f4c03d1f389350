"""How a program on this machine reaches a world under the vendor's host names.

Owns the local certificate authority, the table of vendor hosts, the proxy and the isolated network
in which those names are OpenPartner. Knows no slice, and of the platform nothing.
"""
