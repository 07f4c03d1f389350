"""What an application does on its own with a customer's functions of the matrix, by its granted permissions.

In a customer's tenant nobody gives an application roles: consent gave it permissions of Graph, and those are actions
(``directory_table``). Each function asks for all the actions that its use cases come to. What binds the customer, or
lets a partner in, is a person's to say. Source: identity §5.4, §12.3; gdap §3, who approves; gdap §4.5.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from openpartner.platform.directory_actions import DirectoryAction
from openpartner.platform.directory_table import ACTIONS_BY_PERMISSION
from openpartner.platform.permissions import (
    CUSTOMER_ACTIVITY_LOG,
    CUSTOMER_AGREEMENT_ACCEPT,
    CUSTOMER_BILLING_PROFILE,
    CUSTOMER_DIRECTORY,
    CUSTOMER_GDAP,
    CUSTOMER_HOME,
    CUSTOMER_INVOICES,
    CUSTOMER_ORGANISATION,
    CUSTOMER_PARTNERS,
    CUSTOMER_ROLES,
    CUSTOMER_STOREFRONT,
    CUSTOMER_SUBSCRIPTIONS,
    CUSTOMER_TICKETS,
    Permission,
)
from openpartner.platform.permissions.functions import Function

Needed = tuple[DirectoryAction, ...] | None
"""Actions that must all be granted; none at all for what every application of the tenant may; None: a person only."""

PERSON: Needed = None

READS: Mapping[Function, Needed] = MappingProxyType(
    {
        CUSTOMER_HOME: (),
        CUSTOMER_STOREFRONT: (),
        CUSTOMER_PARTNERS: (DirectoryAction.CONTRACTS_READ,),
        CUSTOMER_GDAP: (DirectoryAction.CONTRACTS_READ,),
        CUSTOMER_AGREEMENT_ACCEPT: (DirectoryAction.BILLING_READ,),
        CUSTOMER_ORGANISATION: (DirectoryAction.ORGANIZATION_READ, DirectoryAction.DOMAINS_READ),
        CUSTOMER_BILLING_PROFILE: (DirectoryAction.BILLING_READ,),
        CUSTOMER_ACTIVITY_LOG: (DirectoryAction.AUDIT_READ,),
        CUSTOMER_DIRECTORY: (
            DirectoryAction.USERS_READ,
            DirectoryAction.GROUPS_READ,
            DirectoryAction.LICENCES_READ,
        ),
        CUSTOMER_ROLES: (DirectoryAction.ROLES_READ, DirectoryAction.APPLICATIONS_READ),
        CUSTOMER_SUBSCRIPTIONS: (DirectoryAction.SUBSCRIPTIONS_READ,),
        CUSTOMER_INVOICES: (DirectoryAction.BILLING_READ,),
        CUSTOMER_TICKETS: (DirectoryAction.SUPPORT_REQUESTS_READ,),
    }
)
"""What it takes to see a function."""

WRITES: Mapping[Function, Needed] = MappingProxyType(
    {
        CUSTOMER_HOME: PERSON,
        CUSTOMER_STOREFRONT: (DirectoryAction.BILLING_MANAGE,),
        CUSTOMER_PARTNERS: PERSON,
        CUSTOMER_GDAP: PERSON,
        CUSTOMER_AGREEMENT_ACCEPT: PERSON,
        CUSTOMER_ORGANISATION: (DirectoryAction.ORGANIZATION_UPDATE, DirectoryAction.DOMAINS_WRITE),
        CUSTOMER_BILLING_PROFILE: (DirectoryAction.BILLING_MANAGE,),
        CUSTOMER_ACTIVITY_LOG: PERSON,
        CUSTOMER_DIRECTORY: (
            DirectoryAction.USERS_CREATE,
            DirectoryAction.USERS_UPDATE,
            DirectoryAction.GROUPS_WRITE,
            DirectoryAction.LICENCES_ASSIGN,
        ),
        CUSTOMER_ROLES: (DirectoryAction.ROLES_ASSIGN, DirectoryAction.CONSENT_GRANT),
        CUSTOMER_SUBSCRIPTIONS: (DirectoryAction.BILLING_MANAGE,),
        CUSTOMER_INVOICES: (DirectoryAction.BILLING_MANAGE,),
        CUSTOMER_TICKETS: (DirectoryAction.SUPPORT_REQUESTS_WRITE,),
    }
)
"""What it takes to change it, besides seeing it."""


def actions_granted(names: Iterable[str]) -> frozenset[DirectoryAction]:
    """All that permissions of Graph add up to; a permission that is not in the table gives nothing."""
    return frozenset().union(*(ACTIONS_BY_PERMISSION.get(name, frozenset()) for name in names))


def _fits(needed: Needed, granted: frozenset[DirectoryAction]) -> bool:
    return needed is not None and granted.issuperset(needed)


@lru_cache(maxsize=256)
def functions_granted(names: frozenset[str]) -> frozenset[Permission]:
    """What an application with these permissions of Graph may do in the customer's tenant that gave them."""
    granted = actions_granted(names)
    seen = [function for function, needed in READS.items() if _fits(needed, granted)]
    return frozenset(each.read for each in seen) | frozenset(
        each.write for each in seen if _fits(WRITES[each], granted)
    )


def actions_needed(permission: Permission) -> Needed:
    """What a function of the matrix asks of an application; None where only a person will do."""
    for function in READS:
        if permission == function.read:
            return READS[function]
        if permission == function.write:
            reads, writes = READS[function], WRITES[function]
            return None if reads is None or writes is None else (*reads, *writes)
    return None
