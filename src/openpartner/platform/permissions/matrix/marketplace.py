"""A publisher account. In the commercial marketplace only the owner, the manager and the developer have effect."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row

_marketplace = partial(function_row, Workspace.MARKETPLACE)

PUBLISHER_ACCOUNT = _marketplace(
    "publisher_account",
    "Publisher account: settings, programs, ownership",
    manage="OWN",
    view="MGR",
    source="identity §12.4",
)
PUBLISHER_USERS = _marketplace(
    "publisher_users", "Publisher account: users, roles, tenants", manage="OWN MGR", source="identity §12.4"
)
OFFERS = _marketplace("offers", "Offers and plans: edit", manage="OWN MGR DEV", source="identity §12.4")
OFFERS_PUBLISH = _marketplace(
    "offers_publish", "Offers: submit, go live, stop distribution", manage="OWN MGR DEV", source="identity §12.4"
)
MARKETPLACE_CUSTOMERS = _marketplace(
    "marketplace_customers",
    "Marketplace orders, leads and subscriptions",
    manage="OWN MGR",
    view="DEV",
    source="identity §12.4",
)
MARKETPLACE_USAGE = _marketplace(
    "marketplace_usage",
    "Marketplace usage and metering reports",
    view="OWN MGR DEV MKT",
    source="identity §12.4, usage and non-financial reports",
)
MARKETPLACE_EARNINGS = _marketplace(
    "marketplace_earnings",
    "Marketplace earnings and payout reports",
    view="OWN BC FC",
    source="identity §12.4, financial information",
)
MARKETPLACE_PAYOUT_PROFILES = _marketplace(
    "marketplace_payout_profiles", "Marketplace payout and tax profiles", manage="OWN FC", source="identity §12.4"
)
MARKETPLACE_REVIEWS = _marketplace(
    "marketplace_reviews",
    "Ratings and reviews: read and answer",
    manage="OWN MKT",
    view="MGR DEV",
    source="identity §12.4",
)
