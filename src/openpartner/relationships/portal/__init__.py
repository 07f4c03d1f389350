"""The pages of relationships: the partner's, and the customer's who consents."""

from typing import Any

from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import (
    CUSTOMER_PARTNERS,
    CUSTOMERS,
    GDAP_ANALYTICS,
    INDIRECT_PROVIDERS,
    INDIRECT_RESELLERS,
)
from openpartner.platform.web.page import NavItem
from openpartner.platform.web.tabs import Tab
from openpartner.relationships.portal import (
    admin_center,
    granular_analytics,
    granular_calendar,
    granular_consent,
    granular_customer,
    granular_detail,
    granular_list,
    granular_matrix,
    granular_plans,
    granular_request,
    granular_trace,
    granular_waiting,
    own_activity,
    own_granular,
    own_limits,
    own_partner,
    own_partners,
    own_people,
    partnership_invitations,
    partnerships,
    resale_frame,
    resales,
    reseller_consent,
    reseller_ending,
    reselling,
)

NAVIGATION: tuple[NavItem, ...] = (
    NavItem(
        "reseller_relationships",
        "Relationships",
        resale_frame.RELATIONSHIPS,
        "handshake",
        105,
        CUSTOMERS.read,
        parent="customers",
    ),
    NavItem(
        "indirect_resellers",
        "Indirect resellers",
        resale_frame.RESELLERS,
        "people_team",
        106,
        INDIRECT_RESELLERS.read,
        parent="customers",
        when=resale_frame.is_provider,
    ),
    NavItem(
        "indirect_providers",
        "Indirect providers",
        resale_frame.PROVIDERS,
        "building_shop",
        107,
        INDIRECT_PROVIDERS.read,
        parent="customers",
        when=resale_frame.is_reseller,
    ),
    NavItem(
        "granular_administration",
        "Granular administration",
        "/granular-administration",
        "shield_keyhole",
        110,
        GDAP_ANALYTICS.read,
        parent="customers",
    ),
    NavItem(
        "own_partners",
        "Partner relationships",
        own_partners.ROOT,
        "handshake",
        120,
        CUSTOMER_PARTNERS.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
)

ACTIONS = (own_granular.actions, granular_waiting.actions)
"""What a customer's administrators and a partner's people have to see to, for the home page."""

TABS: tuple[Tab, ...] = (granular_customer.CUSTOMER_TAB, granular_trace.CUSTOMER_TAB)
"""For ``customers.portal.routes``: what stands on a customer's page."""

ROUTES: list[Any] = [
    *granular_list.ROUTES,
    *granular_request.ROUTES,
    *granular_matrix.ROUTES,
    *granular_plans.ROUTES,
    *granular_calendar.ROUTES,
    *granular_analytics.ROUTES,
    *granular_detail.ROUTES,
    *admin_center.ROUTES,
    *own_partners.routes((own_granular.granular_standings,), own_granular.waiting_requests),
    *own_partner.routes((own_granular.SECTION,)),
    *own_granular.ROUTES,
    *own_people.ROUTES,
    *own_activity.ROUTES,
    *own_limits.ROUTES,
    *granular_consent.ROUTES,
    *reseller_consent.ROUTES,
    *reseller_ending.ROUTES,
    *resales.ROUTES,
    *reselling.ROUTES,
    *partnerships.ROUTES,
    *partnership_invitations.ROUTES,
]
