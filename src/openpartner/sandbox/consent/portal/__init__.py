"""The consent simulator's pages: what waits, what can be ended, standing policies, decisions."""

from typing import Any

from openpartner.platform.actor import TenantKind
from openpartner.platform.web.page import NavItem
from openpartner.sandbox.consent.portal import decisions, policies, requests
from openpartner.sandbox.consent.portal.shared import ROOT

NAVIGATION = (
    NavItem("sandbox_consent", "Consent", ROOT, "handshake", 9002, sides=frozenset(TenantKind), parent="sandbox"),
)

ROUTES: list[Any] = [*requests.ROUTES, *policies.ROUTES, *decisions.ROUTES]
