"""OpenPartner: an open, self-hosted partner center."""

__version__ = "0.1.0"
