"""Which wire format a path speaks. Errors, tokens and headers differ by it."""

from enum import StrEnum


class Surface(StrEnum):
    """A family of operations with one envelope."""

    PARTNER_CENTER = "partner_center"
    GRAPH = "graph"
    IDENTITY = "identity"
    SAAS = "saas"
    INGESTION = "ingestion"
    SANDBOX = "sandbox"
    OPERATIONS = "operations"
    PORTAL = "portal"


_BY_PREFIX = (
    ("/v1.0/ingestion/", Surface.INGESTION),
    ("/rp/product-ingestion/", Surface.INGESTION),
    ("/v1.0/engagements/", Surface.PARTNER_CENTER),
    ("/v1.0/sales/", Surface.PARTNER_CENTER),
    ("/v1.0/", Surface.GRAPH),
    ("/beta/", Surface.GRAPH),
    ("/v1/", Surface.PARTNER_CENTER),
    ("/webhooks/v1/", Surface.PARTNER_CENTER),
    ("/auditactivity/v1/", Surface.PARTNER_CENTER),
    ("/partner/v1/", Surface.PARTNER_CENTER),
    ("/api/saas/", Surface.SAAS),
    ("/api/usageevent", Surface.SAAS),
    ("/api/batchusageevent", Surface.SAAS),
    ("/_sandbox/", Surface.SANDBOX),
    ("/oidc/", Surface.GRAPH),
    ("/healthz", Surface.OPERATIONS),
    ("/readyz", Surface.OPERATIONS),
    ("/metrics", Surface.OPERATIONS),
)
_IDENTITY_PARTS = ("/oauth2/", "/.well-known/", "/discovery/", "/userrealm/", "/getcredentialtype", "/adminconsent")


def surface_of(path: str) -> Surface:
    """The surface of a lower-case path."""
    for prefix, surface in _BY_PREFIX:
        if path.startswith(prefix) or path == prefix.rstrip("/"):
            return surface
    if any(part in path for part in _IDENTITY_PARTS):
        return Surface.IDENTITY
    return Surface.PORTAL
