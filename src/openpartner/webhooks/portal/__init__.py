"""The pages of webhooks: the registration, its events and its test, what was delivered, firing, verifying."""

from typing import Any

from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.page import NavItem
from openpartner.webhooks.portal import deliveries, firing, registration, verifying
from openpartner.webhooks.portal.shared import ROOT
from openpartner.webhooks.portal.waiting import actions

__all__ = ["NAVIGATION", "ROUTES", "actions"]

NAVIGATION: tuple[NavItem, ...] = (
    NavItem("account.webhooks", "Webhooks", ROOT, "plug_connected", 1375, WEBHOOKS.read, parent="account"),
)

ROUTES: list[Any] = [*registration.ROUTES, *deliveries.ROUTES, *firing.ROUTES, *verifying.ROUTES]
