"""The pages of customers, as a browser without scripts sees them."""

import csv
import io
import re
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest

from openpartner.customers import queries
from openpartner.identity.models import Tenant
from openpartner.partner.rules import PartnerKind
from openpartner.partner.service import NewVersion, publish_agreement_version
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.customers.conftest import ADDRESS, MakePartner, Partner, customer_body, many_customers
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab

ACCOUNT = {
    "country": "US",
    "company_name": "Relecloud",
    "domain": "relecloud",
    "address_line1": "1 Main Street",
    "address_line2": "",
    "city": "Redmond",
    "state": "WA",
    "postal_code": "98052",
    "first_name": "Gena",
    "last_name": "Soto",
    "email": "gena@relecloud2.com",
    "phone_number": "",
    "culture": "en-US",
    "language": "en",
    "registration_number": "",
}


@pytest.fixture
def pages(lab: Lab, partner: Partner) -> AppClient:
    """The partner's browser."""
    return browser(lab, partner.actor)


def text_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def opened(client: AppClient, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, page.text[:2000]
    return text_of(page)


def links_of(page: httpx.Response, word: str) -> list[str]:
    """Addresses of the page that hold ``word``."""
    return [unescape(address) for address in re.findall(r'(?:href|action)="([^"]+)"', page.text) if word in address]


# The list


def test_an_empty_list_says_what_to_do(pages: AppClient) -> None:
    said = opened(pages, "/customers")

    assert "No customers yet" in said
    assert "Add customer" in said


def test_the_list_is_paged_sorted_and_searched(lab: Lab, partner: Partner, pages: AppClient) -> None:
    names = many_customers(lab, partner, 120)

    first = pages.get("/customers")
    [after] = set(links_of(first, "after="))
    second = pages.get(after)

    assert [name for name in names if name in first.text] == names[:50]
    assert [name for name in names if name in second.text] == names[50:100]
    [before] = set(links_of(second, "before="))
    assert [name for name in names if name in pages.get(before).text] == names[:50]
    assert "Customer 0119" in pages.get("/customers?sort=-name").text
    assert [name for name in names if name in pages.get("/customers?q=customer+0077").text] == ["Customer 0077"]
    assert [name for name in names if name in pages.get("/customers?q=d0001").text] == ["Customer 0119"]
    assert "Nothing found" in opened(pages, "/customers?q=nobody") or "No" in opened(pages, "/customers?q=nobody")


def test_the_file_has_the_documented_columns(lab: Lab, partner: Partner, pages: AppClient) -> None:
    made = partner.customer("Relecloud")
    partner.customer("=Formula", prefix="formula")

    file = pages.get("/customers?format=csv")

    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[0] == ["Microsoft ID", "Company name", "Primary domain name", "Relationship"]
    assert rows[2] == [made["id"], "Relecloud", "relecloud.onmicrosoft.com", "Reseller"]
    assert rows[1][1] == "'=Formula"
    assert pages.get("/customers?format=xlsx").content[:2] == b"PK"


def test_a_provider_filters_by_its_resellers(lab: Lab, make_partner: MakePartner) -> None:
    provider = make_partner("Provider", PartnerKind.INDIRECT_PROVIDER)
    reseller = make_partner("Shop", PartnerKind.INDIRECT_RESELLER)
    with lab.begin() as uow:
        scene.partnership(uow, provider.id, reseller.id)
    provider.customer("Through the shop", associatedPartnerId=str(reseller.id))
    provider.customer("Direct")
    pages = browser(lab, provider.actor)

    everything = opened(pages, "/customers")
    filtered = opened(pages, f"/customers?reseller={reseller.id}")

    assert "Indirect reseller" in everything
    assert "Direct" in everything
    assert "Through the shop" in filtered
    assert "Direct " not in filtered.split("Customers", 2)[-1].replace("Indirect", "")


def test_who_may_not_see_customers_is_told_which_roles_open_the_page(lab: Lab, partner: Partner) -> None:
    page = browser(lab, lab.user(partner.tenant, Role.REFERRALS_USER)).get("/customers")

    assert page.status_code == 403
    assert "Admin agent" in text_of(page)


# Adding


def test_a_customer_is_added_step_by_step_and_its_password_shown_once(
    lab: Lab, partner: Partner, pages: AppClient
) -> None:
    assert "Country of the customer" in opened(pages, "/customers/new")
    assert "Postal code" in opened(pages, "/customers/new?country=US")

    review = pages.submit("/customers/new", step="review", **ACCOUNT)
    assert review.status_code == 200
    assert "relecloud.onmicrosoft.com" in text_of(review)
    assert lab.kinds().count("CustomerCreated") == 0

    done = pages.submit("/customers/new", step="create", **ACCOUNT)
    assert done.status_code == 200
    assert "shown only this once" in text_of(done)
    password = re.search(r'id="password" value="([^"]+)"', done.text)
    assert password is not None
    [made] = partner.client.get("/v1/customers").json()["items"]
    page = pages.get(f"/customers/{made['id']}")
    assert password[1] not in page.text
    assert "gena@relecloud2.com" in text_of(page)


def test_problems_stand_beside_their_fields_and_nothing_is_created(lab: Lab, pages: AppClient) -> None:
    wrong = {**ACCOUNT, "email": "nobody", "postal_code": "x", "domain": "no_good"}

    page = lab.nothing_changed(lambda: pages.submit("/customers/new", step="review", **wrong))

    assert page.status_code == 422
    assert {"email-error", "postal_code-error", "domain-error"} <= set(re.findall(r'id="(\w+-error)"', page.text))
    assert 'value="nobody"' in page.text


def test_a_doubtful_address_is_announced_before_creating(pages: AppClient) -> None:
    page = pages.submit("/customers/new", step="review", **{**ACCOUNT, "address_line1": "Main Street"})

    assert "The account will be reviewed before anything can be bought" in text_of(page)


def test_a_country_with_registration_numbers_asks_for_one(pages: AppClient) -> None:
    said = opened(pages, "/customers/new?country=KZ")

    assert "For example 030640005418" in said


# The account


def test_the_account_is_edited_under_its_etag(lab: Lab, partner: Partner, pages: AppClient) -> None:
    key = partner.customer("Relecloud")["id"]
    form = pages.get(f"/customers/{key}/edit")
    etag = re.search(r'name="etag" value="([^"]+)"', form.text)
    assert etag is not None
    wanted = {**ACCOUNT, "company_name": "Relecloud Ltd", "etag": unescape(etag[1])}

    saved = pages.submit(f"/customers/{key}/edit", **wanted)
    late = lab.nothing_changed(
        lambda: pages.submit(f"/customers/{key}/edit", **{**wanted, "company_name": "Too late Ltd"})
    )

    assert (saved.status_code, saved.headers["location"]) == (303, f"/customers/{key}")
    assert "Relecloud Ltd" in opened(pages, f"/customers/{key}")
    assert late.status_code == 422
    assert "has changed since it was read" in text_of(late)


def test_a_qualification_is_asked_for_and_decided_by_the_operator(
    lab: Lab, partner: Partner, pages: AppClient, operator: Actor
) -> None:
    key = partner.customer("Relecloud")["id"]
    path = f"/customers/{key}/qualification"

    refused = pages.submit(path, qualification="Education")
    asked = pages.submit(path, qualification="Education", segment="K12", website="https://school.example")
    desk = browser(lab, operator).get("/operator/customers")
    [decision] = links_of(desk, "/operator/customers/qualifications/")
    denied = browser(lab, operator).submit(decision, decision="deny", reason="Not a school.")

    assert refused.status_code == 422
    assert asked.status_code == 303
    assert "school.example" in text_of(desk)
    assert denied.status_code == 303
    assert "Not a school." in opened(pages, f"/customers/{key}")


def test_the_operator_decides_reviews(lab: Lab, partner: Partner, operator: Actor, pages: AppClient) -> None:
    body = customer_body("Relecloud")
    body["billingProfile"]["defaultAddress"] = {**ADDRESS, "addressLine1": "Microsoft Way", "addressLine2": ""}
    key = partner.client.post("/v1/customers", body).json()["id"]
    assert "Under review" in opened(pages, f"/customers/{key}")
    desk = browser(lab, operator)

    [decision] = links_of(desk.get("/operator/customers"), "/review")
    assert desk.submit(decision, decision="allow", reason="").status_code == 303

    assert "Verified" in opened(pages, f"/customers/{key}")
    assert "Nothing to review" in opened(desk, "/operator/customers")


@pytest.fixture
def operator(lab: Lab) -> Actor:
    return lab.user(lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)


@pytest.fixture
def template(lab: Lab, operator: Actor) -> str:
    with lab.begin(operator) as uow:
        new = NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "The terms.")
        return str(publish_agreement_version(uow, new).id)


