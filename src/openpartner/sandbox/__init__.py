"""The sandbox's controls: the clock, snapshots, the mail box, and how to sign in as everybody of a seeded world.

Nothing of it exists in the production profile.
"""
