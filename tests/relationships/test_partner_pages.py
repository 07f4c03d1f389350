"""The partner's pages: asking customers, its relationships, its resellers and providers."""

import csv
import html
import io
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from openpartner.partner import service as partner
from openpartner.partner.rules import PartnerKind
from openpartner.partner.service import NewVersion
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.partnerships import PartnershipInvitation
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.rules.invitations import written
from tests.relationships.customers import make_customer
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.relationships.test_customer_pages import opened, text_of
from tests.relationships.test_reselling import accept, combined, direct
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab

MAIL = {"recipients": "a@one.example, b@two.example", "subject": "Work with us", "text": "Please accept."}


def value_of(page: httpx.Response, field: str) -> str:
    """What a text field or area holds."""
    found = re.search(rf'id="{field}"[^>]*value="([^"]*)"', page.text) or re.search(
        rf'id="{field}"[^>]*>([^<]*)</textarea>', page.text
    )
    assert found is not None, field
    return html.unescape(found.group(1))


def file_of(pages: AppClient, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(pages.get(path).content.decode("utf-8-sig"))))


def invitations(lab: Lab) -> list[ResellerInvitation]:
    with lab.read() as uow:
        return uow.db.query(ResellerInvitation).order_by(ResellerInvitation.recipient).all()


# --- asking a customer


def test_the_page_shows_the_fixed_link_and_a_mail_to_edit(lab: Lab) -> None:
    seller = make_partner(lab)

    page = seller.pages.get("/customers/invitations/new")

    assert value_of(page, "link") == direct(seller).url("https://localhost")
    assert value_of(page, "legacy-link") == direct(seller).legacy_url("https://localhost")
    assert value_of(page, "subject") == "Contoso Partner would like to be your reseller"
    assert "accept the reseller relationship" in value_of(page, "text")


