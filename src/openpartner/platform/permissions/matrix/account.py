"""Home and account settings of a partner."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row
from openpartner.platform.permissions.matrix.everybody import EVERY_CUSTOMER_USER, EVERY_OPERATOR, EVERY_PARTNER_USER

_home = partial(function_row, Workspace.HOME)
_account = partial(function_row, Workspace.ACCOUNT_SETTINGS)

# Home

OWN_PROFILE = _home(
    "own_profile",
    "Own profile and preferences",
    manage=f"{EVERY_PARTNER_USER} {EVERY_OPERATOR} {EVERY_CUSTOMER_USER}",
    source="identity §12.1, default user",
)
PARTNER_CENTER_HOME = _home(
    "partner_center_home", "Partner Center home", view=EVERY_PARTNER_USER, source="identity §12.1, default user"
)

# Account settings

EVERYTHING = _account("everything", "Everything in the tenant and account", manage="GA", source="P")
PARTNER_AGREEMENT_SIGN = _account(
    "partner_agreement_sign", "Sign the partner agreement (MPA)", manage="GA", source="microsoft-partner-agreement"
)
AGREEMENTS = _account("agreements", "Agreements page", manage="GA", view="UM AA SA HA", source="agreements")
USERS_DIRECTORY_ROLES = _account(
    "users_directory_roles",
    "Users: create, edit, directory roles",
    manage="GA UM",
    view="PA",
    source="P; create-user-accounts",
)
USERS_PARTNER_ROLES = _account(
    "users_partner_roles", "Users: non-directory roles", manage="GA UM ACC", view="PA", source="P; create-user-accounts"
)
USERS_COMPLIANCE_ADMIN = _account(
    "users_compliance_admin",
    "Assign/remove Compliance admin",
    manage="GA",
    view="UM ACC CA",
    source="compliance-admin-role",
)
USERS_REPORT_VIEWERS = _account(
    "users_report_viewers", "Assign report viewer roles", manage="GA ACC", source="insights-roles"
)
USERS_PASSWORD_RESET = _account(
    "users_password_reset",
    "Reset another user's password",
    manage="GA",
    source="reset-a-user-password (a Global admin's password: only GA)",
)
LOCATIONS = _account("locations", "Locations: add, enrol in programs", manage="ACC", source="P; manage-locations")
TENANTS = _account(
    "tenants",
    "Tenants, merge accounts, multi-tenant",
    manage="GA ACC",
    source="account-structure; merge-accounts; multi-tenant-account",
)
LEGAL_PROFILE = _account(
    "legal_profile",
    "Legal, company, business profile",
    manage="GA ACC CA",
    view="PA",
    source="P; compliance-admin-role; update-your-partner-profile",
)
VERIFICATION = _account(
    "verification",
    "Verification: status and documents",
    manage="GA ACC PA CA",
    source="verification-responses; compliance-admin-role",
)
IDENTIFIERS = _account(
    "identifiers",
    "Identifiers, domain names, tax/registration numbers",
    manage="GA",
    source="find-ids-and-domain-names; reg-number-id",
)
ORGANISATION_TAX = _account(
    "organisation_tax", "Organisation tax information", manage="GA UM BA AA SA", source="organization-tax-info"
)
PAYMENT_METHODS = _account(
    "payment_methods", "Payment methods (membership purchases)", manage="GA PA", source="add-payment-method"
)
PAYOUT_PROFILES = _account(
    "payout_profiles",
    "Payout and tax profiles",
    manage="GA ACC IA",
    source="incentives-create-and-manage-your-payout-and-tax-profiles",
)
ACTIVITY_LOG = _account("activity_log", "Activity log", manage="AA", source="activity-logs")
APP_REGISTRATIONS = _account(
    "app_registrations",
    "App registrations, API keys, CPV profile",
    manage="GA",
    source="P (Control Panel Vendor); service-principal",
)
WEBHOOKS = _account(
    "webhooks",
    "Webhooks: registration, deliveries, test events",
    manage="GA BA AA SA HA",
    source="partner-center-webhooks (appropriate roles)",
)
SECURITY_REQUIREMENTS = _account(
    "security_requirements",
    "Security requirements status, MFA statistics",
    manage="GA",
    view="UM BA AA SA HA ACC PA",
    source="partner-security-compliance; partner-security-requirements",
)
SECURITY_ALERTS = _account(
    "security_alerts",
    "Security alerts, Azure fraud events",
    manage="AA",
    view="SEC",
    source="security-alerts-dashboard; azure-fraud-notification (also the Security contact)",
)
ACCOUNT_CLOSURE = _account(
    "account_closure",
    "Account closure, suspension and reinstatement",
    manage="GA",
    view="AA",
    source="account-deletion; reinstate-csp",
)
