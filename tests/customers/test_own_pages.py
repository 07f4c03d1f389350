"""A customer's own pages: its organisation, how it is billed, the agreement, its users and how they sign in."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from openpartner.customers import queries
from openpartner.customers.models import BillingProfile, Customer
from openpartner.customers.rules import Relationship
from openpartner.identity.models import Passkey, SignInLog, SignInSession, Tenant, User
from openpartner.partner.service import NewVersion, publish_agreement_version
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from tests.customers.conftest import MakePartner, Partner
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.own import opened, own_browser, person_of, text_of

HELPDESK = UUID("729827e3-9c14-49f7-bb1b-9608f156bbb8")


@pytest.fixture
def key(partner: Partner) -> str:
    """A customer's tenant."""
    return str(partner.customer("Relecloud")["id"])


@pytest.fixture
def own(lab: Lab, key: str) -> AppClient:
    """The browser of its Global admin."""
    return own_browser(lab, key, Role.CUSTOMER_GLOBAL_ADMIN)


def tenant_of(uow: UnitOfWork, key: str) -> Tenant:
    return uow.db.get_one(Tenant, UUID(key))


# Organisation


def test_the_organization_shows_its_domains_and_who_sells_to_it(own: AppClient) -> None:
    said = opened(own, "/organization")

    for part in ("Relecloud", "relecloud.onmicrosoft.com", "New users get names at it", "Contoso Partner", "Verified"):
        assert part in said


def test_new_users_can_get_names_at_another_verified_domain(
    lab: Lab, partner: Partner, key: str, own: AppClient
) -> None:
    lab.give_delegated_access(partner.id, UUID(key), "Domain Name Administrator")
    partner.client.post(f"/v1/customers/{key}/verifieddomain", domain_body("relecloud.example"))

    done = own.submit("/organization/domains/default", domain="relecloud.example")
    refused = lab.nothing_changed(lambda: own.submit("/organization/domains/default", domain="other.example"))

    assert (done.status_code, refused.status_code) == (303, 404)
    with lab.read() as uow:
        assert tenant_of(uow, key).default_domain == "relecloud.example"


def domain_body(name: str) -> dict[str, object]:
    return {"verifiedDomainName": name, "domain": {"authenticationType": "Managed", "name": name}}


@pytest.mark.parametrize(
    ("role", "paths", "closed"),
    [
        (Role.CUSTOMER_BILLING_ADMIN, ["", "/billing", "/agreement", "/users", "/licenses", "/security"], []),
        (Role.CUSTOMER_USER_ADMIN, ["", "/billing", "/users", "/licenses", "/security"], ["/agreement"]),
        (Role.CUSTOMER_USER, [], ["", "/billing", "/agreement", "/users", "/licenses", "/security"]),
    ],
)
def test_each_administrator_opens_what_concerns_it(
    lab: Lab, key: str, role: Role, paths: list[str], closed: list[str]
) -> None:
    client = own_browser(lab, key, role)

    assert [path for path in paths if client.get(f"/organization{path}").status_code != 200] == []
    assert [path for path in closed if client.get(f"/organization{path}").status_code != 403] == []


# Billing


def billing_fields(client: AppClient, path: str) -> dict[str, str]:
    """The form as it stands."""
    page = client.get(path)
    assert page.status_code == 200, page.text[:2000]
    main = page.text.partition("<main")[2]
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', main)
    fields = {name: unescape(value) for name, value in found if name != "csrf_token"}
    for name in ("state", "language"):
        chosen = re.search(rf'name="{name}".*?<option value="([^"]*)" selected', main, re.DOTALL)
        fields.setdefault(name, chosen.group(1) if chosen else "")
    return fields


def billing_path(lab: Lab, key: str) -> str:
    with lab.read() as uow:
        [held] = queries.relationships_of(uow, UUID(key))
        return f"/organization/billing/{held.commerce_id}"


def test_the_customer_changes_by_whom_it_is_reached_and_the_partner_sees_it(
    lab: Lab, partner: Partner, key: str, own: AppClient
) -> None:
    path = billing_path(lab, key)
    fields = billing_fields(own, path)
    assert fields["email"] == "gena@relecloud2.com"

    saved = own.submit(path, **{**fields, "email": "billing@relecloud.example", "first_name": "Ava"})
    late = lab.nothing_changed(lambda: own.submit(path, **{**fields, "email": "late@relecloud.example"}))

    assert (saved.status_code, saved.headers["location"]) == (303, "/organization/billing")
    assert "billing@relecloud.example" in opened(own, "/organization/billing")
    assert late.status_code == 422
    assert "has changed since it was read" in text_of(late)
    profile = partner.client.get(f"/v1/customers/{key}/profiles/billing").json()
    assert (profile["email"], profile["firstName"]) == ("billing@relecloud.example", "Ava")
    [event] = lab.events("BillingProfileUpdated")
    assert (event["partnerId"], event["after"]["email"]) == (str(partner.id), "billing@relecloud.example")


