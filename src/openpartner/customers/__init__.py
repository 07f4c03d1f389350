"""Owns customers: a partner's relationship to a customer tenant, profiles, qualifications, agreement and users.

Sources: partner-center-resources §2-§4, commerce-rules §2, §3, §20, portal-workspaces §2.
"""
