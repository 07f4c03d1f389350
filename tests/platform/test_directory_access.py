"""Which directory role permits what, as the published roles do, and the refusals that say which one to ask for."""

from uuid import UUID

import pytest

from openpartner.platform.actor import NOBODY, SYSTEM, Actor, ActorKind
from openpartner.platform.directory_access import (
    ACTION_TITLES,
    ApplicationPermissionNeeded,
    DirectoryAction,
    DirectoryRoleNeeded,
    actions_of,
    covers,
    may_directory,
    permissions_that_permit,
    require_directory,
    roles_that_permit,
)
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.directory_table import ACTIONS_BY_PERMISSION, ROLES_BY_ACTION
from openpartner.platform.errors import Unauthenticated

ID = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}


def user_with(*names: str, is_delegated: bool = False, is_guest: bool = False) -> Actor:
    roles = frozenset(ID[name] for name in names)
    return Actor(kind=ActorKind.USER, directory_roles=roles, is_delegated=is_delegated, is_guest=is_guest)


def app_with(*scopes: str) -> Actor:
    return Actor(kind=ActorKind.APP, scopes=frozenset(scopes))


# Source: gdap §12, least privilege by task.
LEAST = [
    (DirectoryAction.SUPPORT_REQUESTS_WRITE, "Service Support Administrator"),
    (DirectoryAction.USERS_CREATE, "User Administrator"),
    (DirectoryAction.USERS_DELETE, "User Administrator"),
    (DirectoryAction.USERS_UPDATE, "User Administrator"),
    (DirectoryAction.PASSWORDS_RESET, "Password Administrator"),
    (DirectoryAction.ADMIN_PASSWORDS_RESET, "Privileged Authentication Administrator"),
    (DirectoryAction.LICENCES_ASSIGN, "License Administrator"),
    (DirectoryAction.ROLES_ASSIGN, "Privileged Role Administrator"),
    (DirectoryAction.GUESTS_INVITE, "Guest Inviter"),
    (DirectoryAction.GROUPS_WRITE, "Groups Administrator"),
    (DirectoryAction.GROUPS_DELETE, "Groups Administrator"),
    (DirectoryAction.GROUPS_READ, "Directory Readers"),
    (DirectoryAction.LICENCES_READ, "Directory Readers"),
    (DirectoryAction.AUTHENTICATION_METHODS_MANAGE, "Authentication Administrator"),
    (DirectoryAction.COMPANY_DETAILS_READ, "Directory Readers"),
    (DirectoryAction.CONSENT_GRANT, "Cloud Application Administrator"),
    (DirectoryAction.DOMAINS_WRITE, "Domain Name Administrator"),
    (DirectoryAction.BILLING_MANAGE, "Billing Administrator"),
]


@pytest.mark.parametrize(("action", "role"), LEAST)
def test_the_least_role_for_a_task_comes_first(action: DirectoryAction, role: str) -> None:
    assert roles_that_permit(action)[0] == ID[role]


def test_global_administrator_may_everything_and_is_named_last() -> None:
    assert actions_of([ID["Global Administrator"]]) == frozenset(DirectoryAction)
    assert {roles[-1] for roles in ROLES_BY_ACTION.values()} == {ID["Global Administrator"]}


def test_no_role_is_named_twice_for_an_action() -> None:
    assert [action for action, roles in ROLES_BY_ACTION.items() if len(set(roles)) != len(roles)] == []


def test_global_reader_reads_and_changes_nothing() -> None:
    assert actions_of([ID["Global Reader"]]) == {
        DirectoryAction.USERS_READ,
        DirectoryAction.GROUPS_READ,
        DirectoryAction.ROLES_READ,
        DirectoryAction.LICENCES_READ,
        DirectoryAction.DOMAINS_READ,
        DirectoryAction.ORGANIZATION_READ,
        DirectoryAction.COMPANY_DETAILS_READ,
        DirectoryAction.APPLICATIONS_READ,
        DirectoryAction.CONTRACTS_READ,
        DirectoryAction.DEVICES_READ,
        DirectoryAction.SUBSCRIPTIONS_READ,
        DirectoryAction.BILLING_READ,
        DirectoryAction.SERVICE_HEALTH_READ,
        DirectoryAction.AUDIT_READ,
        DirectoryAction.CROSS_TENANT_POLICY_READ,
    }


