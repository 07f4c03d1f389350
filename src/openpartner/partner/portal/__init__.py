"""The pages of the partner account, for the partner, for the operator, and for who is not signed in."""

from typing import Any

from openpartner.partner.portal import account, operator, people, public
from openpartner.partner.portal.waiting import actions, figures
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.web.page import NavItem

__all__ = ["NAVIGATION", "ROUTES", "actions", "figures"]

_OPERATOR = frozenset({TenantKind.OPERATOR})
_EVERYBODY = frozenset(TenantKind)

NAVIGATION: tuple[NavItem, ...] = (
    NavItem("account", "Account settings", "/account", "settings", 1300, permissions.PARTNER_CENTER_HOME.read),
    NavItem(
        "account.legal",
        "Legal info",
        "/account/legal-info",
        "building",
        1310,
        permissions.LEGAL_PROFILE.read,
        parent="account",
    ),
    NavItem(
        "account.profiles",
        "Profiles",
        "/account/profiles/organization",
        "organization",
        1320,
        permissions.PARTNER_CENTER_HOME.read,
        parent="account",
    ),
    NavItem(
        "account.programs",
        "Programs",
        "/account/programs",
        "apps",
        1330,
        permissions.PARTNER_CENTER_HOME.read,
        parent="account",
    ),
    NavItem(
        "account.agreements",
        "Agreements",
        "/account/agreements",
        "document_checkmark",
        1340,
        permissions.AGREEMENTS.read,
        parent="account",
    ),
    NavItem(
        "account.users",
        "User management",
        "/account/users",
        "people",
        1350,
        permissions.USERS_PARTNER_ROLES.read,
        parent="account",
    ),
    NavItem(
        "account.requests",
        "Role requests",
        "/account/role-requests",
        "person_key",
        1360,
        permissions.USERS_PARTNER_ROLES.read,
        parent="account",
    ),
    NavItem(
        "account.roles",
        "Roles",
        "/account/roles",
        "shield_keyhole",
        1370,
        permissions.PARTNER_CENTER_HOME.read,
        parent="account",
    ),
    NavItem("account.access", "My access", "/account/access", "key", 1380, permissions.OWN_PROFILE.read, _EVERYBODY),
    NavItem(
        "operator.verification",
        "Verification",
        "/operator/verification",
        "shield_checkmark",
        100,
        permissions.OPERATOR_ACCOUNTS.read,
        _OPERATOR,
    ),
    NavItem(
        "operator.partners",
        "Partners",
        "/operator/partners",
        "building_multiple",
        110,
        permissions.OPERATOR_ACCOUNTS.read,
        _OPERATOR,
    ),
    NavItem(
        "operator.agreements",
        "Agreement versions",
        "/operator/agreements",
        "document_multiple",
        120,
        permissions.OPERATOR_ACCOUNTS.read,
        _OPERATOR,
    ),
    NavItem(
        "operator.users",
        "Operator users",
        "/account/users",
        "people",
        1300,
        permissions.OPERATOR_USERS.read,
        _OPERATOR,
    ),
)

ROUTES: list[Any] = [*account.ROUTES, *people.ROUTES, *operator.ROUTES, *public.ROUTES]