def test_the_partner_confirms_the_agreement(lab: Lab, partner: Partner, pages: AppClient, template: str) -> None:
    key = partner.customer("Relecloud")["id"]
    path = f"/customers/{key}/agreement"
    contact = {"template": template, "first_name": "Tania", "last_name": "Carr", "email": "t@relecloud.example"}
    assert "nothing can be bought" in opened(pages, f"/customers/{key}")
    assert template in pages.get(path).text

    future = lab.nothing_changed(lambda: pages.submit(path, **contact, agreed_on="2026-01-16"))
    saved = pages.submit(path, **contact, agreed_on="2026-01-14")

    assert future.status_code == 422
    assert saved.status_code == 303
    assert "Confirmed by the partner" in opened(pages, f"/customers/{key}")


def test_a_relationship_is_removed_after_a_page_that_says_what_it_takes(partner: Partner, pages: AppClient) -> None:
    key = partner.customer("Relecloud")["id"]
    assert f"/customers/{key}/end" in pages.get(f"/customers/{key}").text
    assert "Only a Global admin of the customer can bring it back" in opened(pages, f"/customers/{key}/end")

    ended = pages.submit(f"/customers/{key}/end")

    assert (ended.status_code, ended.headers["location"]) == (303, "/customers")
    assert pages.get(f"/customers/{key}").status_code == 403