@pytest.mark.parametrize(
    ("role", "action", "permitted"),
    [
        ("License Administrator", DirectoryAction.LICENCES_ASSIGN, True),
        ("License Administrator", DirectoryAction.USERS_CREATE, False),
        ("License Administrator", DirectoryAction.USERS_READ, True),
        ("License Administrator", DirectoryAction.SUPPORT_REQUESTS_WRITE, False),
        ("Directory Writers", DirectoryAction.USERS_CREATE, True),
        ("Directory Writers", DirectoryAction.USERS_DELETE, False),
        ("Directory Writers", DirectoryAction.GROUPS_DELETE, False),
        ("Privileged Role Administrator", DirectoryAction.USERS_CREATE, False),
        ("Privileged Authentication Administrator", DirectoryAction.ROLES_ASSIGN, False),
        ("User Administrator", DirectoryAction.ROLES_ASSIGN, False),
        ("User Administrator", DirectoryAction.COMPANY_DETAILS_READ, False),
        ("Guest Inviter", DirectoryAction.USERS_READ, True),
        ("Guest Inviter", DirectoryAction.GROUPS_READ, False),
        ("Places Administrator", DirectoryAction.USERS_READ, False),
        ("Printer Administrator", DirectoryAction.USERS_READ, True),
        ("Billing Administrator", DirectoryAction.ORGANIZATION_UPDATE, True),
        ("Application Administrator", DirectoryAction.CONSENT_GRANT_GRAPH_ROLES, False),
    ],
)
def test_a_role_permits_what_it_does_in_the_original(role: str, action: DirectoryAction, permitted: bool) -> None:
    assert covers([ID[role]], action) is permitted


# Source: entra-docs, who can reset passwords. Columns: Password, Helpdesk, Authentication, User, Privileged
# Authentication, Global Administrator.
RESETS = """
Authentication Administrator | - - x - x x
Directory Readers | x x x x x x
Global Administrator | - - - - x x
Groups Administrator | - - - x x x
Guest Inviter | x x x x x x
Helpdesk Administrator | - x - x x x
Message Center Reader | - x x x x x
Password Administrator | x x x x x x
Privileged Authentication Administrator | - - - - x x
Privileged Role Administrator | - - - - x x
Reports Reader | - x x x x x
User Administrator | - - - x x x
User Experience Success Manager | - x x x x x
Usage Summary Reports Reader | - x x x x x
Exchange Administrator | - - - - x x
License Administrator | - - - - x x
"""
RESETTERS = [
    "Password Administrator",
    "Helpdesk Administrator",
    "Authentication Administrator",
    "User Administrator",
    "Privileged Authentication Administrator",
    "Global Administrator",
]


@pytest.mark.parametrize("line", RESETS.strip().splitlines())
def test_whose_password_a_role_may_reset(line: str) -> None:
    target, cells = line.split(" | ")
    may = [covers([ID[role]], DirectoryAction.PASSWORDS_RESET, [ID[target]]) for role in RESETTERS]
    assert may == [cell == "x" for cell in cells.split()]


def test_every_one_of_them_resets_the_password_of_a_user_without_a_role() -> None:
    assert [role for role in RESETTERS if not covers([ID[role]], DirectoryAction.PASSWORDS_RESET)] == []


def test_all_roles_of_a_user_must_be_within_reach() -> None:
    target = [ID["Directory Readers"], ID["Exchange Administrator"]]
    assert not covers([ID["User Administrator"]], DirectoryAction.USERS_DELETE, target)
    assert covers([ID["User Administrator"]], DirectoryAction.USERS_DELETE, target[:1])
    assert covers([ID["User Administrator"]], DirectoryAction.USERS_UPDATE, target), "names of anybody may be changed"


def test_two_roles_do_not_add_their_reach() -> None:
    both = [ID["Authentication Administrator"], ID["Helpdesk Administrator"]]
    target = [ID["Authentication Administrator"], ID["Helpdesk Administrator"]]
    assert not covers(both, DirectoryAction.PASSWORDS_RESET, target)


