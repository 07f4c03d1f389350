"""The partner account: enrolment, verification, agreements, profiles, its users and their roles.

Owns what Partner Center keeps of a partner besides the directory, and says who an authenticated caller is.
"""
