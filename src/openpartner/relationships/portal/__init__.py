"""The pages of relationships: the partner's, and the customer's who consents."""

from typing import Any

from openpartner.platform.web.page import NavItem
from openpartner.platform.web.tabs import Tab

NAVIGATION: tuple[NavItem, ...] = ()

TABS: tuple[Tab, ...] = ()
"""For ``customers.portal.routes``: what stands on a customer's page."""

ROUTES: list[Any] = []
