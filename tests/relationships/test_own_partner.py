"""What a customer sees of one partner: who can act now, what it did, what it may hold at most; and what it decides."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest

from openpartner.customers import models
from openpartner.identity import service as identity
from openpartner.platform.actor import Actor
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.relationships import service
from openpartner.relationships.queries.granular import service_provider_constraint
from tests.relationships.customers import make_customer
from tests.relationships.partners import make_partner
from tests.relationships.test_reselling import accept, direct
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.granting import HELPDESK, READERS, USERS, Grants
from tests.support.lab import Lab
from tests.support.own import opened, text_of


@pytest.fixture
def pages(lab: Lab, grants: Grants) -> AppClient:
    """The browser of the customer's Global Administrator."""
    return browser(lab, grants.admin)


def rows_of(pages: AppClient, path: str) -> list[list[str]]:
    answer = pages.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def roles_now(lab: Lab, grants: Grants) -> frozenset[UUID] | None:
    with lab.read() as uow:
        return service_provider_constraint(uow, grants.customer.id, grants.partner.id)


# --- the list


def test_the_list_tells_what_runs_until_when_and_what_waits(grants: Grants, pages: AppClient) -> None:
    grants.active("Support", duration="P30D", roles=frozenset({HELPDESK, READERS}))
    asked = grants.pending("More")

    [row] = rows_of(pages, "/partners?format=csv")

    assert row[:5] == [
        "Contoso Partner",
        "Granular administration, Request to administer",
        "Administers as Directory Readers, Helpdesk Administrator. Asks to administer; it waits for your answer.",
        "2026-01-15",
        "2026-02-14",
    ]
    for path in ("/partners", "/"):
        page = pages.get(path).text
        assert "Contoso Partner asks to administer your organization" in page
        assert f'href="/partners/invitation/granularadminrelationships/{asked}"' in page


def test_pages_of_who_is_no_partner_are_not_there(lab: Lab, grants: Grants, pages: AppClient) -> None:
    other = make_partner(lab, "Other")

    for page in ("", "/people", "/activity", "/limits"):
        assert pages.get(f"/partners/{other.id}{page}").status_code == 404, page
    answer = lab.nothing_changed(lambda: pages.submit(f"/partners/{other.id}/limits", limit="every", sure="yes"))
    assert answer.status_code == 404
    assert pages.get(f"/partners/{grants.partner.id}").status_code == 404


# --- who can act now


def test_who_can_act_now_is_told_by_person_role_and_group(lab: Lab, grants: Grants, pages: AppClient) -> None:
    root = f"/partners/{grants.partner.id}"
    key = grants.active("Support", roles=frozenset({HELPDESK, USERS, READERS}))
    assert "Nobody of this partner can act in your organization now." in opened(pages, root)
    second, mia = grants.new_group("User desk", "mia")
    first = grants.assign(key, HELPDESK)
    grants.assign(key, USERS, READERS, group=second)
    grants.settle()

    assert "2 users of this partner can act in your organization now" in opened(pages, root)
    assert "Contoso Partner 2 users, with roles that you approved" in opened(pages, "/")
    page = opened(pages, f"{root}/people")
    assert [row[:4] for row in rows_of(pages, f"{root}/people?format=csv")] == [
        ["Mia", "Directory Readers, User Administrator", "User desk", "Support"],
        ["Worker", "Helpdesk Administrator", "Helpdesk team", "Support"],
    ]
    assert "Helpdesk Administrator" in page
    assert rows_of(pages, f"{root}/people?format=csv&role={USERS}")[0][0] == "Mia"
    assert rows_of(pages, f"{root}/people?format=csv&group=Helpdesk+team")[0][0] == "Worker"
    assert "Nothing matches" in opened(pages, f"{root}/people?q=nobody")

    with lab.begin() as uow:
        assert mia.principal_id is not None
        identity.remove_group_member(uow, second, mia.principal_id)
    assert [row[0] for row in rows_of(pages, f"{root}/people?format=csv")] == ["Worker"]
    with lab.begin(grants.agent) as uow:
        service.delete_access_assignment(uow, key, first)
    assert "Nobody of this partner can act here now" in opened(pages, f"{root}/people")
    assert "with roles that you approved" not in opened(pages, "/")


