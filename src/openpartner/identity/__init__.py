"""Tenants and their directories: users, groups, roles, domains, applications, consent; and an OpenID provider.

Owns who somebody is and what a token says about them. What a partner may do with a customer is decided to its left.
"""
