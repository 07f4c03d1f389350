"""The customer's pages: an invitation answered, its partners, and the end of a relationship on both sides."""

import csv
import html
import io
import re
from typing import Any

import httpx
import pytest

from openpartner.customers import models
from openpartner.customers.rules import AgreementType
from openpartner.identity.models import Tenant
from openpartner.partner import service as partner
from openpartner.partner.service import NewVersion
from openpartner.platform.permissions import Role
from openpartner.relationships import service
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink
from tests.relationships.customers import Customer, make_customer
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.relationships.test_reselling import accept, combined, count, direct, letter
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BASIC, Shop, line, open_shop

FORM = {
    "answer": "accept",
    "company_name": "Relecloud Inc.",
    "email": "gena@relecloud.example",
    "culture": "en-US",
    "address_line1": "1 Microsoft Way",
    "city": "Redmond",
    "state": "WA",
    "postal_code": "98052",
    "first_name": "Gena",
    "last_name": "Soto",
}


def page_of(link: ResellerLink) -> str:
    return f"/billingaccounts/partner-invitation?{link.query()}"


def text_of(answer: httpx.Response) -> str:
    """The words of a page, without its tags."""
    plain = re.sub(r"<(script|style|template)[^>]*>.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def opened(pages: AppClient, path: str, status: int = 200) -> str:
    answer = pages.get(path)
    assert answer.status_code == status, answer.text
    return text_of(answer)


# --- the way there


def test_the_originals_address_leads_to_the_invitation_and_keeps_what_it_says(lab: Lab) -> None:
    link = direct(make_partner(lab))

    answer = lab.client().get(link.url("https://localhost").partition("#")[0])

    assert (answer.status_code, answer.headers["location"].lower()) == (303, page_of(link).lower())


def test_the_older_address_leads_there_too(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)

    answer = lab.client().get(direct(seller).legacy_url(""))

    assert answer.status_code == 303
    assert "Contoso Partner asks to be your reseller" in opened(customer.pages, answer.headers["location"])


def test_a_link_with_nothing_but_a_fragment_opens_a_page_that_follows_it(lab: Lab) -> None:
    anonymous = lab.client()

    page = anonymous.get("/AdminPortal/Home")
    form = anonymous.get("/AdminPortal/Home?relationship=https://localhost/AdminPortal/Home%23/partners/x/abc-def")

    assert page.status_code == 200
    assert "data-follow-fragment" in page.text
    assert form.headers["location"] == "/partners/invitation/granularadminrelationships/abc-def"


def test_who_is_not_signed_in_signs_in_first_and_comes_back(lab: Lab) -> None:
    link = direct(make_partner(lab))

    answer = lab.client().get(page_of(link))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?return_to=%2Fbillingaccounts%2Fpartner-invitation%3Finv")


# --- deciding


def test_the_page_says_who_asks_for_what(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    customer = make_customer(lab)

    text = opened(customer.pages, page_of(combined(provider, reseller)))

    assert "Corner Shop asks to be your reseller" in text
    assert "Together with its indirect provider Distri" in text
    for who in (provider, reseller):
        assert f"Partner ID {who.partner_id}" in text
    assert "Location Redmond, United States" in text
    assert "Takes part as Indirect reseller" in text
    assert "Takes part as Indirect provider (distributor)" in text
    assert "Verified by the programme Verified" in text
    assert "It will not be able to" in text
    assert "See or change your users, groups, mail, files or settings." in text


def test_a_global_admin_accepts_on_the_page(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)

    answer = customer.pages.submit(page_of(direct(seller)), **FORM)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/partners/{seller.id}")
    assert "Reseller" in opened(customer.pages, f"/partners/{seller.id}")
    shown = seller.client.get(f"/v1/customers/{customer.id}").json()
    assert shown["billingProfile"]["defaultAddress"]["city"] == "Redmond"


def test_wrong_details_stand_beside_their_fields_and_nothing_happens(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)

    answer = lab.nothing_changed(
        lambda: customer.pages.submit(page_of(direct(seller)), **{**FORM, "email": "nobody", "state": "Nowhere"})
    )

    assert answer.status_code == 422
    assert "The email address must have the form name@domain." in text_of(answer)
    assert count(lab, models.Customer) == 0


def test_the_customer_agreement_is_a_step_of_the_page(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    with lab.begin() as uow:
        agreement = NewVersion(AgreementType.CUSTOMER.value, "2025-11", "Customer agreement", "First.\n\nSecond.")
        partner.publish_agreement_version(uow, agreement)

    assert "Customer agreement, version 2025-11 First. Second." in opened(customer.pages, page_of(direct(seller)))
    without = lab.nothing_changed(lambda: customer.pages.submit(page_of(direct(seller)), **FORM))
    with_it = customer.pages.submit(page_of(direct(seller)), **FORM, agreed="on")

    assert without.status_code == 422
    assert "Accept the customer agreement, or refuse the invitation." in text_of(without)
    assert with_it.status_code == 303
    assert len(lab.events("AgreementAccepted")) == 1


def test_a_global_admin_refuses_on_the_page_with_a_reason(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)

    answer = customer.pages.submit(page_of(direct(seller)), answer="refuse", reason="Not now.")

    assert (answer.status_code, answer.headers["location"]) == (303, "/partners")
    assert "Refused" in opened(customer.pages, "/partners")
    assert "Not now." in opened(customer.pages, "/partners")
    assert count(lab, models.Customer) == 0


def test_an_invitation_with_administration_leads_on_to_its_approval(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    with lab.begin(seller.admin) as uow:
        sent = service.invite_customers(uow, direct(seller), letter(), "https://localhost")[0]
        sent.granular_id = f"{sent.id}-{seller.id}"
        link, granular = direct(seller).of_invitation(sent.id), sent.granular_id

    answer = customer.pages.submit(page_of(link), **FORM)

    assert answer.headers["location"] == f"/partners/invitation/granularadminrelationships/{granular}"


@pytest.mark.parametrize(
    ("case", "status", "words"),
    [
        ("broken", 400, "This invitation link is not complete."),
        ("unknown", 404, "was not found"),
        ("region", 403, "is not in it. Look for a partner of your region."),
        ("already", 409, "is your reseller already"),
        ("withdrawn", 409, "was withdrawn before"),
        ("partner", 403, "Sign in as a Global admin of the company that was invited."),
    ],
)
def test_an_invitation_that_cannot_be_accepted_says_why(lab: Lab, case: str, status: int, words: str) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    pages, path = customer.pages, page_of(direct(seller))
    if case == "broken":
        path = "/billingaccounts/partner-invitation?invType=ResellerRelationship"
    elif case == "unknown":
        path = page_of(ResellerLink(LinkKind.DIRECT, customer.id))
    elif case == "region":
        pages = make_customer(lab, "Hanse", "DE").pages
    elif case == "already":
        accept(lab, customer, direct(seller))
    elif case == "withdrawn":
        with lab.begin(seller.admin) as uow:
            key = service.invite_customers(uow, direct(seller), letter(), "https://localhost")[0].id
            service.withdraw_customer_invitation(uow, key)
        path = page_of(direct(seller).of_invitation(key))
    elif case == "partner":
        pages = seller.pages

    text = opened(pages, path, status)

    assert "This invitation cannot be accepted" in text
    assert words in text


def test_a_billing_admin_reads_the_invitation_and_cannot_answer_it(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    pages = browser(lab, lab.user(customer.tenant, Role.CUSTOMER_BILLING_ADMIN))

    text = opened(pages, page_of(direct(seller)))
    answer = lab.nothing_changed(lambda: pages.submit(page_of(direct(seller)), **FORM))

    assert "Only a Global admin of your organization can answer." in text
    assert "Accept and continue" not in text
    assert answer.status_code == 403


# --- its partners


def test_a_customer_sees_each_partner_with_kind_since_when_and_what_it_can_do(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    seller, customer = make_partner(lab), make_customer(lab)
    accept(lab, customer, direct(seller))
    accept(lab, customer, combined(provider, reseller))

    rows = list(csv.reader(io.StringIO(customer.pages.get("/partners?format=csv").content.decode("utf-8-sig"))))

    assert [row[:4] for row in rows] == [
        ["Partner", "Relationship", "What it can do", "Since"],
        ["Contoso Partner", "Reseller", "Buys and bills for you.", "2026-01-15"],
        ["Corner Shop", "Indirect reseller", "Sells to you through its provider.", "2026-01-15"],
        ["Distri", "Indirect provider", "Buys and bills what the reseller sells.", "2026-01-15"],
    ]
    assert customer.pages.get("/partners?format=xlsx").content[:2] == b"PK"
    filtered = opened(customer.pages, "/partners?kind=Indirect+reseller").partition("Invitations you answered")[0]
    assert "Corner Shop" in filtered
    assert "Contoso Partner" not in filtered
    assert "Distri" in opened(customer.pages, f"/partners?q={provider.partner_id}")
    assert "Together with Distri ." in opened(customer.pages, f"/partners/{reseller.id}")


def test_a_customer_without_partners_is_told_how_one_comes(lab: Lab) -> None:
    customer = make_customer(lab)

    assert "No partner yet" in opened(customer.pages, "/partners")
    assert customer.pages.get(f"/partners/{make_partner(lab).id}").status_code == 404
    assert make_partner(lab, "Other").pages.get("/partners").status_code == 403


# --- the end


def shop_and_customer(lab: Lab) -> tuple[Shop, Customer]:
    shop = open_shop(lab)
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, shop.customer_id)
    return shop, Customer(lab, tenant, lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN))


def suspend(shop: Shop, held: dict[str, Any]) -> None:
    """Suspend a subscription; of an Azure plan the Azure subscriptions are cancelled first."""
    url = f"{shop.url}/subscriptions/{held['id']}"
    if held["offerName"] == "Azure plan":
        for each in shop.client.get(f"{url}/azureentitlements").json()["items"]:
            shop.client.post(f"{url}/azureentitlements/{each['id']}/cancel", {"cancellationReason": "Compromise"})
    assert shop.client.patch(url, {**held, "status": "suspended"}).status_code == 200


def test_each_precondition_is_explained_with_links_until_nothing_is_left(lab: Lab) -> None:
    shop, customer = shop_and_customer(lab)
    shop.order(line(BASIC, 2))
    shop.order(line(AZURE_PLAN, 1, term=None))
    pages = browser(lab, shop.agent)
    subscriptions = shop.client.get(f"{shop.url}/subscriptions").json()["items"]
    path = f"/customers/{shop.customer_id}/end"

    before = lab.nothing_changed(lambda: pages.get(path))
    refused = lab.nothing_changed(lambda: pages.submit(path))
    for each in subscriptions:
        suspend(shop, each)
    after = text_of(pages.get(path))
    ended = pages.submit(path)

    text = text_of(before)
    assert "Active subscriptions 1 open item Suspend or cancel each of them." in text
    assert "Azure plan 1 open item Cancel its Azure subscriptions, then suspend the plan." in text
    assert "Reservations and savings plans Done" in text
    for each in subscriptions:
        assert f"/customers/{shop.customer_id}/subscriptions/{each['id']}" in before.text
    assert "Do first what is listed above." in text
    assert refused.status_code == 400
    assert "Active subscriptions Done" in after
    assert "The customer leaves your list of customers" in after
    assert (ended.status_code, ended.headers["location"]) == (303, "/customers")
    assert shop.client.get(shop.url).status_code == 403
    assert [mail.subject for mail in lab.mails(customer.admin.name)] == ["Contoso Partner is no longer your reseller"]


def test_a_customer_ends_it_by_the_same_rules(lab: Lab) -> None:
    shop, customer = shop_and_customer(lab)
    shop.order(line(BASIC, 2))
    root = f"/partners/{shop.partner.id}/relationships/{shop.customer.commerce_id}/end"

    blocked = opened(customer.pages, root)
    refused = lab.nothing_changed(lambda: customer.pages.submit(root))
    held = shop.client.get(f"{shop.url}/subscriptions").json()["items"][0]
    suspend(shop, held)
    ended = customer.pages.submit(root)

    assert "Active subscriptions 1 open item Ask Contoso Partner: suspend or cancel each of them." in blocked
    assert refused.status_code == 400
    assert (ended.status_code, ended.headers["location"]) == (303, "/partners")
    [fact] = lab.events("ResellerRelationshipEnded")
    assert (fact["operationType"], fact["actor"]["name"]) == (
        "remove_partner_customer_relationship",
        customer.admin.name,
    )
    assert shop.client.get(shop.url).status_code == 403
    assert "Contoso Partner" not in opened(customer.pages, "/partners?q=Contoso")
    told = [mail.subject for mail in lab.mails(shop.agent.name)]
    assert told == ["Relecloud has ended the reseller relationship"]


def test_the_older_delegated_administration_goes_with_it(lab: Lab) -> None:
    shop, customer = shop_and_customer(lab)
    with lab.begin() as uow:
        uow.db.get_one(models.Customer, shop.customer.commerce_id).allow_delegated_access = True
    pages = browser(lab, shop.agent)

    warned = opened(pages, f"/customers/{shop.customer_id}/end")
    shop.client.patch(shop.url, {"relationshipToPartner": "none"})

    assert "Delegated administration of the older kind ends with it, at once." in warned
    [fact] = lab.events("DelegatedAccessRemoved")
    assert fact["operationType"] == "dap_admin_relationship_terminated"
    with lab.read() as uow:
        row = uow.db.get_one(models.Customer, shop.customer.commerce_id)
        assert (row.relationship, row.allow_delegated_access) == ("none", False)
    assert customer.pages.get("/partners").status_code == 200


def test_a_customer_takes_off_the_reseller_and_keeps_the_provider(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    customer = make_customer(lab)
    commerce_id = accept(lab, customer, combined(provider, reseller))
    root = f"/partners/{reseller.id}/relationships/{commerce_id}/end"

    asked = opened(customer.pages, root)
    customer.pages.submit(root)

    assert "Corner Shop no longer sees your organization" in asked
    assert provider.client.get(f"/v1/customers/{customer.id}").status_code == 200
    assert reseller.client.get(f"/v1/customers/{customer.id}").status_code == 403
    facts = lab.events("IndirectResellerRemoved")
    assert {fact["partnerId"] for fact in facts} == {str(provider.id), str(reseller.id)}
    assert "Relecloud has removed Corner Shop" in [mail.subject for mail in lab.mails(reseller.admin.name)]


def test_who_may_not_end_is_told_so(lab: Lab) -> None:
    shop, customer = shop_and_customer(lab)
    billing = browser(lab, lab.user(customer.tenant, Role.CUSTOMER_BILLING_ADMIN))
    agent = browser(lab, lab.user(shop.partner, Role.ADMIN_AGENT))
    stranger = make_partner(lab, "Stranger")
    root = f"/partners/{shop.partner.id}/relationships/{shop.customer.commerce_id}/end"

    def status(pages: AppClient, path: str) -> Any:
        return lab.nothing_changed(lambda: pages.submit(path)).status_code

    assert status(billing, root) == 403
    assert status(agent, f"/customers/{shop.customer_id}/end") == 403
    assert status(stranger.pages, f"/customers/{shop.customer_id}/end") == 403
    assert status(make_customer(lab, "Other").pages, root) == 404
    assert billing.get(root).status_code == 403
    assert agent.get(f"/customers/{shop.customer_id}/end").status_code == 403


def test_partners_of_the_indirect_kind_are_listed_with_the_invitation_kept(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    customer = make_customer(lab)
    customer.pages.submit(page_of(combined(provider, reseller)), **FORM)

    with lab.read() as uow:
        [row] = uow.db.query(ResellerInvitation).all()
        assert (row.partner_id, row.provider_id, row.state) == (reseller.id, provider.id, "accepted")
    assert isinstance(reseller, Partner)