def test_a_sandbox_customer_is_deleted(partner: Partner, pages: AppClient) -> None:
    key = partner.customer("Relecloud")["id"]

    assert pages.submit(f"/customers/{key}/delete").status_code == 303
    assert pages.get(f"/customers/{key}").status_code == 404


def test_a_post_without_the_form_token_changes_nothing(lab: Lab, partner: Partner, pages: AppClient) -> None:
    key = partner.customer("Relecloud")["id"]
    forged = pages.with_headers(x_csrf_token="forged")

    answer = lab.nothing_changed(lambda: forged.submit(f"/customers/{key}/end"))

    assert answer.status_code == 403


# Users


def user_fields(**changes: str) -> dict[str, str]:
    fields = {"name": "daniel", "domain": "relecloud.onmicrosoft.com", "display_name": "Daniel Tsai"}
    return {**fields, "given_name": "Daniel", "surname": "Tsai", "usage_location": "US", **changes}


def test_a_user_lives_through_its_pages(lab: Lab, partner: Partner, pages: AppClient) -> None:
    key = partner.administered("Relecloud")["id"]
    root = f"/customers/{key}/users"
    assert "Gena Soto" in opened(pages, root)

    made = pages.submit(f"{root}/new", **user_fields())
    assert made.status_code == 200
    assert "shown only this once" in text_of(made)
    [path] = {link for link in links_of(made, f"{root}/") if not link.endswith("/new")}
    changed = pages.submit(path, **{**user_fields(), "upn": "daniel@relecloud.onmicrosoft.com", "display_name": "Dan"})
    assert (changed.status_code, changed.headers["location"]) == (303, path)
    assert "shown only this once" in text_of(pages.submit(f"{path}/password"))
    assert pages.submit(f"{path}/roles", roles="729827e3-9c14-49f7-bb1b-9608f156bbb8").status_code == 303
    assert "Helpdesk Administrator" in opened(pages, path)
    assert pages.submit(f"{path}/block").status_code == 303
    assert "Blocked" in opened(pages, path)
    assert pages.submit(f"{path}/unblock").status_code == 303
    assert pages.submit(f"{path}/delete").status_code == 303
    assert "Dan" in opened(pages, f"{root}?state=deleted")
    assert pages.submit(f"{path}/restore").status_code == 303
    assert "Active" in opened(pages, path)


def test_a_user_that_cannot_be_is_shown_again_with_the_problem(lab: Lab, partner: Partner, pages: AppClient) -> None:
    root = f"/customers/{partner.administered('Relecloud')['id']}/users"

    page = lab.nothing_changed(lambda: pages.submit(f"{root}/new", **user_fields(display_name="")))

    assert page.status_code == 422
    assert 'id="display_name-error"' in page.text


# The customer's own pages


def own_browser(lab: Lab, customer_id: str, *roles: Role) -> AppClient:
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, UUID(customer_id))
    return browser(lab, lab.user(tenant, *roles))


def test_the_customer_accepts_the_agreement_itself(lab: Lab, partner: Partner, template: str) -> None:
    key = partner.customer("Relecloud")["id"]
    own = own_browser(lab, key, Role.CUSTOMER_GLOBAL_ADMIN)
    assert "Contoso Partner" in opened(own, "/organization")
    assert "The terms." in opened(own, "/organization/agreement")

    accepted = own.submit(
        "/organization/agreement", template=template, first_name="Gena", last_name="Soto", email="g@relecloud.example"
    )

    assert accepted.status_code == 303
    with lab.read(partner.actor) as uow:
        assert queries.has_signed_directly(uow, queries.one_customer(uow, UUID(key)))


def test_the_customers_user_admin_manages_users_and_gives_no_roles(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    own = own_browser(lab, key, Role.CUSTOMER_USER_ADMIN)

    made = own.submit("/organization/users/new", **user_fields())
    [path] = {link for link in links_of(made, "/organization/users/") if not link.endswith("/new")}
    refused = lab.nothing_changed(lambda: own.submit(f"{path}/roles", roles="729827e3-9c14-49f7-bb1b-9608f156bbb8"))

    assert made.status_code == 200
    assert "Daniel Tsai" in opened(own, "/organization/users")
    assert refused.status_code == 403


def test_a_customers_admin_sees_no_partner_pages(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    own = own_browser(lab, key, Role.CUSTOMER_GLOBAL_ADMIN)

    assert own.get("/customers").status_code == 403
    assert own.get(f"/customers/{key}").status_code == 403


def test_pages_of_another_partners_customer_are_closed(lab: Lab, partner: Partner, make_partner: MakePartner) -> None:
    key = partner.customer("Relecloud")["id"]
    other = browser(lab, make_partner("Other").actor)
    closed: dict[str, Any] = {
        path: other.get(path).status_code
        for path in (f"/customers/{key}", f"/customers/{key}/users", f"/customers/{key}/edit")
    }

    assert set(closed.values()) == {403}
