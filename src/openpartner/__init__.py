"""OpenPartner: an open, self-hosted partner center."""
