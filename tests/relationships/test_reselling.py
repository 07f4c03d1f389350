"""A customer and its reseller end to end: link, mail, consent or refusal; through use cases and over the wire."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select

from openpartner.customers import models, queries
from openpartner.customers.rules import AgreementContact, AgreementType
from openpartner.customers.service import BillingDetails
from openpartner.identity.models import DirectoryRoleAssignment
from openpartner.partner import service as partner
from openpartner.partner.models import PartnerAccount
from openpartner.partner.rules import AccountState, PartnerKind
from openpartner.partner.service import NewVersion
from openpartner.platform.actor import Actor, RoleNeeded
from openpartner.platform.addresses import Address
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.permissions import Role
from openpartner.relationships import service
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.rules import reselling as rules
from openpartner.relationships.rules.granular_consent import OwnAdministratorNeeded
from openpartner.relationships.rules.granular_terms import WantedTerms
from openpartner.relationships.rules.invitations import InvitationClosed, Letter, written
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink, read_link
from tests.relationships.customers import Customer, make_customer
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.support import scene
from tests.support.lab import Lab

HELPDESK_ADMINISTRATOR = UUID("729827e3-9c14-49f7-bb1b-9608f156bbb8")
ORIGIN = "https://localhost"
CONTACT = AgreementContact("Gena", "Soto", "gena@relecloud.example")
HOME = Address(
    "US", "1 Microsoft Way", city="Redmond", state="WA", postal_code="98052", first_name="Gena", last_name="Soto"
)
DETAILS = BillingDetails("Relecloud Inc.", "gena@relecloud.example", "en-US", "en", HOME)


def direct(partner: Partner) -> ResellerLink:
    return ResellerLink(LinkKind.DIRECT, partner.id)


def combined(provider: Partner, reseller: Partner) -> ResellerLink:
    return ResellerLink(LinkKind.INDIRECT, reseller.id, reseller.partner_id, provider.id)


def letter(*recipients: str) -> Letter:
    return written(recipients or ("gena@relecloud.example",), "Work with us", "Please accept.")


def accept(lab: Lab, customer: Customer, link: ResellerLink, **given: Any) -> UUID:
    with lab.begin(customer.admin) as uow:
        return service.accept_reseller_relationship(uow, link, **given).commerce_id


def refused(lab: Lab, actor: Actor, use_case: Any, *arguments: Any, **given: Any) -> DomainError:
    """The refusal, once it is clear that nothing happened."""
    before, customers = lab.events(), count(lab, models.Customer)
    with pytest.raises(DomainError) as refusal, lab.begin(actor) as uow:
        use_case(uow, *arguments, **given)
    assert (lab.events(), count(lab, models.Customer)) == (before, customers)
    return refusal.value


def count(lab: Lab, model: Any) -> int:
    with lab.read() as uow:
        return uow.db.scalar(select(func.count()).select_from(model)) or 0


def publish_customer_agreement(lab: Lab) -> UUID:
    with lab.begin() as uow:
        return partner.publish_agreement_version(
            uow, NewVersion(AgreementType.CUSTOMER.value, "2025-11", "Customer agreement", "Text.")
        ).id


# --- asking


def test_the_wire_gives_the_link_of_each_kind_of_partner(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    seller = make_partner(lab)

    def url(who: Partner, query: str = "") -> str:
        answer = who.client.get(f"/v1/customers/relationshiprequests{query}")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["attributes"] == {"objectType": "RelationshipRequest"}
        return str(body["url"])

    assert url(seller, "?dualRoleIndirectRelationship=false") == direct(seller).url(ORIGIN)
    assert url(provider) == direct(provider).url(ORIGIN)
    assert url(reseller) == (
        f"{ORIGIN}/Adminportal/Home?invType=IndirectResellerRelationship&partnerId={reseller.id}"
        f"&msppId={reseller.partner_id}&DAP=false#/BillingAccounts/partner-invitation"
    )
    both = combined(provider, reseller).url(ORIGIN)
    assert url(reseller, f"?indirectCloudSolutionProviderId={provider.id}") == both
    assert url(reseller, f"?IndirectCloudSolutionProviderId={provider.id}&dualRoleIndirectRelationship=True") == both
    assert url(provider, f"?indirectResellerId={reseller.id}") == both


@pytest.mark.parametrize(
    ("by", "query", "status"),
    [
        ("seller", "indirectCloudSolutionProviderId={provider}", 400),
        ("seller", "dualRoleIndirectRelationship=true", 400),
        ("seller", "dualRoleIndirectRelationship=maybe", 400),
        ("seller", "indirectResellerId={reseller}", 400),
        ("reseller", "indirectCloudSolutionProviderId={seller}", 403),
        ("reseller", "indirectCloudSolutionProviderId=distri", 400),
        ("provider", "indirectResellerId={seller}", 400),
        ("provider", "indirectResellerId=00000000-0000-4000-8000-000000000000", 400),
    ],
)
def test_a_question_that_fits_nobody_is_refused(lab: Lab, by: str, query: str, status: int) -> None:
    provider, reseller = provider_and_reseller(lab)
    who = {"provider": provider, "reseller": reseller, "seller": make_partner(lab)}
    asked = query.format(**{name: each.id for name, each in who.items()})

    answer = who[by].client.get(f"/v1/customers/relationshiprequests?{asked}")

    assert (answer.status_code, answer.json()["code"]) == (status, 900150 if status == 403 else 800002)


def test_a_partner_that_may_not_sell_gets_no_link(lab: Lab) -> None:
    seller = make_partner(lab)
    with lab.begin() as uow:
        uow.db.get_one(PartnerAccount, seller.id).state = AccountState.SUSPENDED

    answer = seller.client.get("/v1/customers/relationshiprequests")

    assert (answer.status_code, answer.json()["code"]) == (403, 900149)


def test_an_invitation_is_a_mail_with_text_and_marked_link(lab: Lab) -> None:
    seller = make_partner(lab)

    with lab.begin(seller.admin) as uow:
        sent = service.invite_customers(uow, direct(seller), letter(), ORIGIN)[0]
        key = sent.id

    [mail] = lab.mails("gena@relecloud.example")
    assert mail.text == f"Please accept.\n\n{direct(seller).of_invitation(key).url(ORIGIN)}\n"
    assert lab.events("CustomerInvited")[0]["after"] == {"recipient": "gena@relecloud.example"}


def test_an_invitation_asks_for_administration_too(lab: Lab) -> None:
    seller = make_partner(lab)
    wanted = WantedTerms(display_name="Care", duration="P90D", roles=frozenset({HELPDESK_ADMINISTRATOR}))

    with lab.begin(seller.admin) as uow:
        sent = service.invite_customers(
            uow, direct(seller), letter("a@one.example", "b@two.example"), ORIGIN, administration=wanted
        )
        granular = {each.recipient: each.granular_id for each in sent}

    with lab.read() as uow:
        rows = uow.db.scalars(select(AdminRelationship).order_by(AdminRelationship.name_key)).all()
        assert [(row.display_name, row.status.value) for row in rows] == [
            ("Care 1", "approvalPending"),
            ("Care 2", "approvalPending"),
        ]
    [mail] = lab.mails("b@two.example")
    path = f"/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{granular['b@two.example']}"
    assert mail.text.endswith(f"Then approve the administration:\n{ORIGIN}{path}\n")


def test_a_sales_agent_asks_for_the_relationship_but_not_for_administration(lab: Lab) -> None:
    seller = make_partner(lab)
    agent = lab.user(seller.tenant, Role.SALES_AGENT)
    wanted = WantedTerms(display_name="Care", duration="P90D", roles=frozenset({HELPDESK_ADMINISTRATOR}))

    error = refused(lab, agent, service.invite_customers, direct(seller), letter(), ORIGIN, administration=wanted)
    with lab.begin(agent) as uow:
        service.invite_customers(uow, direct(seller), letter(), ORIGIN)

    assert isinstance(error, RoleNeeded)
    assert len(lab.mails("gena@relecloud.example")) == 1


# --- consenting


def test_a_customer_accepts_and_both_sides_see_it(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)

    commerce_id = accept(lab, customer, direct(seller), details=DETAILS)

    shown = seller.client.get(f"/v1/customers/{customer.id}").json()
    assert (shown["commerceId"], shown["relationshipToPartner"]) == (str(commerce_id), "reseller")
    assert shown["companyProfile"]["companyName"] == "Relecloud Inc."
    assert shown["billingProfile"]["email"] == "gena@relecloud.example"
    assert shown["allowDelegatedAccess"] is False
    with lab.read(customer.admin) as uow:
        [row] = queries.relationships_of(uow, customer.id)
        assert (row.partner_id, row.reseller_id, row.review) == (seller.id, None, "Allowed")
    [fact] = lab.events("ResellerRelationshipAcceptedByCustomer")
    assert (fact["partnerId"], fact["customerId"]) == (str(seller.id), str(customer.id))
    assert (fact["resourceType"], fact["resourceId"]) == ("customer", str(customer.id))
    assert fact["operationType"] == "reseller_relationship_accepted_by_customer"
    assert fact["actor"]["name"] == customer.admin.name
    assert lab.events("CustomerCreated")[0]["data"]["made_tenant"] is False
    assert [mail.subject for mail in lab.mails(seller.admin.name)] == [
        "Relecloud Inc. has accepted the reseller relationship"
    ]


def test_a_combined_invitation_makes_the_customer_accept_both(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    customer = make_customer(lab)

    accept(lab, customer, combined(provider, reseller), details=DETAILS)

    for who in (provider, reseller):
        listed = who.client.get("/v1/customers").json()["items"]
        assert [item["id"] for item in listed] == [str(customer.id)]
    assert provider.client.get(f"/v1/customers/{customer.id}").json()["associatedPartnerId"] == str(reseller.id)
    told = {fact["partnerId"] for fact in lab.events("ResellerRelationshipAcceptedByCustomer")}
    assert told == {str(provider.id), str(reseller.id)}


def test_a_providers_own_customer_gets_the_reseller_by_consent(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    customer = make_customer(lab)
    first = accept(lab, customer, direct(provider), details=DETAILS)

    second = accept(lab, customer, combined(provider, reseller))

    assert second == first
    assert [item["id"] for item in reseller.client.get("/v1/customers").json()["items"]] == [str(customer.id)]
    assert len(lab.events("CustomerCreated")) == 1


def test_a_second_reseller_of_the_same_provider_waits_for_the_first_to_go(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    other = make_partner(lab, "Bazaar", PartnerKind.INDIRECT_RESELLER)
    customer = make_customer(lab)
    with lab.begin() as uow:
        scene.partnership(uow, provider.id, other.id)
    accept(lab, customer, combined(provider, reseller), details=DETAILS)

    error = refused(lab, customer.admin, service.accept_reseller_relationship, combined(provider, other))

    assert isinstance(error, rules.ProviderHasOtherReseller)


def test_an_ended_relationship_opens_again_with_the_same_key(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    first = accept(lab, customer, direct(seller), details=DETAILS)
    ended = seller.client.patch(f"/v1/customers/{customer.id}", {"relationshipToPartner": "none"})
    lab.advance(timedelta(days=3))

    second = accept(lab, customer, direct(seller))

    assert ended.status_code == 200
    assert second == first
    with lab.read() as uow:
        row = uow.db.get_one(models.Customer, first)
        assert (row.relationship, row.since_at, row.ended_at) == ("reseller", lab.now, None)
    found = seller.client.get("/v1/customers").json()["items"]
    assert [item["companyProfile"]["companyName"] for item in found] == ["Relecloud Inc."]
    assert len(lab.events("ResellerRelationshipAcceptedByCustomer")) == 2


def test_what_another_partner_knows_of_the_customer_is_offered_and_can_be_corrected(lab: Lab) -> None:
    first, second = make_partner(lab), make_partner(lab, "Second")
    customer = make_customer(lab)
    accept(lab, customer, direct(first), details=DETAILS)

    with lab.read(customer.admin) as uow:
        offer = service.open_offer(uow, direct(second))
        assert offer.details == BillingDetails(
            "Relecloud Inc.", "gena@relecloud.example", "en-US", "en", HOME, "Gena", "Soto"
        )
    changed = BillingDetails("Relecloud West", "west@relecloud.example", "en-US", "en", HOME)
    accept(lab, customer, direct(second), details=changed)

    assert second.client.get(f"/v1/customers/{customer.id}").json()["billingProfile"]["companyName"] == "Relecloud West"
    assert first.client.get(f"/v1/customers/{customer.id}").json()["billingProfile"]["companyName"] == "Relecloud Inc."


def test_details_are_checked_as_for_a_new_customer(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    wrong = BillingDetails("", "nobody", "en-US", "en", Address("US", first_name="A", last_name="B"))

    error = refused(lab, customer.admin, service.accept_reseller_relationship, direct(seller), details=wrong)

    assert isinstance(error, InvalidFields)
    assert {"company_name", "email", "address_line1", "city", "state", "postal_code"} == set(error.problems)


def test_the_customer_agreement_is_accepted_with_it_when_none_is_on_file(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    template_id = publish_customer_agreement(lab)

    error = refused(lab, customer.admin, service.accept_reseller_relationship, direct(seller), details=DETAILS)
    accept(lab, customer, direct(seller), details=DETAILS, contact=CONTACT)

    assert error.code == 13605
    [fact] = lab.events("AgreementAccepted")
    assert fact["partnerId"] == str(seller.id)
    assert (fact["data"]["template_id"], fact["data"]["direct"]) == (str(template_id), True)
    second = make_partner(lab, "Second")
    with lab.read(customer.admin) as uow:
        assert service.open_offer(uow, direct(second)).agreement is None
    accept(lab, customer, direct(second))
    assert len(lab.events("AgreementAccepted")) == 1


def test_a_refusal_is_told_to_the_partner_with_its_reason(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    with lab.begin(seller.admin) as uow:
        key = service.invite_customers(uow, direct(seller), letter(), ORIGIN)[0].id

    with lab.begin(customer.admin) as uow:
        service.refuse_reseller_relationship(uow, direct(seller).of_invitation(key), " Too dear. ")

    [mail] = lab.mails(seller.admin.name)
    assert (mail.subject, mail.text) == ("Relecloud has refused the reseller relationship", "Too dear.")
    [fact] = lab.events("ResellerRelationshipRefusedByCustomer")
    assert (fact["partnerId"], fact["data"]["reason"], fact["after"]["state"]) == (
        str(seller.id),
        "Too dear.",
        "refused",
    )
    assert count(lab, models.Customer) == 0
    with lab.read(seller.admin) as uow:
        row = uow.db.get_one(ResellerInvitation, key)
        assert (row.state, row.customer_id, row.customer_name, row.reason) == (
            "refused",
            customer.id,
            "Relecloud",
            "Too dear.",
        )


def test_the_answer_to_a_plain_link_finds_the_mail_of_who_answers(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    with lab.begin(seller.admin) as uow:
        mine = service.invite_customers(uow, direct(seller), letter(customer.admin.name, "x@y.example"), ORIGIN)[0].id

    accept(lab, customer, direct(seller), details=DETAILS)

    with lab.read() as uow:
        states = {row.recipient: row.state for row in uow.db.scalars(select(ResellerInvitation))}
        assert states == {customer.admin.name.lower(): "accepted", "x@y.example": "sent"}
        assert uow.db.get_one(ResellerInvitation, mine).customer_id == customer.id


def test_the_plain_link_serves_many_customers(lab: Lab) -> None:
    seller = make_partner(lab)

    for name in ("One", "Two"):
        accept(lab, make_customer(lab, name), direct(seller), details=DETAILS)

    assert len(seller.client.get("/v1/customers").json()["items"]) == 2
    with lab.read() as uow:
        assert uow.db.scalars(select(ResellerInvitation.recipient)).all() == ["", ""]


def test_an_answered_or_withdrawn_mail_is_not_answered_again(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    with lab.begin(seller.admin) as uow:
        first, second = (service.invite_customers(uow, direct(seller), letter(), ORIGIN)[0].id for _ in range(2))
    accept(lab, customer, direct(seller).of_invitation(first), details=DETAILS)
    with lab.begin(seller.admin) as uow:
        service.withdraw_customer_invitation(uow, second)

    other = make_customer(lab, "Other")
    for key, state in ((first, "accepted"), (second, "withdrawn")):
        link = direct(seller).of_invitation(key)
        error = refused(lab, other.admin, service.accept_reseller_relationship, link, details=DETAILS)
        assert isinstance(error, InvitationClosed)
        assert state in error.message


def test_a_mail_of_another_partner_does_not_lend_its_mark(lab: Lab) -> None:
    seller, other, customer = make_partner(lab), make_partner(lab, "Other"), make_customer(lab)
    with lab.begin(other.admin) as uow:
        theirs = service.invite_customers(uow, direct(other), letter(), ORIGIN)[0].id

    error = refused(
        lab, customer.admin, service.accept_reseller_relationship, direct(seller).of_invitation(theirs), details=DETAILS
    )

    assert isinstance(error, rules.LinkUnreadable)


# --- who may not


def test_only_the_customers_own_global_admin_decides(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    link = direct(seller)

    of_partner = refused(lab, make_partner(lab, "Other").admin, service.accept_reseller_relationship, link)
    billing = lab.user(customer.tenant, Role.CUSTOMER_BILLING_ADMIN)
    of_billing = refused(lab, billing, service.accept_reseller_relationship, link)
    delegated = replace(customer.admin, principal_id=seller.admin.principal_id, is_delegated=True)
    of_delegate = refused(lab, delegated, service.accept_reseller_relationship, link)

    assert isinstance(of_partner, rules.CustomerNeeded)
    assert isinstance(of_billing, RoleNeeded)
    assert isinstance(of_delegate, OwnAdministratorNeeded)
    with lab.read(billing) as uow:
        assert service.open_offer(uow, link).asker.name == "Contoso Partner"


def test_a_customer_of_another_region_cannot_accept(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab, "Hanse", "DE")

    error = refused(lab, customer.admin, service.accept_reseller_relationship, direct(seller))

    assert (error.status, error.code) == (403, 2030)


def test_what_is_accepted_is_not_accepted_twice(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    accept(lab, customer, direct(seller), details=DETAILS)

    error = refused(lab, customer.admin, service.accept_reseller_relationship, direct(seller))

    assert isinstance(error, rules.AlreadyRelated)


def test_a_partner_without_standing_is_not_accepted(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    customer = make_customer(lab)
    strangers = refused(lab, customer.admin, service.accept_reseller_relationship, combined(provider, reseller))
    nobody = refused(
        lab, customer.admin, service.accept_reseller_relationship, ResellerLink(LinkKind.DIRECT, customer.id)
    )
    with lab.begin() as uow:
        uow.db.get_one(PartnerAccount, provider.id).state = AccountState.SUSPENDED
    suspended = refused(lab, customer.admin, service.accept_reseller_relationship, direct(provider))

    assert isinstance(strangers, rules.NotPartners)
    assert isinstance(nobody, rules.AskerUnknown)
    assert isinstance(suspended, rules.NotInGoodStanding)


def test_the_sandbox_can_be_held_to_75_customers_here_too(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    lab.world.settings = msgspec.structs.replace(lab.world.settings, sandbox_limits=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openpartner.customers.rules.SANDBOX_CUSTOMERS", 0)
        error = refused(lab, customer.admin, service.accept_reseller_relationship, direct(seller), details=DETAILS)

    assert error.code == 800018


# --- the sandbox's consent


def test_the_sandbox_answers_as_any_customer(lab: Lab) -> None:
    seller, first, second = make_partner(lab), make_customer(lab), make_customer(lab, "Second")
    link = seller.client.get("/v1/customers/relationshiprequests").json()["url"]
    publish_customer_agreement(lab)
    sandbox = lab.client()

    def call(**body: Any) -> Any:
        return sandbox.post("/_sandbox/consent", body)

    ignored = call(customer=str(first.id), answer="ignore", link=link)
    refusal = call(customer=first.tenant.default_domain, answer="refuse", partner=str(seller.id), reason="No.")
    approved = call(customer=str(first.id), answer="approve", link=link, admin=first.admin.name)
    again = call(customer=str(second.id), answer="approve", partner=seller.tenant.default_domain)

    assert [answer.json()["state"] for answer in (ignored, refusal, approved, again)] == [
        "sent",
        "refused",
        "accepted",
        "accepted",
    ]
    assert approved.json()["admin"] == first.admin.name
    facts = lab.events("ResellerRelationshipAcceptedByCustomer")
    assert [fact["actor"]["name"] for fact in facts] == [first.admin.name, second.admin.name]
    assert len(seller.client.get("/v1/customers").json()["items"]) == 2
    assert call(customer=str(first.id), answer="approve", link=link).status_code == 409


def test_the_sandbox_says_what_it_lacks(lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    sandbox = lab.client()

    def status(**body: Any) -> int:
        before = lab.events()
        answer = sandbox.post("/_sandbox/consent", {"customer": str(customer.id), "answer": "approve", **body})
        assert lab.events() == before
        return answer.status_code

    assert status() == 400
    assert status(link="https://localhost/elsewhere") == 400
    assert status(partner="nobody.example") == 404
    assert status(partner=str(seller.id), customer=str(seller.id)) == 404
    assert status(partner=str(seller.id), admin="nobody@relecloud.onmicrosoft.com") == 404
    with lab.begin() as uow:
        uow.db.query(DirectoryRoleAssignment).filter_by(
            tenant_id=customer.id, role_template_id=GLOBAL_ADMINISTRATOR
        ).delete()
    assert status(partner=str(seller.id)) == 400


def test_a_link_that_was_read_is_the_link_that_was_sent(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    link = combined(provider, reseller)
    pairs = (pair.split("=") for pair in link.query().split("&"))

    assert read_link({name.lower(): value for name, value in pairs}) == link
