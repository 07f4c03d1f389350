"""Owns how things are bought: carts, checkout, orders and their lines, the conditions of a purchase and its price.

Sources: partner-center-resources §8-§9, commerce-rules §2, §11, §12.
"""