def test_invitations_are_sent_listed_and_withdrawn(lab: Lab) -> None:
    seller = make_partner(lab)

    sent = seller.pages.submit("/customers/invitations/new", **MAIL)
    first = invitations(lab)[0]
    shown = opened(seller.pages, f"/customers/invitations/{first.id}")
    withdrawn = seller.pages.submit(f"/customers/invitations/{first.id}/withdraw")

    assert (sent.status_code, sent.headers["location"]) == (303, "/customers/invitations")
    assert "Please accept." in shown
    assert f"invitationId={first.id}" in shown
    assert withdrawn.status_code == 303
    assert [(row.recipient, row.state) for row in invitations(lab)] == [
        ("a@one.example", "withdrawn"),
        ("b@two.example", "sent"),
    ]
    assert file_of(seller.pages, "/customers/invitations?format=csv")[0][:2] == ["Invited", "State"]
    assert "a@one.example" not in opened(seller.pages, "/customers/invitations?state=sent")
    assert "b@two.example" in opened(seller.pages, "/customers/invitations?q=TWO")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recipients": ""}, "Name at least one email address."),
        ({"recipients": "nobody"}, "nobody is not an email address: write name@domain."),
        ({"subject": " "}, "The subject must have 1 to 200 characters."),
        ({"text": "See https://elsewhere.example"}, "Leave addresses out of the text"),
        ({"administration": "own"}, "Choose at least one role."),
        ({"administration": "Simple", "duration": "900"}, "Give a whole number of days from 1 to 730."),
        ({"reseller": "00000000-0000-4000-8000-000000000000"}, "Only an indirect provider asks for one of its"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(lab: Lab, fields: dict[str, str], words: str) -> None:
    seller = make_partner(lab)
    given = {**MAIL, "name": "Care", "duration": "30", **fields}

    answer = lab.nothing_changed(lambda: seller.pages.submit("/customers/invitations/new", **given))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert lab.mails() == []


def test_administration_is_asked_for_with_it(lab: Lab) -> None:
    seller = make_partner(lab)

    answer = seller.pages.submit(
        "/customers/invitations/new", **MAIL, administration="Simple", name="Care", duration="30"
    )

    assert answer.status_code == 303
    with lab.read() as uow:
        rows = uow.db.query(AdminRelationship).order_by(AdminRelationship.name_key).all()
        assert [(row.display_name, row.duration, row.status.value) for row in rows] == [
            ("Care 1", "P30D", "approvalPending"),
            ("Care 2", "P30D", "approvalPending"),
        ]
    assert all(row.granular_id for row in invitations(lab))


def test_a_reseller_names_its_provider(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)

    first = reseller.pages.get("/customers/invitations/new")
    chosen = reseller.pages.get(f"/customers/invitations/new?provider={provider.id}")
    without = lab.nothing_changed(lambda: reseller.pages.submit("/customers/invitations/new", **MAIL))
    sent = reseller.pages.submit("/customers/invitations/new", **MAIL, provider=str(provider.id))

    assert "Indirect provider" in text_of(first)
    assert 'id="link"' not in first.text
    assert value_of(chosen, "link") == combined(provider, reseller).url("https://localhost")
    assert without.status_code == 422
    assert sent.status_code == 303
    assert [(row.partner_id, row.provider_id) for row in invitations(lab)] == [(reseller.id, provider.id)] * 2


def test_a_provider_asks_for_its_reseller_and_the_reseller_sees_the_invitation(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)

    provider.pages.submit("/customers/invitations/new", **MAIL, reseller=str(reseller.id))

    assert "a@one.example" in opened(reseller.pages, "/customers/invitations")
    row = invitations(lab)[0]
    refused = lab.nothing_changed(lambda: reseller.pages.submit(f"/customers/invitations/{row.id}/withdraw"))
    assert refused.status_code == 404


def test_who_sees_which_invitation(lab: Lab) -> None:
    seller, other = make_partner(lab), make_partner(lab, "Other")
    seller.pages.submit("/customers/invitations/new", **MAIL)
    row = invitations(lab)[0]
    helpdesk = browser(lab, lab.user(seller.tenant, Role.HELPDESK_AGENT))

    assert other.pages.get(f"/customers/invitations/{row.id}").status_code == 404
    assert "No invitation yet" in opened(other.pages, "/customers/invitations")
    assert helpdesk.get("/customers/invitations").status_code == 403
    assert helpdesk.get("/customers/invitations/new").status_code == 403


# --- relationships


def test_relationships_list_what_goes_on_and_what_ended(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    ours, over = make_customer(lab, "Alpha"), make_customer(lab, "Beta")
    accept(lab, ours, combined(provider, reseller))
    accept(lab, over, direct(provider))
    provider.client.patch(f"/v1/customers/{over.id}", {"relationshipToPartner": "none"})

    of_provider = file_of(provider.pages, "/customers/relationships?format=csv")
    of_reseller = file_of(reseller.pages, "/customers/relationships?format=csv")

    assert [row[:6] for row in of_provider] == [
        ["Customer", "State", "You are its", "Together with", "Since", "Until"],
        ["Alpha", "Active", "Reseller", "For Corner Shop", "2026-01-15", ""],
        ["Beta", "Ended", "Reseller", "", "2026-01-15", "2026-01-15"],
    ]
    assert [row[:4] for row in of_reseller[1:]] == [["Alpha", "Active", "Indirect reseller", "Through Distri"]]
    ended = opened(provider.pages, "/customers/relationships?state=ended")
    assert "Beta" in ended
    assert "Alpha" not in ended
    assert f"/customers/{ours.id}/end" in provider.pages.get("/customers/relationships").text
    assert f"/customers/{ours.id}/end" not in reseller.pages.get("/customers/relationships").text


def test_relationships_page_by_key_in_both_directions(lab: Lab) -> None:
    seller = make_partner(lab)
    for number in range(55):
        accept(lab, make_customer(lab, f"Customer {number:02}"), direct(seller))

    first = seller.pages.get("/customers/relationships")
    following = re.search(r'href="([^"]*after=[^"]*)"', first.text)
    assert following is not None
    second = seller.pages.get(html.unescape(following.group(1)))

    assert "Customer 49" in first.text
    assert "Customer 50" not in first.text
    assert "Customer 54" in second.text
    assert "before=" in second.text


# --- indirect resellers and providers


def test_a_provider_invites_and_the_reseller_accepts_on_its_page(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)

    sent = provider.pages.submit("/indirect-resellers/invite", **{**MAIL, "recipients": "boss@corner.example"})
    with lab.read() as uow:
        key = uow.db.query(PartnershipInvitation).one().id
    page = opened(reseller.pages, f"/indirect-providers/invitation/{key}")
    accepted = reseller.pages.submit(f"/indirect-providers/invitation/{key}", answer="accept")

    assert sent.status_code == 303
    assert "Distri invites you to sell together" in page
    assert f"Partner ID {provider.partner_id}" in page
    assert (accepted.status_code, accepted.headers["location"]) == (303, f"/indirect-providers/{provider.id}")
    with lab.read() as uow:
        assert queries.are_partners(uow, provider.id, reseller.id)
    listed = file_of(provider.pages, "/indirect-resellers?format=csv")
    assert listed[1][:4] == ["Corner Shop", reseller.partner_id, "0", "Active"]
    assert "Distri" in opened(reseller.pages, "/indirect-providers")
    assert "Accepted" in opened(provider.pages, "/indirect-resellers/invitations")


def invite(lab: Lab, provider: Partner) -> UUID:
    with lab.begin(provider.admin) as uow:
        letter = written(["boss@corner.example"], "Work with us", "Please accept.")
        return service.invite_indirect_resellers(uow, letter, "https://localhost")[0].id


def test_a_reseller_is_told_what_is_missing_before_it_can_accept(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    path = f"/indirect-providers/invitation/{invite(lab, provider)}"
    with lab.begin() as uow:
        partner.publish_agreement_version(
            uow, NewVersion("MicrosoftPartnerAgreement", "9.0", "Partner agreement", "Text.")
        )

    page = opened(reseller.pages, path)
    refused = lab.nothing_changed(lambda: reseller.pages.submit(path, answer="accept"))

    assert "has not signed the partner agreement" in page
    assert "A Global admin accepts it under Agreements." in page
    assert refused.status_code == 422


def test_a_reseller_refuses_with_a_reason(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    path = f"/indirect-providers/invitation/{invite(lab, provider)}"

    answer = reseller.pages.submit(path, answer="refuse", reason="We have one.")

    assert (answer.status_code, answer.headers["location"]) == (303, "/indirect-providers")
    assert "We have one." in opened(provider.pages, "/indirect-resellers/invitations")
    assert "was refused before" in opened(reseller.pages, path)


def test_who_opens_an_invitation_of_a_partnership(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    path = f"/indirect-providers/invitation/{invite(lab, provider)}"
    agent = browser(lab, lab.user(reseller.tenant, Role.ADMIN_AGENT))

    assert agent.get(path).status_code == 403
    assert make_customer(lab).pages.get(path).status_code in {403, 404}
    assert "Only an active indirect reseller accepts" in opened(make_partner(lab).pages, path)
    unknown = "/indirect-providers/invitation/00000000-0000-4000-8000-000000000000"
    assert reseller.pages.get(unknown).status_code == 404


def test_a_partner_page_shows_the_customers_together_and_ends_the_partnership(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    accept(lab, make_customer(lab, "Alpha"), combined(provider, reseller))
    accept(lab, make_customer(lab, "Beta"), direct(provider))

    page = opened(provider.pages, f"/indirect-resellers/{reseller.id}")
    ended = provider.pages.submit(f"/indirect-resellers/{reseller.id}/end")

    assert "Alpha" in page
    assert "Beta" not in page
    assert "1 customer" in page
    assert ended.status_code == 303
    assert "Ended" in opened(provider.pages, f"/indirect-resellers/{reseller.id}")
    assert "Ended" in opened(reseller.pages, f"/indirect-providers/{provider.id}")
    assert "Alpha" in opened(reseller.pages, "/customers")


def test_the_navigation_offers_each_kind_of_partner_what_it_has(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)

    def offered(pages: AppClient) -> set[str]:
        text = pages.get("/customers/relationships").text
        return {path for path in ("/indirect-resellers", "/indirect-providers") if f'href="{path}"' in text}

    assert offered(provider.pages) == {"/indirect-resellers"}
    assert offered(reseller.pages) == {"/indirect-providers"}
    assert offered(make_partner(lab).pages) == set()
    assert "Only indirect providers have resellers" in opened(make_partner(lab, "Another").pages, "/indirect-resellers")


def test_lists_search_filter_and_sort_partners(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    other = make_partner(lab, "Bazaar", PartnerKind.INDIRECT_RESELLER)
    with lab.begin() as uow:
        scene.partnership(uow, provider.id, other.id)
    with lab.begin(provider.admin) as uow:
        service.end_partnership(uow, other.id)

    def names(query: str) -> list[Any]:
        return [row[0] for row in file_of(provider.pages, f"/indirect-resellers?format=csv{query}")[1:]]

    assert names("") == ["Bazaar", "Corner Shop"]
    assert names("&sort=-name") == ["Corner Shop", "Bazaar"]
    assert names("&state=active") == ["Corner Shop"]
    assert names(f"&q={reseller.partner_id}") == ["Corner Shop"]
    assert names("&q=baz") == ["Bazaar"]