def test_what_is_wrong_stands_beside_its_field(lab: Lab, key: str, own: AppClient) -> None:
    path = billing_path(lab, key)
    fields = billing_fields(own, path)

    wrong = lab.nothing_changed(lambda: own.submit(path, **{**fields, "email": "nobody"}))

    assert wrong.status_code == 422
    assert 'id="email-error"' in wrong.text


def test_a_billing_profile_of_another_customer_does_not_exist(
    lab: Lab, partner: Partner, key: str, own: AppClient
) -> None:
    other = billing_path(lab, str(partner.customer("Fourth Coffee")["id"]))

    assert own.get(other).status_code == 404
    assert lab.nothing_changed(lambda: own.submit(other, email="a@b.example")).status_code == 404
    with lab.read() as uow:
        assert {p.email for p in uow.db.query(BillingProfile).all()} == {"gena@relecloud2.com"}


def test_nothing_is_changed_for_a_partner_that_has_gone(lab: Lab, partner: Partner, key: str, own: AppClient) -> None:
    path = billing_path(lab, key)
    with lab.begin(partner.actor) as uow:
        queries.one_customer(uow, UUID(key)).relationship = Relationship.NONE

    assert own.get(path).status_code == 404
    assert "No billing profile" in opened(own, "/organization/billing")


# Agreement


@pytest.fixture
def template(lab: Lab) -> str:
    operator = lab.user(lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)
    with lab.begin(operator) as uow:
        new = NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "The terms.")
        return str(publish_agreement_version(uow, new).id)


def test_the_agreement_page_says_towards_whom_nothing_can_be_bought(own: AppClient, template: str) -> None:
    before = opened(own, "/organization/agreement")

    contact = {"first_name": "Gena", "last_name": "Soto", "email": "g@relecloud.example"}
    accepted = own.submit("/organization/agreement", template=template, **contact)
    after = opened(own, "/organization/agreement")

    assert "Nothing more can be bought through Contoso Partner" in before
    assert accepted.headers["location"] == "/organization/agreement"
    assert "Nothing more can be bought" not in after
    for part in ("Gena Soto", "By the customer", "All partners", "Counts"):
        assert part in after


def test_a_billing_admin_reads_the_agreement_and_cannot_accept_it(lab: Lab, key: str, template: str) -> None:
    client = own_browser(lab, key, Role.CUSTOMER_BILLING_ADMIN)

    assert "A Global admin accepts it for the organization." in opened(client, "/organization/agreement")
    assert lab.nothing_changed(lambda: client.submit("/organization/agreement", template=template)).status_code == 403


# Users


def many_users(lab: Lab, key: str, count: int) -> list[str]:
    with lab.begin() as uow:
        tenant = tenant_of(uow, key)
        return [scene.user(uow, tenant, f"person{number:03}").name for number in range(count)]


def test_users_are_searched_by_any_part_of_their_names(lab: Lab, key: str, own: AppClient) -> None:
    many_users(lab, key, 12)

    found = opened(own, "/organization/users?q=son007")
    by_name = opened(own, "/organization/users?q=PERSON011%40RELE")

    assert "Person007" in found
    assert "Person008" not in found
    assert "Person011" in by_name


def test_users_are_filtered_by_status_and_role(lab: Lab, key: str, own: AppClient) -> None:
    many_users(lab, key, 3)
    with lab.begin() as uow:
        uow.db.query(User).filter_by(display_name="Person001").one().account_enabled = False

    blocked = opened(own, "/organization/users?state=blocked")
    administrators = opened(own, "/organization/users?role=any")
    others = opened(own, "/organization/users?role=none")
    globals_ = opened(own, "/organization/users?role=62e90394-69f5-4237-9190-012177145e10")

    assert ("Person001" in blocked, "Person002" in blocked) == (True, False)
    assert ("Gena Soto" in administrators, "Person002" in administrators) == (True, False)
    assert ("Gena Soto" in others, "Person002" in others) == (False, True)
    assert "Gena Soto" in globals_


def test_the_file_has_every_user_that_the_filters_let_through(lab: Lab, key: str, own: AppClient) -> None:
    many_users(lab, key, 60)

    file = own.get("/organization/users?format=csv&role=none&columns=userPrincipalName")

    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Display name", "User name"]
    assert [row[0] for row in rows[1:]] == [f"Person{number:03}" for number in range(60)]


# Sign-in and security


def session_for(uow: UnitOfWork, user_id: UUID) -> SignInSession:
    row = SignInSession(
        id=uow.ids.uuid(),
        browser_hash=uow.ids.hex(64),
        user_id=user_id,
        amr=["pwd"],
        auth_time=uow.now,
        ip_address="203.0.113.7",
        user_agent="Test browser",
        created_at=uow.now,
        seen_at=uow.now,
        expires_at=uow.now + timedelta(days=1),
    )
    uow.db.add(row)
    uow.db.flush()
    return row


def test_administrators_without_a_second_factor_are_named(lab: Lab, key: str) -> None:
    ana = person_of(lab, key, Role.CUSTOMER_GLOBAL_ADMIN, name="ana")
    with lab.begin() as uow:
        assert ana.principal_id is not None
        uow.db.add(
            Passkey(
                id=uow.ids.uuid(),
                user_id=ana.principal_id,
                credential_id="c",
                public_key=b"k",
                name="Key",
                created_at=uow.now,
            )
        )

    said = opened(browser(lab, ana), "/organization/security")

    assert "1 administrator without a second factor. A stolen password would be enough to take over Gena Soto." in said
    assert "Passkey" in said
    assert "Administrators 2" in said


