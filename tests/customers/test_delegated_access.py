"""Invariant: nobody of a partner acts in a customer's directory but by a role that holds at this very instant.

On the wire with the partner's token; with a real token for the customer's tenant in test_delegated_tokens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.models import Group
from openpartner.identity.queries import AccessGap
from openpartner.platform.actor import Actor
from openpartner.platform.permissions import Role
from tests.customers.conftest import MakePartner, Partner, customer_body
from tests.support.client import AppClient
from tests.support.lab import Lab

DAY = timedelta(days=1)
HELPDESK_ROLE = "729827e3-9c14-49f7-bb1b-9608f156bbb8"


@dataclass
class Case:
    """A customer without any access given, and an admin agent of its partner."""

    lab: Lab
    partner: Partner
    agent: Actor
    client: AppClient
    customer: str

    @property
    def url(self) -> str:
        return f"/v1/customers/{self.customer}"

    def give(self, *names: str, group: str = "AdminAgents", kind: str = "gdap", days: int | None = 730) -> UUID:
        until = None if days is None else self.lab.now + days * DAY
        return self.lab.give_delegated_access(
            self.partner.id, UUID(self.customer), *names, group=group, kind=kind, until_at=until
        )

    def members(self, group: str, *, add: bool) -> None:
        """Put the agent into a group, which is made if need be, or take it out."""
        assert self.agent.principal_id is not None
        with self.lab.begin() as uow:
            found = uow.db.query(Group).filter_by(tenant_id=self.partner.id, display_name=group).one_or_none()
            group_id = found.id if found is not None else identity.create_group(uow, self.partner.id, group).id
            if add:
                identity.add_group_member(uow, group_id, self.agent.principal_id)
            else:
                identity.remove_group_member(uow, group_id, self.agent.principal_id)

    def nested(self, outer: str, inner: str) -> None:
        with self.lab.begin() as uow:
            groups = uow.db.query(Group).filter_by(tenant_id=self.partner.id)
            ids = {group.display_name: group.id for group in groups}
            for name in (outer, inner):
                ids[name] = ids.get(name) or identity.create_group(uow, self.partner.id, name).id
            identity.add_group_member(uow, ids[outer], ids[inner])

    def said(self, path: str = "/users") -> tuple[int, str]:
        """The status of a read and, of a refusal, its reason."""
        answer = self.client.get(f"{self.url}{path}")
        return answer.status_code, answer.json().get("parameters", {}).get("reason", "")


@pytest.fixture
def case(lab: Lab, partner: Partner) -> Case:
    agent = lab.user(partner.tenant, Role.ADMIN_AGENT)
    return Case(lab, partner, agent, lab.client(agent), str(partner.customer("Relecloud")["id"]))


# Every state a relationship and its assignments can be in


def _nothing(case: Case) -> None:
    """Before the approval no role is given to anybody."""


def _active(case: Case) -> None:
    case.give("Directory Readers")


def _about_to_expire(case: Case) -> None:
    case.give("Directory Readers", days=1)
    case.lab.set_clock(case.lab.now + DAY - timedelta(microseconds=1))


def _expired_without_any_job(case: Case) -> None:
    case.give("Directory Readers", days=1)
    case.lab.set_clock(case.lab.now + DAY)


def _terminated(case: Case) -> None:
    case.lab.take_delegated_access(case.give("Directory Readers"))


def _assignment_deleted(case: Case) -> None:
    first = case.give("Directory Readers")
    case.members("Others", add=True)
    case.members("Others", add=False)
    case.give("Directory Readers", group="Others")
    case.lab.take_delegated_access(first)


def _membership_removed(case: Case) -> None:
    case.members("Technicians", add=True)
    case.give("Directory Readers", group="Technicians")
    case.members("Technicians", add=False)


def _role_not_in_it(case: Case) -> None:
    case.give("Places Administrator")


def _in_a_nested_group(case: Case) -> None:
    case.members("Technicians", add=True)
    case.nested("Everyone", "Technicians")
    case.give("Directory Readers", group="Everyone")


def _dap_only(case: Case) -> None:
    case.give("Global Administrator", kind="dap", days=None)


def _dap_and_a_gdap_group_of_others(case: Case) -> None:
    _dap_only(case)
    case.members("Others", add=True)
    case.members("Others", add=False)
    case.give("Places Administrator", group="Others")


def _dap_and_gdap(case: Case) -> None:
    _dap_only(case)
    case.give("Places Administrator")


def _guest_account(case: Case) -> None:
    _active(case)
    assert case.agent.principal_id is not None
    with case.lab.begin() as uow:
        identity.create_guest(uow, UUID(case.customer), case.agent.principal_id)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (_nothing, (403, AccessGap.NO_RELATIONSHIP)),
        (_active, (200, "")),
        (_about_to_expire, (200, "")),
        (_expired_without_any_job, (403, AccessGap.ENDED)),
        (_terminated, (403, AccessGap.NO_RELATIONSHIP)),
        (_assignment_deleted, (403, AccessGap.NO_ASSIGNMENT)),
        (_membership_removed, (403, AccessGap.NO_ASSIGNMENT)),
        (_role_not_in_it, (403, AccessGap.ROLE)),
        (_in_a_nested_group, (200, "")),
        (_dap_only, (200, "")),
        (_dap_and_a_gdap_group_of_others, (200, "")),
        (_dap_and_gdap, (403, AccessGap.ROLE)),
        (_guest_account, (403, AccessGap.GUEST_ACCOUNT)),
    ],
)
def test_what_each_state_lets_see(case: Case, state: Callable[[Case], None], said: tuple[int, str]) -> None:
    state(case)

    assert (case.said(), case.said("/subscribedskus")) == (said, said)


def test_a_refusal_says_what_is_missing_and_what_to_do(case: Case) -> None:
    answer = case.client.get(f"{case.url}/users")

    body = answer.json()
    assert (answer.status_code, body["code"], body["errorName"]) == (403, 900150, "DirectoryRoleNeeded")
    assert body["description"] == (
        "Insufficient privileges to complete the operation. Nothing gives your company access to this customer: there"
        " is no active granular relationship (GDAP), or no security group is assigned to it. Request one and have the"
        " customer approve it, then assign it to a group you belong to. 'Read users' needs one of these roles in the"
        " tenant: Directory Readers, Global Reader, Agent ID Administrator."
    )


def test_an_end_is_named_with_its_instant(case: Case) -> None:
    _expired_without_any_job(case)

    assert "Your access to this customer ended at 2026-01-16 09:00 UTC." in case.client.get(f"{case.url}/users").text


def test_a_blocked_user_is_not_even_known(case: Case) -> None:
    _active(case)
    assert case.agent.principal_id is not None
    with case.lab.begin() as uow:
        identity.block_user(uow, case.agent.principal_id)

    assert case.client.get(f"{case.url}/users").status_code == 401


def test_access_to_one_customer_is_none_to_another(case: Case) -> None:
    _active(case)
    other = case.partner.customer("Fabrikam")["id"]

    assert case.client.get(f"/v1/customers/{other}/users").status_code == 403


def test_what_one_partner_was_given_another_does_not_have(case: Case, make_partner: MakePartner) -> None:
    other = make_partner("Other")
    case.lab.give_delegated_access(other.id, UUID(case.customer))

    assert case.said() == (403, AccessGap.NO_RELATIONSHIP)


def test_delegated_roles_without_a_partner_center_role_are_not_enough_here(case: Case) -> None:
    """The calls of Partner Center ask for both; with Graph and a token for the customer the role alone does."""
    user = case.lab.user(case.partner.tenant, Role.BILLING_ADMIN)
    assert user.principal_id is not None
    with case.lab.begin() as uow:
        group = identity.create_group(uow, case.partner.id, "Technicians")
        identity.add_group_member(uow, group.id, user.principal_id)
    case.give(group="Technicians")

    answer = case.lab.client(user).get(f"{case.url}/users")

    assert (answer.status_code, answer.json()["errorName"]) == (403, "RoleNeeded")


# Every operation, by the role that is just enough and by one that is not

READERS = "Directory Readers"


@dataclass(frozen=True)
class Call:
    """An operation on the customer, the roles that let it, each alone, and roles that do not."""

    name: str
    method: str
    path: str
    body: Any
    enough: tuple[str, ...]
    short: tuple[str, ...]


NEW_USER = {
    "usageLocation": "US",
    "userPrincipalName": "dan@relecloud.onmicrosoft.com",
    "displayName": "Dan",
    "passwordProfile": {"password": "Str0ng-enough!", "forceChangePassword": True},
}
PASSWORD = {"passwordProfile": {"password": "An0ther-one!", "forceChangePassword": True}}
WRITES_NOTHING = ("Global Reader", READERS, "Service Support Administrator")
CALLS = [
    Call("list users", "GET", "/users", None, (READERS, "License Administrator"), ("Places Administrator",)),
    Call("read a user", "GET", "/users/{eva}", None, (READERS, "Guest Inviter"), ("Places Administrator",)),
    Call(
        "create a user",
        "POST",
        "/users",
        NEW_USER,
        ("User Administrator", "Directory Writers", "Global Administrator"),
        (*WRITES_NOTHING, "License Administrator", "Privileged Role Administrator"),
    ),
    Call(
        "change names",
        "PATCH",
        "/users/{eva}",
        {"displayName": "E"},
        ("User Administrator", "Directory Writers", "Intune Administrator"),
        (*WRITES_NOTHING, "License Administrator", "Helpdesk Administrator"),
    ),
    Call(
        "set a usage location",
        "PATCH",
        "/users/{eva}",
        {"usageLocation": "DE"},
        ("License Administrator", "User Administrator"),
        (*WRITES_NOTHING, "Helpdesk Administrator"),
    ),
    Call(
        "change a user name",
        "PATCH",
        "/users/{eva}",
        {"userPrincipalName": "eve@relecloud.onmicrosoft.com"},
        ("User Administrator", "Directory Writers"),
        (*WRITES_NOTHING, "Intune Administrator"),
    ),
    Call(
        "reset a password",
        "PATCH",
        "/users/{eva}/resetpassword",
        PASSWORD,
        ("Password Administrator", "Helpdesk Administrator", "Privileged Authentication Administrator"),
        (*WRITES_NOTHING, "Directory Writers", "License Administrator"),
    ),
    Call(
        "reset an administrator's password",
        "PATCH",
        "/users/{admin}/resetpassword",
        PASSWORD,
        ("Privileged Authentication Administrator", "Global Administrator"),
        ("Password Administrator", "Helpdesk Administrator", "User Administrator"),
    ),
    Call(
        "delete a user",
        "DELETE",
        "/users/{eva}",
        None,
        ("User Administrator", "Privileged Authentication Administrator"),
        (*WRITES_NOTHING, "Directory Writers", "Helpdesk Administrator"),
    ),
    Call(
        "restore a user",
        "PATCH",
        "/users/{gone}",
        {"state": "active"},
        ("User Administrator",),
        (*WRITES_NOTHING, "Directory Writers"),
    ),
    Call("read roles of a user", "GET", "/users/{eva}/directoryroles", None, (READERS,), ("Guest Inviter",)),
    Call("list roles", "GET", "/directoryroles", None, (READERS,), ("Guest Inviter",)),
    Call(
        "list members of a role",
        "GET",
        f"/directoryroles/{HELPDESK_ROLE}/usermembers",
        None,
        (READERS,),
        ("Guest Inviter",),
    ),
    Call(
        "give a role",
        "POST",
        f"/directoryroles/{HELPDESK_ROLE}/usermembers",
        {"id": "{eva}"},
        ("Privileged Role Administrator", "Global Administrator"),
        (*WRITES_NOTHING, "User Administrator", "Privileged Authentication Administrator"),
    ),
    Call(
        "take a role",
        "DELETE",
        f"/directoryroles/{HELPDESK_ROLE}/usermembers/{{helper}}",
        None,
        ("Privileged Role Administrator",),
        (*WRITES_NOTHING, "User Administrator"),
    ),
    Call("read the organization", "GET", "/organization", None, (READERS, "Global Reader"), ("User Administrator",)),
    Call("read domains", "GET", "/customDomains", None, (READERS, "User Administrator"), ("Guest Inviter",)),
    Call(
        "attach a domain",
        "POST",
        "/verifieddomain",
        {"verifiedDomainName": "example.com", "domain": {"authenticationType": "Managed", "name": "example.com"}},
        ("Domain Name Administrator",),
        (*WRITES_NOTHING, "User Administrator"),
    ),
]


def _ready(case: Case, call: Call) -> tuple[str, Any]:
    """The path and the body with people in it: Eva, an ordinary user, a helper, one in the bin, an administrator."""
    tenant = UUID(case.customer)
    with case.lab.begin() as uow:
        people = {
            name: identity.create_user(
                uow, tenant, upn=f"{name}@relecloud.onmicrosoft.com", display_name=name.title(), usage_location="US"
            ).user.id
            for name in ("eva", "helper", "gone")
        }
        identity.assign_directory_role(uow, tenant, UUID(HELPDESK_ROLE), people["helper"])
        identity.delete_user(uow, people["gone"])
    keys = {**{name: str(key) for name, key in people.items()}, "admin": "admin@relecloud.onmicrosoft.com"}
    body = call.body
    if body == {"id": "{eva}"}:
        body = {"id": keys["eva"]}
    return f"{case.url}{call.path.format(**keys)}", body


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)  # who may is decided above the database
def test_a_role_that_does_not_cover_an_operation_changes_nothing(case: Case, call: Call) -> None:
    path, body = _ready(case, call)
    for role in call.short:
        source = case.give(role)
        answer = case.lab.nothing_changed(lambda: case.client.request(call.method, path, body))
        assert (answer.status_code, answer.json()["parameters"]["reason"]) == (403, AccessGap.ROLE), role
        case.lab.take_delegated_access(source)


@pytest.mark.parametrize(
    ("call", "role"), [pytest.param(call, role, id=f"{call.name}: {role}") for call in CALLS for role in call.enough]
)
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_role_that_covers_an_operation_is_enough_alone(case: Case, call: Call, role: str) -> None:
    path, body = _ready(case, call)
    case.give(role)

    assert case.client.request(call.method, path, body).status_code in {200, 201, 204}


def test_a_whole_user_sent_back_needs_what_changes_only(case: Case) -> None:
    """The .NET client reads a user, sets one member and sends all of them."""
    path, _ = _ready(case, CALLS[1])
    case.give("License Administrator")
    present = case.client.get(path).json()

    assert case.client.patch(path, {**present, "usageLocation": "FR"}).status_code == 200
    refused = case.lab.nothing_changed(lambda: case.client.patch(path, {**present, "displayName": "Other"}))

    assert (refused.status_code, refused.json()["parameters"]["action"]) == (403, "users_update")


# What stays possible without any access


def test_without_access_a_partner_creates_customers_and_reads_its_own_record_of_them(
    lab: Lab, partner: Partner
) -> None:
    made = partner.client.post("/v1/customers", customer_body("Relecloud", enableGDAPByDefault=False))
    url = f"/v1/customers/{made.json()['id']}"

    assert made.status_code == 201
    assert made.json()["userCredentials"]["userName"] == "admin"
    for path in ("", "/profiles/company", "/profiles/billing", "/qualifications", "/agreements", "/relationships"):
        assert partner.client.get(f"{url}{path}").status_code == 200, path
    assert partner.client.get(f"{url}/users").status_code == 403
    with lab.read() as uow:
        assert directory.user_by_upn(uow, "admin@relecloud.onmicrosoft.com") is not None
