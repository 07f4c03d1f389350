"""Who may do what: the roles, where each is kept and who assigns it, and the one matrix of functions and roles.

A function is what a role may see or change. Use cases ask for ``CUSTOMERS.read`` or ``ORDERS_PLACE.write``;
pages and menus ask ``allowed`` with the same constants. Whatever the matrix does not give is refused.
Source: identity §12; docs/spec/roles.md tells it in words, docs/roles.md shows the table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import partial
from types import MappingProxyType


class Role(StrEnum):
    """A role a user can hold; the value is the key that is stored and shown in tokens."""

    # of a partner
    GLOBAL_ADMIN = "global_admin"
    USER_ADMIN = "user_admin"
    BILLING_ADMIN = "billing_admin"
    ADMIN_AGENT = "admin_agent"
    SALES_AGENT = "sales_agent"
    HELPDESK_AGENT = "helpdesk_agent"
    ACCOUNT_ADMIN = "account_admin"
    PROGRAM_ADMIN = "program_admin"
    BUSINESS_PROFILE_ADMIN = "business_profile_admin"
    REFERRALS_ADMIN = "referrals_admin"
    REFERRALS_USER = "referrals_user"
    CO_SELL_ADMIN = "co_sell_admin"
    INCENTIVES_ADMIN = "incentives_admin"
    INCENTIVES_USER = "incentives_user"
    EXECUTIVE_REPORT_VIEWER = "executive_report_viewer"
    REPORT_VIEWER = "report_viewer"
    COMPLIANCE_ADMIN = "compliance_admin"
    SECURITY_CONTACT = "security_contact"
    DEFAULT_USER = "default_user"
    # of a publisher account
    MARKETPLACE_OWNER = "marketplace_owner"
    MARKETPLACE_MANAGER = "marketplace_manager"
    MARKETPLACE_DEVELOPER = "marketplace_developer"
    MARKETPLACE_BUSINESS_CONTRIBUTOR = "marketplace_business_contributor"
    MARKETPLACE_FINANCIAL_CONTRIBUTOR = "marketplace_financial_contributor"
    MARKETPLACE_MARKETER = "marketplace_marketer"
    # of the programme operator
    OPERATOR_ADMIN = "operator_admin"
    OPERATOR_VERIFIER = "operator_verifier"
    OPERATOR_CATALOGUE = "operator_catalogue"
    OPERATOR_SUPPORT = "operator_support"
    OPERATOR_BILLING = "operator_billing"
    # of a customer
    CUSTOMER_GLOBAL_ADMIN = "customer_global_admin"
    CUSTOMER_BILLING_ADMIN = "customer_billing_admin"
    CUSTOMER_USER_ADMIN = "customer_user_admin"
    CUSTOMER_USER = "customer_user"


class RoleStore(Enum):
    """Where the holding of a role is kept."""

    DIRECTORY_ROLE = "directory role"
    SECURITY_GROUP = "security group"
    PARTNER_CENTER = "partner center"
    CONTACT = "contact record"
    PUBLISHER_ACCOUNT = "publisher account"
    OPERATOR = "operator"
    EVERY_USER = "every user of the tenant"


@dataclass(frozen=True)
class RoleInfo:
    """What is known of one role.

    code: the short name used in the matrix and in docs/roles.md.
    kept_as: the directory role's template id or the security group's name; empty for the other stores.
    assigned_by: who may give and take the role; empty means that nobody does.
    by_location: may be held for named locations instead of the whole company.
    guests: a guest user of the tenant may hold it.
    """

    code: str
    title: str
    store: RoleStore
    kept_as: str = ""
    assigned_by: frozenset[Role] = frozenset()
    by_location: bool = False
    guests: bool = False


GLOBAL_ADMIN_TEMPLATE = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMIN_TEMPLATE = "fe930be7-5e62-47db-91af-98c3a49a38b1"
BILLING_ADMIN_TEMPLATE = "b0f54661-2d74-4c50-afa3-1ec803f12efe"

_BY_GLOBAL_ADMIN = frozenset({Role.GLOBAL_ADMIN})
_BY_USER_ADMIN = frozenset({Role.GLOBAL_ADMIN, Role.USER_ADMIN})
_BY_ACCOUNT_ADMIN = frozenset({Role.GLOBAL_ADMIN, Role.ACCOUNT_ADMIN})
_BY_MARKETPLACE_OWNER = frozenset({Role.MARKETPLACE_OWNER})
_BY_MARKETPLACE_MANAGER = frozenset({Role.MARKETPLACE_OWNER, Role.MARKETPLACE_MANAGER})
_BY_OPERATOR = frozenset({Role.OPERATOR_ADMIN})
_BY_CUSTOMER = frozenset({Role.CUSTOMER_GLOBAL_ADMIN})

_DIRECTORY = RoleStore.DIRECTORY_ROLE
_GROUP = RoleStore.SECURITY_GROUP
_PARTNER = RoleStore.PARTNER_CENTER
_PUBLISHER = RoleStore.PUBLISHER_ACCOUNT
_OPERATOR = RoleStore.OPERATOR
_EVERY_USER = RoleStore.EVERY_USER

ROLE_INFO: Mapping[Role, RoleInfo] = MappingProxyType(
    {
        Role.GLOBAL_ADMIN: RoleInfo("GA", "Global admin", _DIRECTORY, GLOBAL_ADMIN_TEMPLATE, _BY_GLOBAL_ADMIN),
        Role.USER_ADMIN: RoleInfo("UM", "User management admin", _DIRECTORY, USER_ADMIN_TEMPLATE, _BY_GLOBAL_ADMIN),
        Role.BILLING_ADMIN: RoleInfo("BA", "Billing admin", _DIRECTORY, BILLING_ADMIN_TEMPLATE, _BY_USER_ADMIN),
        Role.ADMIN_AGENT: RoleInfo("AA", "Admin agent", _GROUP, "AdminAgents", _BY_USER_ADMIN),
        Role.SALES_AGENT: RoleInfo("SA", "Sales agent", _GROUP, "SalesAgents", _BY_USER_ADMIN),
        Role.HELPDESK_AGENT: RoleInfo("HA", "Helpdesk agent", _GROUP, "HelpdeskAgents", _BY_USER_ADMIN),
        Role.ACCOUNT_ADMIN: RoleInfo("ACC", "Account admin", _PARTNER, "", _BY_ACCOUNT_ADMIN),
        Role.PROGRAM_ADMIN: RoleInfo(
            "PA", "Partner program admin", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True, guests=True
        ),
        Role.BUSINESS_PROFILE_ADMIN: RoleInfo(
            "BPA", "Business profile admin", _PARTNER, "", _BY_ACCOUNT_ADMIN, guests=True
        ),
        Role.REFERRALS_ADMIN: RoleInfo(
            "RA", "Referrals admin", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True, guests=True
        ),
        Role.REFERRALS_USER: RoleInfo("RU", "Referrals user", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True),
        Role.CO_SELL_ADMIN: RoleInfo("CO", "Co-sell solution admin", _PARTNER, "", _BY_ACCOUNT_ADMIN),
        Role.INCENTIVES_ADMIN: RoleInfo("IA", "Incentives admin", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True),
        Role.INCENTIVES_USER: RoleInfo("IU", "Incentives user", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True),
        Role.EXECUTIVE_REPORT_VIEWER: RoleInfo(
            "ERV", "Executive report viewer", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True
        ),
        Role.REPORT_VIEWER: RoleInfo("RV", "Report viewer", _PARTNER, "", _BY_ACCOUNT_ADMIN, by_location=True),
        Role.COMPLIANCE_ADMIN: RoleInfo("CA", "Compliance admin", _PARTNER, "", _BY_GLOBAL_ADMIN),
        Role.SECURITY_CONTACT: RoleInfo("SEC", "Security contact", RoleStore.CONTACT, "", _BY_GLOBAL_ADMIN),
        Role.DEFAULT_USER: RoleInfo("DU", "Default user", _EVERY_USER),
        Role.MARKETPLACE_OWNER: RoleInfo("OWN", "Owner", _PUBLISHER, "", _BY_MARKETPLACE_OWNER),
        Role.MARKETPLACE_MANAGER: RoleInfo("MGR", "Manager", _PUBLISHER, "", _BY_MARKETPLACE_MANAGER),
        Role.MARKETPLACE_DEVELOPER: RoleInfo("DEV", "Developer", _PUBLISHER, "", _BY_MARKETPLACE_MANAGER),
        Role.MARKETPLACE_BUSINESS_CONTRIBUTOR: RoleInfo(
            "BC", "Business contributor", _PUBLISHER, "", _BY_MARKETPLACE_MANAGER
        ),
        Role.MARKETPLACE_FINANCIAL_CONTRIBUTOR: RoleInfo(
            "FC", "Financial contributor", _PUBLISHER, "", _BY_MARKETPLACE_MANAGER
        ),
        Role.MARKETPLACE_MARKETER: RoleInfo("MKT", "Marketer", _PUBLISHER, "", _BY_MARKETPLACE_MANAGER),
        Role.OPERATOR_ADMIN: RoleInfo("OPA", "Programme administrator", _OPERATOR, "", _BY_OPERATOR),
        Role.OPERATOR_VERIFIER: RoleInfo("OPV", "Account verifier", _OPERATOR, "", _BY_OPERATOR),
        Role.OPERATOR_CATALOGUE: RoleInfo("OPC", "Catalogue editor", _OPERATOR, "", _BY_OPERATOR),
        Role.OPERATOR_SUPPORT: RoleInfo("OPS", "Support agent", _OPERATOR, "", _BY_OPERATOR),
        Role.OPERATOR_BILLING: RoleInfo("OPB", "Billing operator", _OPERATOR, "", _BY_OPERATOR),
        Role.CUSTOMER_GLOBAL_ADMIN: RoleInfo(
            "CGA", "Customer global admin", _DIRECTORY, GLOBAL_ADMIN_TEMPLATE, _BY_CUSTOMER
        ),
        Role.CUSTOMER_BILLING_ADMIN: RoleInfo(
            "CBA", "Customer billing admin", _DIRECTORY, BILLING_ADMIN_TEMPLATE, _BY_CUSTOMER
        ),
        Role.CUSTOMER_USER_ADMIN: RoleInfo("CUA", "Customer user admin", _DIRECTORY, USER_ADMIN_TEMPLATE, _BY_CUSTOMER),
        Role.CUSTOMER_USER: RoleInfo("CU", "Customer user", _EVERY_USER),
    }
)


class Access(Enum):
    """What a cell of the matrix gives. MANAGE includes VIEW."""

    NONE = ""
    VIEW = "V"
    MANAGE = "M"

    def covers(self, wanted: "Access") -> bool:
        return _STRENGTH[self] >= _STRENGTH[wanted]


_STRENGTH = {Access.NONE: 0, Access.VIEW: 1, Access.MANAGE: 2}


@dataclass(frozen=True)
class Permission:
    """To see (VIEW) or to see and change (MANAGE) what one function covers."""

    function_key: str
    access: Access

    def __str__(self) -> str:
        return f"{self.function_key}:{'write' if self.access is Access.MANAGE else 'read'}"


class Workspace(Enum):
    """Where the portal shows a function; the order is that of the matrix."""

    HOME = "Home"
    ACCOUNT_SETTINGS = "Account settings"
    CUSTOMERS = "Customers and relationships"
    ORDERS = "Pricing, orders, subscriptions"
    BILLING = "Billing"
    MEMBERSHIP = "Membership and benefits"
    REFERRALS = "Referrals and co-sell"
    INCENTIVES = "Incentives and payouts"
    INSIGHTS = "Insights"
    SUPPORT = "Help and support"
    MARKETPLACE = "Marketplace"
    OPERATOR = "Programme operation"
    CUSTOMER = "Customer administration"


@dataclass(frozen=True)
class Function:
    """One row of the matrix. ``source`` names the pages of the public documentation that the cells come from."""

    key: str
    title: str
    workspace: Workspace
    cells: Mapping[Role, Access]
    source: str

    @property
    def read(self) -> Permission:
        return Permission(self.key, Access.VIEW)

    @property
    def write(self) -> Permission:
        return Permission(self.key, Access.MANAGE)

    def access_of(self, role: Role) -> Access:
        return self.cells.get(role, Access.NONE)

    def __hash__(self) -> int:
        return hash(self.key)


ROLE_OF_CODE: Mapping[str, Role] = MappingProxyType({info.code: role for role, info in ROLE_INFO.items()})


def _row(workspace: Workspace, key: str, title: str, *, manage: str = "", view: str = "", source: str) -> Function:
    """One row; ``manage`` and ``view`` name roles by their codes, parted by spaces."""
    cells = {ROLE_OF_CODE[code]: Access.VIEW for code in view.split()}
    cells |= {ROLE_OF_CODE[code]: Access.MANAGE for code in manage.split()}
    return Function(key, title, workspace, MappingProxyType(cells), source)


_home = partial(_row, Workspace.HOME)
_account = partial(_row, Workspace.ACCOUNT_SETTINGS)
_customers = partial(_row, Workspace.CUSTOMERS)
_orders = partial(_row, Workspace.ORDERS)
_billing = partial(_row, Workspace.BILLING)
_membership = partial(_row, Workspace.MEMBERSHIP)
_referrals = partial(_row, Workspace.REFERRALS)
_incentives = partial(_row, Workspace.INCENTIVES)
_insights = partial(_row, Workspace.INSIGHTS)
_support = partial(_row, Workspace.SUPPORT)
_marketplace = partial(_row, Workspace.MARKETPLACE)
_operator = partial(_row, Workspace.OPERATOR, source="DESIGN, who acts")
_customer = partial(_row, Workspace.CUSTOMER, source="DESIGN, who acts")

_EVERY_PARTNER_USER = (
    "GA UM BA AA SA HA ACC PA BPA RA RU CO IA IU ERV RV CA SEC DU OWN MGR DEV BC FC MKT"  # with or without a role
)
_EVERY_OPERATOR = "OPA OPV OPC OPS OPB"
_EVERY_CUSTOMER_USER = "CGA CBA CUA CU"

# Home

OWN_PROFILE = _home(
    "own_profile",
    "Own profile and preferences",
    manage=f"{_EVERY_PARTNER_USER} {_EVERY_OPERATOR} {_EVERY_CUSTOMER_USER}",
    source="identity §12.1, default user",
)
PARTNER_CENTER_HOME = _home(
    "partner_center_home", "Partner Center home", view=_EVERY_PARTNER_USER, source="identity §12.1, default user"
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

# Customers and relationships
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

# Pricing, orders, subscriptions
PRICES = _orders("prices", "Price lists and offers", view="GA UM BA AA SA PA", source="P; pricing-and-offers")
PROMOTIONS = _orders("promotions", "Promotions", view="GA BA AA SA PA", source="promotions; new-commerce-promotions")
ORDERS_PLACE = _orders(
    "orders_place", "Place orders (licence-based, new commerce)", manage="GA AA SA", source="new-commerce-license-based"
)
ORDERS_PLACE_LEGACY = _orders(
    "orders_place_legacy",
    "Place orders (older page, all agents)",
    manage="GA BA AA SA HA",
    source="create-a-new-subscription",
)
AZURE_PLAN_BUY = _orders(
    "azure_plan_buy", "Azure plan: buy", manage="GA UM AA SA", source="purchase-azure-plan; azure-plan-get-started"
)
AZURE_PLAN_MANAGE = _orders(
    "azure_plan_manage",
    "Azure plan: manage; transfers; spending budget",
    manage="AA",
    source="azure-plan-manage; transfer-azure-subscriptions-…; set-an-azure-spending-budget-…",
)
AZURE_SUBSCRIPTION_CANCEL = _orders(
    "azure_subscription_cancel",
    "Azure subscription: cancel; switch partner",
    manage="GA",
    source="P; switch-azure-subscriptions-…",
)
RESERVATIONS_BUY = _orders("reservations_buy", "Reservations: buy", manage="AA SA", source="azure-reservations-buying")
RESERVATIONS_MANAGE = _orders(
    "reservations_manage", "Reservations: manage", manage="GA UM AA SA HA", source="azure-reservations-manage"
)
SAVINGS_PLANS = _orders("savings_plans", "Savings plans", manage="GA UM AA HA", source="azure-savings-plan")
SUBSCRIPTIONS_MANAGE = _orders(
    "subscriptions_manage",
    "Subscriptions: quantity, suspend, auto-renew, cancel",
    manage="GA AA SA",
    view="BA HA",
    source="P; subscription-lifecycle; new-commerce-cancellation-policy",
)
NEW_COMMERCE_MIGRATION = _orders(
    "new_commerce_migration",
    "Migrate to new commerce",
    manage="GA AA SA",
    source="migrate-subscriptions-to-new-commerce",
)
TRIALS = _orders("trials", "Trials", manage="GA UM SA", source="offer-your-customers-trials-…")
SOFTWARE = _orders("software", "Software: buy, keys, cancel", manage="GA AA", source="csp-software-subscriptions")
SPECIAL_PRICING = _orders(
    "special_pricing",
    "Special pricing, education",
    manage="GA AA SA",
    source="get-special-pricing-for-offers; sell-to-education-customers",
)
MARKETPLACE_PRODUCTS_SELL = _orders(
    "marketplace_products_sell",
    "Marketplace products: sell",
    manage="GA AA SA",
    source="csp-commercial-marketplace-manage; sell-marketplace-products",
)
USAGE_ANALYSIS = _orders(
    "usage_analysis", "Azure usage, licence analysis", manage="GA UM AA SA", source="analyze-azure-usage; azure-usage"
)

# Billing
INVOICES = _billing(
    "invoices",
    "Invoices, statements",
    manage="GA BA AA",
    view="UM SA",
    source="P; billing; read-your-bill; understand-your-invoice",
)
RECONCILIATION = _billing(
    "reconciliation",
    "Reconciliation files (licence, one-time)",
    manage="GA BA AA",
    view="UM",
    source="license-based-recon-files; use-the-reconciliation-files",
)
DAILY_RATED_USAGE = _billing(
    "daily_rated_usage",
    "Daily rated usage files",
    manage="BA AA",
    view="GA SA HA",
    source="daily-rated-usage-recon-files",
)
CREDIT_REQUESTS = _billing("credit_requests", "Request a credit", manage="GA AA", source="request-credit")
CREDIT_LIMIT = _billing("credit_limit", "Credit limit", manage="BA", source="credit-limit-enforcement")
AZURE_CREDIT_BALANCE = _billing(
    "azure_credit_balance", "Azure credit balance", view="GA BA AA", source="azure-credit-offer-balance"
)
PARTNER_EARNED_CREDIT = _billing(
    "partner_earned_credit", "Partner earned credit", view="GA UM BA AA SA", source="partner-earned-credit"
)
NON_PAYMENT_AND_FRAUD = _billing(
    "non_payment_and_fraud", "Non-payment, fraud, misuse", manage="GA UM BA AA", source="non-payment-fraud-misuse"
)
CUSTOMER_BILLING_SUPPORT = _billing(
    "customer_billing_support",
    "Billing support for customers",
    manage="GA UM BA SA HA",
    source="P; provide-billing-support",
)
WITHHOLDING_TAX_CREDIT = _billing(
    "withholding_tax_credit", "Withholding-tax credit form", manage="BA ACC", source="withholding-tax-credit-form"
)
TAX_EXEMPTION = _billing(
    "tax_exemption",
    "Tax exemption, billing address",
    manage="GA",
    source="tax-and-tax-exemptions; update-address-and-tax-details",
)

# Membership and benefits
DESIGNATIONS = _membership(
    "designations",
    "Designations, capability score",
    manage="GA PA",
    view="ERV",
    source="P; partner-capability-score; score-simulator",
)
MEMBERSHIP_OFFERS_BUY = _membership(
    "membership_offers_buy", "Membership offers: buy", manage="GA PA", source="P; mpn-get-action-pack"
)
MEMBERSHIP_OFFERS_RENEW = _membership(
    "membership_offers_renew",
    "Membership offers: renew, refund",
    manage="PA",
    view="ACC",
    source="renew-mpn-offers; mpn-refund-request",
)
MEMBERSHIP_ORDERS = _membership(
    "membership_orders",
    "Membership order history and invoices",
    manage="PA",
    view="GA UM BA AA",
    source="P; mpn-view-print-maps-invoice",
)
BENEFITS = _membership(
    "benefits", "Benefits: use and manage", manage="GA PA", source="P; manage-your-partner-network-benefits"
)
BENEFITS_TECHNICAL_SUPPORT = _membership(
    "benefits_technical_support",
    "Benefits: technical support contracts",
    manage="GA AA PA",
    source="mpn-benefits-technical-support",
)
SPECIALISATIONS = _membership(
    "specialisations",
    "Specialisations, Azure expert MSP",
    manage="GA PA",
    view="ACC BPA",
    source="specializations; azure-expert-msp",
)
SKILLS_REPORT = _membership(
    "skills_report", "Skills and learning report; export", manage="PA", view="GA ERV RV", source="P; ms-learn-analytics"
)
CONTRIBUTION_INDICATORS = _membership(
    "contribution_indicators", "Contribution indicators, voucher tool", manage="PA", source="P"
)
MARKETPLACE_REWARDS = _membership(
    "marketplace_rewards", "Marketplace rewards", manage="GA AA PA", source="marketplace-rewards"
)
USERS_ROLES_VIEW = _membership("users_roles_view", "View other users' roles (no change)", view="PA", source="P")

# Referrals and co-sell
DEALS_ALL = _referrals("deals_all", "All leads and deals", manage="RA", source="P")
DEALS_OF_OWN_TEAM = _referrals(
    "deals_of_own_team", "Deals of own team only; create for own locations", manage="RA RU", source="P"
)
DEALS_TEAM_AND_REGISTRATION = _referrals(
    "deals_team_and_registration",
    "Assign team, register won deals",
    manage="RA",
    view="RU",
    source="P (RU only as team member)",
)
BUSINESS_PROFILES = _referrals(
    "business_profiles", "Business profiles", manage="BPA RA", source="P; create-a-marketing-profile"
)
LEADS = _referrals("leads", "Leads", manage="BPA RA", view="SA", source="manage-leads; P")
CO_SELL_SOLUTIONS = _referrals("co_sell_solutions", "Co-sell solutions", manage="CO", source="P; co-sell-configure")
CRM_CONNECTORS = _referrals(
    "crm_connectors", "CRM connectors", manage="RA", source="connector-dynamics; connector-salesforce"
)
REFERRAL_INSIGHTS = _referrals(
    "referral_insights", "Referral insights", manage="RA", source="referral-insights-summary"
)

# Incentives and payouts
INCENTIVES_ENROL = _incentives(
    "incentives_enrol", "Enrol, edit programs, dispute payments", manage="IA", source="P; incentives-enroll"
)
INCENTIVES_CLAIMS = _incentives(
    "incentives_claims", "Programs, claims", manage="GA IA IU", source="P; create-incentives-claims (GA)"
)
INCENTIVES_EARNINGS = _incentives(
    "incentives_earnings", "Rebate and co-op earnings", manage="IA", view="IU", source="P"
)
BANK_AND_TAX_DETAILS = _incentives("bank_and_tax_details", "Bank and tax details", manage="GA ACC IA", source="P")
CUSTOMER_ASSOCIATIONS = _incentives(
    "customer_associations",
    "Customer associations (partner of record)",
    manage="GA BA IA",
    view="IU",
    source="incentives-manage-customer-associations",
)
PAYMENTS = _incentives(
    "payments", "Payments, transaction history, export", view="GA ACC IA IU", source="payments; transaction-history"
)

# Insights
REPORTS_ALL = _insights(
    "reports_all",
    "All reports incl. revenue and personal data",
    view="GA AA PA ERV",
    source="P; insights-roles (PA gets ERV for the whole organisation automatically)",
)
REPORTS_WITHOUT_REVENUE = _insights(
    "reports_without_revenue", "Reports without revenue and personal data", view="GA AA PA ERV RV", source="P"
)
REPORT_DOWNLOADS = _insights(
    "report_downloads", "Downloads hub, sales advisor", view="ERV RV", source="downloads-hub; sales-advisor-overview"
)

# Help and support
TICKETS = _support(
    "tickets", "Own partner tickets: create, view", manage="GA UM BA AA SA HA ACC PA BPA RA RU IA IU ERV RV", source="P"
)
TICKETS_ALL = _support("tickets_all", "All partner service requests", manage="PA", source="P")
ESCALATIONS = _support("escalations", "Escalate", manage="GA AA SA HA", source="escalating-to-microsoft")

# Marketplace: in the commercial marketplace only the owner, the manager and the developer have effect

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

# Programme operation

OPERATOR_ACCOUNTS = _operator(
    "operator_accounts", "Partner accounts: verify, qualify, suspend", manage="OPA OPV", view="OPC OPS OPB"
)
OPERATOR_CUSTOMERS = _operator(
    "operator_customers", "Customer vetting and fraud events", manage="OPA OPV", view="OPS OPB"
)
OPERATOR_MEMBERSHIP = _operator(
    "operator_membership", "Designations, specialisations, benefits: decide", manage="OPA OPV", view="OPS"
)
OPERATOR_CATALOGUE = _operator(
    "operator_catalogue", "Catalogue, prices, promotions: publish", manage="OPA OPC", view="OPV OPS OPB"
)
OPERATOR_CERTIFICATION = _operator(
    "operator_certification", "Marketplace offers: certify", manage="OPA OPC", view="OPS"
)
OPERATOR_TICKETS = _operator("operator_tickets", "Support requests: answer", manage="OPA OPS", view="OPV OPC OPB")
OPERATOR_BILLING_RUNS = _operator(
    "operator_billing_runs", "Billing runs, payments received, credits, credit limits", manage="OPA OPB", view="OPS"
)
OPERATOR_INCENTIVES = _operator("operator_incentives", "Incentive programs and payouts", manage="OPA OPB", view="OPS")
OPERATOR_ANNOUNCEMENTS = _operator(
    "operator_announcements", "Announcements and service health", manage="OPA OPS OPC", view="OPV OPB"
)
OPERATOR_USERS = _operator("operator_users", "Operator users and their roles", manage="OPA", view="OPV OPC OPS OPB")
OPERATOR_SETTINGS = _operator("operator_settings", "Installation: settings, jobs, delivery, health", manage="OPA")
OPERATOR_ACTIVITY_LOG = _operator(
    "operator_activity_log", "Activity log of the whole installation", view="OPA OPV OPS OPB"
)
SANDBOX_CONTROLS = _operator(
    "sandbox_controls", "Sandbox: clock, snapshots, faults, mail box, consent", manage="OPA", source="DESIGN, surfaces"
)

# Customer administration

CUSTOMER_HOME = _customer("customer_home", "Customer home", view=_EVERY_CUSTOMER_USER)
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
CUSTOMER_DIRECTORY = _customer("customer_directory", "Own users, groups and licences", manage="CGA CUA", view="CBA")
CUSTOMER_ROLES = _customer("customer_roles", "Own users' directory roles, app consent", manage="CGA", view="CUA")
CUSTOMER_SUBSCRIPTIONS = _customer("customer_subscriptions", "Own subscriptions", manage="CGA CBA", view="CUA")
CUSTOMER_STOREFRONT = _customer("customer_storefront", "Storefront: buy", manage="CGA CBA", view="CUA CU")
CUSTOMER_INVOICES = _customer("customer_invoices", "Own invoices and payments", manage="CGA CBA")
CUSTOMER_TICKETS = _customer("customer_tickets", "Own support requests", manage="CGA CBA CUA")

MATRIX: tuple[Function, ...] = tuple(row for row in list(globals().values()) if isinstance(row, Function))
"""Every row above, in its order: a row cannot be defined and forgotten here."""

FUNCTION_OF_KEY: Mapping[str, Function] = MappingProxyType({row.key: row for row in MATRIX})


def _granted(role: Role) -> frozenset[Permission]:
    return frozenset(
        permission
        for row in MATRIX
        for permission in (row.read, row.write)
        if row.access_of(role).covers(permission.access)
    )


_GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType({role: _granted(role) for role in Role})


def allowed(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of ``roles`` gives ``permission``; several roles add up."""
    return any(permission in _GRANTS[role] for role in roles)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that ``roles`` give together; to manage includes to view."""
    return frozenset[Permission]().union(*(_GRANTS[role] for role in roles))


def roles_that_allow(permission: Permission) -> tuple[Role, ...]:
    """Who could do it, in the order of ``Role``: what a page that refuses shows to the user."""
    return tuple(role for role in Role if permission in _GRANTS[role])


def who_can_grant(role: Role) -> frozenset[Role]:
    """The roles whose holders may give and take ``role``."""
    return ROLE_INFO[role].assigned_by
