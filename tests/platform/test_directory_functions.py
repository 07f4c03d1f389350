"""What an application may do with a customer's own functions, cell by cell."""

import pytest

from openpartner.platform.actor import Actor, ActorKind, GrantNeeded, TenantKind
from openpartner.platform.directory_functions import READS, WRITES, actions_needed, functions_granted
from openpartner.platform.directory_table import ACTIONS_BY_PERMISSION
from openpartner.platform.permissions import (
    CUSTOMER_GDAP,
    CUSTOMER_SUBSCRIPTIONS,
    CUSTOMERS,
    FUNCTION_OF_KEY,
    Permission,
)
from openpartner.platform.permissions.functions import Workspace

FUNCTIONS = (
    "home",
    "storefront",
    "partners",
    "gdap",
    "agreement_accept",
    "organisation",
    "billing_profile",
    "activity_log",
    "directory",
    "roles",
    "subscriptions",
    "invoices",
    "tickets",
)

# Each column a function in that order; r: may see, w: may change, -: neither.
CELLS = """
User.Read.All                          | r r - - - - - - - - - - -
User.ReadWrite.All                     | r r - - - - - - - - - - -
User.RevokeSessions.All                | r r - - - - - - - - - - -
User.Invite.All                        | r r - - - - - - - - - - -
UserAuthenticationMethod.ReadWrite.All | r r - - - - - - - - - - -
GroupMember.Read.All                   | r r - - - - - - - - - - -
Group.Read.All                         | r r - - - - - - - - - - -
GroupMember.ReadWrite.All              | r r - - - - - - - - - - -
Group.Create                           | r r - - - - - - - - - - -
Group.ReadWrite.All                    | r r - - - - - - - - - - -
RoleManagement.Read.Directory          | r r - - - - - - - - - - -
RoleManagement.ReadWrite.Directory     | r r - - - - - - - - - - -
LicenseAssignment.Read.All             | r r - - - - - - - - r - -
LicenseAssignment.ReadWrite.All        | r r - - - - - - - - r - -
Domain.Read.All                        | r r - - - - - - - - - - -
Domain.ReadWrite.All                   | r r - - - - - - - - - - -
Organization.Read.All                  | r r - - - - - - - - r - -
Organization.ReadWrite.All             | r r - - - - - - - - r - -
Application.Read.All                   | r r - - - - - - - - - - -
Application.ReadWrite.All              | r r - - - - - - - - - - -
DelegatedPermissionGrant.ReadWrite.All | r r - - - - - - - - - - -
AppRoleAssignment.ReadWrite.All        | r r - - - - - - - - - - -
Device.Read.All                        | r r - - - - - - - - - - -
Device.ReadWrite.All                   | r r - - - - - - - - - - -
AuditLog.Read.All                      | r r - - - - - r - - - - -
ServiceHealth.Read.All                 | r r - - - - - - - - - - -
Policy.Read.All                        | r r - - - - - - - - - - -
Policy.ReadWrite.CrossTenantAccess     | r r - - - - - - - - - - -
Directory.Read.All                     | r r r r - r - - r r r - -
Directory.ReadWrite.All                | r r r r - r - - w r r - -
"""
TOGETHER = """
User.Read.All Group.Read.All LicenseAssignment.Read.All | r r - - - - - - r - r - -
User.ReadWrite.All Group.ReadWrite.All LicenseAssignment.ReadWrite.All | r r - - - - - - w - r - -
Organization.Read.All Domain.Read.All | r r - - - r - - - - r - -
Organization.ReadWrite.All Domain.ReadWrite.All | r r - - - w - - - - r - -
RoleManagement.ReadWrite.Directory Application.Read.All | r r - - - - - - - r - - -
RoleManagement.ReadWrite.Directory Application.Read.All DelegatedPermissionGrant.ReadWrite.All|r r - - - - - - - w - - -
DelegatedAdminRelationship.ReadWrite.All PartnerBilling.Read.All Mail.Send | r r - - - - - - - - - - -
"""


def cells_of(*names: str) -> list[str]:
    granted = functions_granted(frozenset(names))
    found = []
    for key in FUNCTIONS:
        function = FUNCTION_OF_KEY[f"customer_{key}"]
        assert function.write not in granted or function.read in granted
        found.append("w" if function.write in granted else "r" if function.read in granted else "-")
    return found


@pytest.mark.parametrize("line", [*CELLS.strip().splitlines(), *TOGETHER.strip().splitlines()])
def test_each_cell(line: str) -> None:
    names, cells = line.split("|")
    assert cells_of(*names.split()) == cells.split()


def test_the_table_has_every_permission_and_every_function() -> None:
    assert [line.split()[0] for line in CELLS.strip().splitlines()] == sorted(
        ACTIONS_BY_PERMISSION, key=list(ACTIONS_BY_PERMISSION).index
    )
    own = [each for each in FUNCTION_OF_KEY.values() if each.workspace is Workspace.CUSTOMER]
    assert {each.key for each in own} == {f"customer_{key}" for key in FUNCTIONS}
    assert set(READS) == set(WRITES) == set(own)


def test_nothing_granted_and_everything_granted() -> None:
    assert cells_of() == ["r", "r", *"-" * 11]
    assert cells_of(*ACTIONS_BY_PERMISSION) == ["r", "r", "r", "r", "-", "w", "-", "r", "w", "w", "r", "-", "-"]


def test_no_permission_lets_an_application_bind_the_customer() -> None:
    granted = functions_granted(frozenset(ACTIONS_BY_PERMISSION))
    people = [function for function, needed in WRITES.items() if needed is None]
    assert [function.key for function in people] == [
        "customer_home",
        "customer_partners",
        "customer_gdap",
        "customer_agreement_accept",
        "customer_activity_log",
    ]
    assert granted.isdisjoint(function.write for function in people)


def application(*names: str) -> Actor:
    return Actor(kind=ActorKind.APP, tenant_kind=TenantKind.CUSTOMER, granted=functions_granted(frozenset(names)))


@pytest.mark.parametrize(
    ("permission", "words"),
    [
        (CUSTOMER_SUBSCRIPTIONS.read, "application permissions for 'Read subscriptions'."),
        (CUSTOMER_GDAP.write, "a person: call with a user's token."),
        (CUSTOMERS.read, "a person: call with a user's token."),
    ],
)
def test_a_refusal_says_what_would_do(permission: Permission, words: str) -> None:
    with pytest.raises(GrantNeeded) as caught:
        application("User.ReadWrite.All").require(permission)
    assert words in caught.value.message


def test_what_was_granted_passes() -> None:
    actor = application("Organization.Read.All")
    actor.require(CUSTOMER_SUBSCRIPTIONS.read)
    assert actor.roles == frozenset()
    assert not actor.may(CUSTOMER_SUBSCRIPTIONS.write)


def test_what_a_permission_needs() -> None:
    assert actions_needed(CUSTOMER_SUBSCRIPTIONS.write) == ("subscriptions_read", "billing_manage")
    assert actions_needed(CUSTOMER_GDAP.write) is None
    assert actions_needed(CUSTOMERS.read) is None