# Who acts


@pytest.mark.parametrize(
    ("actor", "action", "may"),
    [
        (SYSTEM, DirectoryAction.ROLES_ASSIGN, True),
        (user_with(), DirectoryAction.USERS_READ, True),
        (user_with(), DirectoryAction.USERS_CREATE, False),
        (user_with(is_guest=True), DirectoryAction.USERS_READ, False),
        (user_with(is_delegated=True), DirectoryAction.USERS_READ, False),
        (user_with("Directory Readers", is_delegated=True), DirectoryAction.USERS_READ, True),
        (user_with("Directory Readers", is_guest=True), DirectoryAction.USERS_READ, True),
        (app_with(), DirectoryAction.USERS_READ, False),
        (app_with("User.Read.All"), DirectoryAction.USERS_READ, True),
        (app_with("User.Read.All"), DirectoryAction.USERS_CREATE, False),
        (app_with("Directory.ReadWrite.All"), DirectoryAction.USERS_CREATE, True),
        (app_with("Directory.ReadWrite.All"), DirectoryAction.USERS_DELETE, False),
        (app_with("DelegatedAdminRelationship.ReadWrite.All"), DirectoryAction.USERS_READ, False),
    ],
)
def test_who_may(actor: Actor, action: DirectoryAction, may: bool) -> None:
    assert may_directory(actor, action) is may
    if may:
        require_directory(actor, action)
    else:
        with pytest.raises((DirectoryRoleNeeded, ApplicationPermissionNeeded)):
            require_directory(actor, action)


def test_an_app_never_acts_by_a_role() -> None:
    app = Actor(kind=ActorKind.APP, directory_roles=frozenset({ID["Global Administrator"]}))
    with pytest.raises(ApplicationPermissionNeeded) as caught:
        require_directory(app, DirectoryAction.DOMAINS_WRITE)
    assert caught.value.message == (
        "Insufficient privileges to complete the operation. 'Add, verify, change and remove domains' needs one of these"
        " application permissions: Domain.ReadWrite.All."
    )


def test_nobody_signs_in_first() -> None:
    with pytest.raises(Unauthenticated):
        require_directory(NOBODY, DirectoryAction.USERS_READ)


def test_a_refusal_names_the_action_and_the_smallest_roles() -> None:
    with pytest.raises(DirectoryRoleNeeded) as caught:
        require_directory(user_with("Directory Readers", is_delegated=True), DirectoryAction.LICENCES_ASSIGN)
    refusal = caught.value
    assert (refusal.status, refusal.code) == (403, 900150)
    assert refusal.message == (
        "Insufficient privileges to complete the operation. 'Assign and remove licences' needs one of these roles in"
        " the tenant: License Administrator, User Administrator, Directory Writers."
    )
    assert refusal.facts["action"] == "licences_assign"
    assert [UUID(role) for role in refusal.facts["roles"]] == [
        ID["License Administrator"],
        ID["User Administrator"],
        ID["Directory Writers"],
    ]


def test_a_refusal_over_an_administrator_names_who_may_do_it_to_him() -> None:
    with pytest.raises(DirectoryRoleNeeded) as caught:
        require_directory(
            user_with("Helpdesk Administrator"), DirectoryAction.PASSWORDS_RESET, [ID["Global Administrator"]]
        )
    assert caught.value.roles == (ID["Privileged Authentication Administrator"], ID["Global Administrator"])


# The table is whole


def test_every_action_has_a_title_and_every_role_its_words() -> None:
    assert set(ACTION_TITLES) == set(DirectoryAction)
    assert len(set(ACTION_TITLES.values())) == len(DirectoryAction)
    assert set(ALLOWS) == set(DIRECTORY_ROLES)
    assert [words for words in ALLOWS.values() if not words.endswith(".")] == []


def test_permissions_of_applications_come_in_order_of_privilege() -> None:
    assert permissions_that_permit(DirectoryAction.USERS_READ) == (
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    )
    assert ACTIONS_BY_PERMISSION["User.Read.All"] == {DirectoryAction.USERS_READ}
