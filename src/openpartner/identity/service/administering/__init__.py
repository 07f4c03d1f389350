"""What administrators, partners and applications do in a directory through Graph: each asks first whether it may.

The scope of the token, then the actor's role in the tenant (its own or delegated), or an application's permission.
"""
