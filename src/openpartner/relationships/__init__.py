"""Owns what customers consent to: granular delegated admin relationships, and reseller and indirect partnerships.

Sources: gdap; partner-center-resources; portal-workspaces.
"""
