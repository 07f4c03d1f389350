"""Owns what is for sale: products, SKUs, availabilities and their terms, prices,
promotions and legacy offers.

Sources: partner-center-resources §5-§7, commerce-rules §1, §6, §12, §13, §15, billing §10.5.
"""
