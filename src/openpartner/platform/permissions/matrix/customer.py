"""A customer's own administration."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row
from openpartner.platform.permissions.matrix.everybody import EVERY_CUSTOMER_USER

_customer = partial(function_row, Workspace.CUSTOMER, source="DESIGN, who acts")

CUSTOMER_HOME = _customer("customer_home", "Customer home", view=EVERY_CUSTOMER_USER)
CUSTOMER_PARTNERS = _customer(
    "customer_partners",
    "Partner relationships: accept, refuse, end",
    manage="CGA",
    view="CBA",
    source="gdap, customer approval pages",
)
CUSTOMER_GDAP = _customer(
    "customer_gdap",
    "Delegated administration: approve, refuse, end",
    manage="CGA",
    view="CBA",
    source="gdap, customer approval pages",
)
CUSTOMER_AGREEMENT_ACCEPT = _customer(
    "customer_agreement_accept", "Customer agreement: accept", manage="CGA", view="CBA", source="commerce-rules §3"
)
CUSTOMER_ORGANISATION = _customer(
    "customer_organisation", "Own organisation: profile, domains", manage="CGA", view="CBA CUA"
)
CUSTOMER_BILLING_PROFILE = _customer(
    "customer_billing_profile", "Own billing profiles and contacts", manage="CGA CBA", view="CUA"
)
CUSTOMER_ACTIVITY_LOG = _customer("customer_activity_log", "Own activity log", view="CGA CBA CUA")
CUSTOMER_DIRECTORY = _customer("customer_directory", "Own users, groups and licences", manage="CGA CUA", view="CBA")
CUSTOMER_ROLES = _customer("customer_roles", "Own users' directory roles, app consent", manage="CGA", view="CUA")
CUSTOMER_SUBSCRIPTIONS = _customer("customer_subscriptions", "Own subscriptions", manage="CGA CBA", view="CUA")
CUSTOMER_STOREFRONT = _customer("customer_storefront", "Storefront: buy", manage="CGA CBA", view="CUA CU")
CUSTOMER_INVOICES = _customer("customer_invoices", "Own invoices and payments", manage="CGA CBA")
CUSTOMER_TICKETS = _customer("customer_tickets", "Own support requests", manage="CGA CBA CUA")