def test_a_session_is_ended_and_a_user_signed_out(lab: Lab, key: str, own: AppClient) -> None:
    user = person_of(lab, key, name="ben")
    with lab.begin() as uow:
        assert user.principal_id is not None
        first, second = session_for(uow, user.principal_id).id, session_for(uow, user.principal_id).id
    assert opened(own, "/organization/security/sessions").count("Test browser") == 2
    assert "Nothing matches" in opened(own, "/organization/security/sessions?q=nobody")

    ended = own.submit(f"/organization/security/sessions/{first}/end")
    assert ended.status_code == 303
    assert opened(own, "/organization/security/sessions").count("Test browser") == 1
    out = own.submit(f"/organization/security/users/{user.principal_id}/sign-out", back="/organization/security")

    assert (out.status_code, out.headers["location"]) == (303, "/organization/security")
    assert "Nobody is signed in" in opened(own, "/organization/security/sessions")
    assert [event["kind"] for event in lab.events()][-2:] == ["SessionEnded", "SessionsRevoked"]
    assert second != first


def test_sessions_of_other_directories_do_not_exist(lab: Lab, partner: Partner, key: str, own: AppClient) -> None:
    assert partner.actor.principal_id is not None
    with lab.begin() as uow:
        foreign = session_for(uow, partner.actor.principal_id).id

    answers = [
        lab.nothing_changed(lambda: own.submit(f"/organization/security/sessions/{foreign}/end")),
        lab.nothing_changed(lambda: own.submit(f"/organization/security/users/{partner.actor.principal_id}/sign-out")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_billing_admin_sees_sessions_and_ends_none(lab: Lab, key: str) -> None:
    client = own_browser(lab, key, Role.CUSTOMER_BILLING_ADMIN)
    user = person_of(lab, key, name="ben")
    with lab.begin() as uow:
        assert user.principal_id is not None
        session = session_for(uow, user.principal_id).id

    assert "Test browser" in opened(client, "/organization/security/sessions")
    refused = lab.nothing_changed(lambda: client.submit(f"/organization/security/sessions/{session}/end"))
    assert refused.status_code == 403


def sign_in_row(uow: UnitOfWork, key: str, upn: str, code: int = 0, cross: str = "none") -> None:
    uow.db.add(
        SignInLog(
            id=uow.ids.uuid(),
            at=uow.now,
            upn_key=upn,
            tenant_id=UUID(key),
            ip_address="203.0.113.7",
            error_code=code,
            failure_reason="Wrong password." if code else "",
            cross_tenant=cross,
        )
    )


def test_sign_ins_are_filtered_by_result_and_by_who(lab: Lab, key: str, own: AppClient) -> None:
    with lab.begin() as uow:
        sign_in_row(uow, key, "ana@relecloud.onmicrosoft.com")
        sign_in_row(uow, key, "ben@relecloud.onmicrosoft.com", 50126)
        sign_in_row(uow, key, "tech@contoso.onmicrosoft.com", cross="serviceProvider")
    path = "/organization/security/sign-ins"

    every, failed, partners = (
        opened(own, path),
        opened(own, f"{path}?result=failure"),
        opened(own, f"{path}?who=partner"),
    )

    assert all(name in every for name in ("ana@", "ben@", "tech@"))
    assert ("ana@" in failed, "ben@" in failed, "Wrong password." in failed) == (False, True, True)
    assert ("tech@" in partners, "ben@" in partners) == (True, False)
    file = own.get(f"{path}?format=csv&q=ana")
    assert [row[1] for row in csv.reader(io.StringIO(file.content.decode("utf-8-sig")))][1:] == [
        "ana@relecloud.onmicrosoft.com"
    ]
    assert "Failed sign-ins 1" in opened(own, "/organization/security")


def test_another_customers_sign_ins_are_not_shown(
    lab: Lab, partner: Partner, key: str, own: AppClient, make_partner: MakePartner
) -> None:
    other = str(partner.customer("Fourth Coffee")["id"])
    with lab.begin() as uow:
        sign_in_row(uow, other, "eve@fourthcoffee.onmicrosoft.com")

    assert "Nobody has signed in yet" in opened(own, "/organization/security/sign-ins")


def test_a_directory_without_a_partner_keeps_its_pages(lab: Lab) -> None:
    actor: Actor = lab.user(lab.tenant(TenantKind.CUSTOMER, "Lonely"), Role.CUSTOMER_GLOBAL_ADMIN)
    client = browser(lab, actor)
    paths = ("", "/billing", "/agreement", "/users", "/licenses", "/security", "/security/sessions")

    assert [path for path in paths if client.get(f"/organization{path}").status_code != 200] == []
    assert [path for path in ("/", "/subscriptions", "/activity-log") if client.get(path).status_code != 200] == []
    with lab.read() as uow:
        assert uow.db.query(Customer).count() == 0
