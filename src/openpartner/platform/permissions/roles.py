"""The roles: where each is kept, how it is called, and who gives and takes it. Source: identity §12."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
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


ROLE_OF_CODE: Mapping[str, Role] = MappingProxyType({info.code: role for role, info in ROLE_INFO.items()})


def who_can_grant(role: Role) -> frozenset[Role]:
    """The roles whose holders may give and take ``role``."""
    return ROLE_INFO[role].assigned_by