def test_many_people_come_in_pages(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.active("Support")
    with lab.begin() as uow:
        for number in range(60):
            upn = f"p{number}@{grants.partner.default_domain}"
            made = identity.create_user(
                uow, grants.partner.id, upn=upn, display_name=f"Person {number:02}", password="Long enough 7!"
            )
            identity.add_group_member(uow, grants.group, made.user.id)
    grants.assign(key, HELPDESK)
    grants.settle()
    path = f"/partners/{grants.partner.id}/people"

    first = pages.get(path)
    link = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = opened(pages, link)

    assert "50 of 61 entries" in text_of(first)
    assert "11 of 61 entries" in second
    assert "Person 50" in second
    assert "Person 49" not in second


# --- what it did


def test_what_the_partner_did_is_listed_filtered_and_exported(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.active("Support")
    given = grants.assign(key, USERS)
    grants.settle()
    with lab.begin(grants.agent) as uow:
        service.delete_access_assignment(uow, key, given)
    path = f"/partners/{grants.partner.id}/activity"

    rows = rows_of(pages, f"{path}?format=csv")
    only = rows_of(pages, f"{path}?format=csv&action=granular_admin_access_assignment_created")

    assert {row[2] for row in rows} == {grants.agent.name}
    assert len(only) == 1
    assert len(rows) > len(only)
    assert "Granular admin access assignment created" in opened(pages, path)
    assert rows_of(pages, f"{path}?format=csv&to=2025-12-31") == []
    assert "Nothing matches" in opened(pages, f"{path}?from=2025-12-01&to=2025-12-31")
    assert pages.get(f"{path}?from=soon").status_code == 400
    lab.advance(timedelta(days=40))
    assert rows_of(pages, f"{path}?format=csv") == []
    assert "It did nothing here in this period" in opened(pages, path)


# --- limits


def test_limits_are_shown_by_their_effect_before_they_hold(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.active("Support")
    grants.assign(key, HELPDESK, USERS)
    grants.settle()
    path = f"/partners/{grants.partner.id}/limits"
    wanted = {"limit": "some", "roles": str(HELPDESK)}
    assert "No limits: it may hold every role that you approve." in opened(pages, path)

    asked = lab.nothing_changed(lambda: pages.submit(path, **wanted))
    assert asked.status_code == 200
    assert f"Worker ({grants.worker.name}) Loses User Administrator Other roles stay" in text_of(asked)
    assert (roles_now(lab, grants), grants.access()) == (None, frozenset({HELPDESK, USERS}))

    kept = pages.submit(path, **wanted, sure="yes")
    assert (kept.status_code, kept.headers["location"]) == (303, path)
    assert (roles_now(lab, grants), grants.access()) == (frozenset({HELPDESK}), frozenset({HELPDESK}))

    again = text_of(lab.nothing_changed(lambda: pages.submit(path, limit="every")))
    assert f"Worker ({grants.worker.name}) Gets back User Administrator Other roles stay" in again
    pages.submit(path, limit="every", sure="yes")
    assert (roles_now(lab, grants), grants.access()) == (None, frozenset({HELPDESK, USERS}))


def test_limits_without_a_role_are_none(lab: Lab, grants: Grants, pages: AppClient) -> None:
    grants.active("Support")
    path = f"/partners/{grants.partner.id}/limits"

    answer = lab.nothing_changed(lambda: pages.submit(path, limit="some", sure="yes"))

    assert answer.status_code == 422
    assert "Choose the roles that the partner may hold, or do not limit it." in text_of(answer)


def _readers(lab: Lab, grants: Grants) -> Actor:
    return lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN, name="reader")


def test_only_a_global_admin_of_the_customer_decides(lab: Lab, grants: Grants) -> None:
    key = grants.active("Support")
    root = f"/partners/{grants.partner.id}"
    reader = browser(lab, _readers(lab, grants))

    assert "Only a Global admin of your organization can change the limits." in opened(reader, f"{root}/limits")
    limited = {"limit": "some", "roles": str(HELPDESK)}
    end = f"/partners/invitation/granularadminrelationships/{key}/end"
    assert lab.nothing_changed(lambda: reader.submit(f"{root}/limits", **limited)).status_code == 403
    assert lab.nothing_changed(lambda: reader.submit(f"{root}/limits", **limited, sure="yes")).status_code == 403
    assert lab.nothing_changed(lambda: reader.submit(end)).status_code == 403
    assert reader.get(end).status_code == 403
    assert browser(lab, grants.agent).get(f"{root}/people").status_code == 403


# --- the older delegated administration


def test_the_older_administration_is_taken_back_and_nothing_else(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    commerce_id = UUID(str(accept(lab, customer, direct(seller))))
    with lab.begin() as uow:
        uow.db.get_one(models.Customer, commerce_id).allow_delegated_access = True
        group = identity.create_group(uow, seller.id, "Old agents")
        identity.open_delegated_access(
            uow,
            source_id=commerce_id,
            kind="dap",
            customer_tenant_id=customer.id,
            group_id=group.id,
            roles={GLOBAL_ADMINISTRATOR},
            until_at=None,
        )
    path = f"/partners/{seller.id}/relationships/{commerce_id}/delegated-access/remove"
    reader = browser(lab, lab.user(customer.tenant, Role.CUSTOMER_BILLING_ADMIN, name="reader"))
    assert "Delegated administration (the older kind)" in opened(customer.pages, f"/partners/{seller.id}")
    assert lab.nothing_changed(lambda: reader.submit(path)).status_code == 403

    answer = customer.pages.submit(path)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/partners/{seller.id}")
    [fact] = lab.events("DelegatedAccessRemoved")
    assert (fact["actor"]["name"], fact["after"]) == (customer.admin.name, {"allowDelegatedAccess": False})
    assert [fact["data"]["source_id"] for fact in lab.events("DelegatedAccessClosed")] == [str(commerce_id)]
    assert "Relecloud has removed your delegated administration" in [
        mail.subject for mail in lab.mails(seller.admin.name)
    ]
    assert seller.client.get(f"/v1/customers/{customer.id}").status_code == 200
    assert "the older kind" not in opened(customer.pages, f"/partners/{seller.id}")
    assert lab.nothing_changed(lambda: customer.pages.submit(path)).status_code == 303
