"""A partner's customers and relationships."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row

_customers = partial(function_row, Workspace.CUSTOMERS)

CUSTOMERS = _customers(
    "customers",
    "Customer list, customer pages",
    manage="AA",
    view="GA SA HA",
    source="P; see-your-customer-list; customers-overview",
)
PARTNER_PROFILES = _customers("partner_profiles", "All partner profiles", manage="UM", source="P")
CUSTOMERS_CREATE = _customers(
    "customers_create", "Create a customer", manage="GA UM AA SA", source="add-a-new-customer"
)
RESELLER_RELATIONSHIP_REQUEST = _customers(
    "reseller_relationship_request",
    "Request a reseller relationship",
    manage="AA SA",
    source="P; request-a-relationship-with-a-customer",
)
RESELLER_RELATIONSHIP_REMOVE = _customers(
    "reseller_relationship_remove", "Remove a reseller relationship", manage="GA", source="remove-a-relationship"
)
CUSTOMER_ACCOUNT = _customers(
    "customer_account", "Edit customer account details", manage="GA SA HA", source="P; update-customer-account-info"
)
CUSTOMER_AGREEMENT = _customers(
    "customer_agreement",
    "Customer agreement: confirm",
    manage="AA SA",
    source="confirm-customer-agreement (SA view in P)",
)
GDAP = _customers(
    "gdap", "GDAP: request, terminate, extend, expiry list", manage="AA", source="gdap-obtain-…; gdap-partner-terminate"
)
GDAP_ASSIGNMENTS = _customers(
    "gdap_assignments", "GDAP: assign security groups and roles", manage="GA UM AA", source="gdap-assign-azure-ad-roles"
)
GDAP_ANALYTICS = _customers(
    "gdap_analytics",
    "GDAP analytics; bulk migration tool",
    manage="GA UM AA SA",
    source="gdap-relationship-analytics; gdap-bulk-migration-tool",
)
DAP = _customers(
    "dap", "DAP: request, report, remove", manage="AA", view="HA", source="P; dap-monitor-self-serve-removal"
)
ADMINISTER_ON_BEHALF = _customers(
    "administer_on_behalf",
    "Administer on behalf (service management links)",
    manage="AA",
    view="HA",
    source="P; needs GDAP/DAP",
)
CUSTOMER_USERS = _customers(
    "customer_users",
    "Customer users and licences",
    manage="GA UM AA SA HA",
    source="bulk-license-provisioning-for-multiple-users; manage-user-accounts (AA)",
)
DEVICES = _customers(
    "devices", "Devices, Autopilot profiles", manage="GA UM AA", view="SA", source="P (SA adds device lists); autopilot"
)
CUSTOMER_SUPPORT_CONTACTS = _customers(
    "customer_support_contacts", "Support contacts of a customer", manage="GA AA HA", source="assign-support-contacts"
)
SERVICE_HEALTH = _customers(
    "service_health", "Service health of a customer", manage="GA AA SA HA", source="check-service-health"
)
CUSTOMER_SERVICE_REQUESTS = _customers(
    "customer_service_requests",
    "Service requests on behalf of customers",
    manage="AA HA",
    source="P; report-problems-on-behalf-of-a-customer (+ GDAP role)",
)
INDIRECT_RESELLERS_ENROL = _customers(
    "indirect_resellers_enrol",
    "Register / enrol a value-added reseller",
    manage="GA AA SA",
    source="P; indirect-provider-tasks (GA, SA)",
)
INDIRECT_RESELLERS = _customers(
    "indirect_resellers",
    "Indirect resellers page",
    manage="GA SA",
    view="UM",
    source="indirect-provider-tasks; analyze-indirect-resellers",
)
INDIRECT_PROVIDERS = _customers(
    "indirect_providers", "Indirect providers page (as a reseller)", manage="GA", source="indirect-reseller-tasks"
)
ADDRESS_VALIDATION = _customers(
    "address_validation", "Validate names and addresses", manage="GA UM AA SA", source="validate-names-addresses"
)
