"""The indirect model end to end: invite, answer, transact within it, end it; through use cases and over the wire."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from openpartner.partner import service as partner
from openpartner.partner.models import PartnerAccount, ProgramEnrolment
from openpartner.partner.rules import AccountState, PartnerKind, ProgramState
from openpartner.partner.service import NewVersion
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.models.partnerships import Partnership, PartnershipInvitation
from openpartner.relationships.rules.invitations import Letter, written
from tests.customers.conftest import customer_body
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.support.lab import Lab

ORIGIN = "https://localhost"


def letter(*recipients: str) -> Letter:
    return written(recipients or ("boss@corner.example",), "Work with us", "Please accept.")


def invite(lab: Lab, provider: Partner) -> UUID:
    with lab.begin(provider.admin) as uow:
        return service.invite_indirect_resellers(uow, letter(), ORIGIN)[0].id


def refusal(lab: Lab, by: Partner, use_case: Any, *arguments: Any) -> tuple[int, int | str]:
    """Status and code of the refusal, once it is clear that nothing happened."""
    before = lab.events()
    with pytest.raises(DomainError) as refused, lab.begin(by.admin) as uow:
        use_case(uow, *arguments)
    assert lab.events() == before
    return int(refused.value.status), refused.value.code


def partnerships(lab: Lab) -> int:
    with lab.read() as uow:
        return uow.db.scalar(select(func.count()).select_from(Partnership)) or 0


def test_an_invitation_is_a_mail_with_the_text_and_a_link_of_its_own(lab: Lab) -> None:
    provider, _ = provider_and_reseller(lab, partnered=False)

    with lab.begin(provider.admin) as uow:
        sent = service.invite_indirect_resellers(uow, letter("a@one.example", "b@two.example"), ORIGIN)
        keys = [each.id for each in sent]

    assert {mail.recipient: (mail.subject, mail.text) for mail in lab.mails()} == {
        to: ("Work with us", f"Please accept.\n\nhttps://localhost/indirect-providers/invitation/{key}\n")
        for to, key in zip(["a@one.example", "b@two.example"], keys, strict=True)
    }
    assert [body["after"] for body in lab.events("PartnershipInvited")] == [
        {"recipient": "a@one.example"},
        {"recipient": "b@two.example"},
    ]


def test_a_reseller_accepts_and_both_logs_say_so(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    invitation_id = invite(lab, provider)

    with lab.begin(reseller.admin) as uow:
        service.accept_partnership(uow, invitation_id)

    with lab.read() as uow:
        assert queries.are_partners(uow, provider.id, reseller.id)
        assert not queries.are_partners(uow, reseller.id, provider.id)
        row = uow.db.get_one(PartnershipInvitation, invitation_id)
        assert (row.state, row.reseller_id, row.answered_by) == ("accepted", reseller.id, reseller.admin.name)
    facts = lab.events("PartnershipBegun")
    assert [(fact["partnerId"], fact["operationType"], fact["resourceType"]) for fact in facts] == [
        (str(provider.id), "create_partner_relationship", "partner_relationship"),
        (str(reseller.id), "create_partner_relationship", "partner_relationship"),
    ]
    assert [mail.subject for mail in lab.mails(provider.admin.name)] == ["Corner Shop has accepted your partnership"]


def test_a_refusal_is_told_with_its_reason_and_closes_the_invitation(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    invitation_id = invite(lab, provider)

    with lab.begin(reseller.admin) as uow:
        service.refuse_partnership(uow, invitation_id, " We have\none. ")

    told = lab.mails(provider.admin.name)
    assert [(mail.subject, mail.text) for mail in told] == [
        ("Corner Shop has refused your partnership", "We have one.")
    ]
    assert lab.events("PartnershipInvitationClosed")[0]["after"] == {"state": "refused"}
    assert refusal(lab, reseller, service.accept_partnership, invitation_id) == (409, 800064)
    assert partnerships(lab) == 0


def test_a_withdrawn_invitation_leads_nowhere(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    invitation_id = invite(lab, provider)

    assert refusal(lab, reseller, service.withdraw_partnership_invitation, invitation_id) == (404, 1000)
    with lab.begin(provider.admin) as uow:
        service.withdraw_partnership_invitation(uow, invitation_id)

    assert refusal(lab, reseller, service.accept_partnership, invitation_id) == (409, 800064)
    assert refusal(lab, provider, service.withdraw_partnership_invitation, invitation_id) == (409, 800064)


def test_who_may_invite_and_who_may_accept(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    direct = make_partner(lab)
    invitation_id = invite(lab, provider)

    assert refusal(lab, direct, service.invite_indirect_resellers, letter(), ORIGIN) == (403, 900150)
    assert refusal(lab, reseller, service.invite_indirect_resellers, letter(), ORIGIN) == (403, 900150)
    assert refusal(lab, direct, service.accept_partnership, invitation_id) == (403, 900150)
    assert refusal(lab, provider, service.accept_partnership, invitation_id) == (403, 900150)
    agent = lab.user(reseller.tenant, Role.ADMIN_AGENT)
    with pytest.raises(DomainError, match="Global admin"), lab.begin(agent) as uow:
        service.accept_partnership(uow, invitation_id)
    assert partnerships(lab) == 0


def test_a_suspended_provider_gets_no_partners(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    invitation_id = invite(lab, provider)
    with lab.begin() as uow:
        uow.db.get_one(PartnerAccount, provider.id).state = AccountState.SUSPENDED

    assert refusal(lab, reseller, service.accept_partnership, invitation_id) == (403, 900150)
    assert refusal(lab, provider, service.invite_indirect_resellers, letter(), ORIGIN) == (403, 900149)


def test_a_reseller_signs_the_partner_agreement_first(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab, partnered=False)
    invitation_id = invite(lab, provider)
    with lab.begin() as uow:
        agreement = NewVersion("MicrosoftPartnerAgreement", "9.0", "Partner agreement", "Text.")
        template_id = partner.publish_agreement_version(uow, agreement).id

    assert refusal(lab, reseller, service.accept_partnership, invitation_id) == (403, 900123)
    with lab.begin(reseller.admin) as uow:
        partner.accept_partner_agreement(uow, template_id)
    with lab.begin(reseller.admin) as uow:
        service.accept_partnership(uow, invitation_id)

    status = f"/v1/compliance/csp/agreementstatus?tenantId={reseller.id}"
    assert provider.client.get(status).json() == {"isAgreementSigned": True}
    assert partnerships(lab) == 1


def test_partners_need_the_same_region(lab: Lab) -> None:
    provider, _ = provider_and_reseller(lab, partnered=False)
    german = make_partner(lab, "Laden", PartnerKind.INDIRECT_RESELLER, "DE")

    assert refusal(lab, german, service.accept_partnership, invite(lab, provider)) == (403, 900150)


def test_two_who_are_partners_cannot_become_it_again_until_it_ended(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    invitation_id = invite(lab, provider)

    assert refusal(lab, reseller, service.accept_partnership, invitation_id) == (409, 800064)
    with lab.begin(reseller.admin) as uow:
        service.end_partnership(uow, provider.id)
    with lab.begin(reseller.admin) as uow:
        service.accept_partnership(uow, invitation_id)

    with lab.read() as uow:
        assert queries.are_partners(uow, provider.id, reseller.id)
    assert partnerships(lab) == 1


@pytest.mark.parametrize("by_provider", [True, False])
def test_either_ends_it_and_the_other_is_told(lab: Lab, by_provider: bool) -> None:
    provider, reseller = provider_and_reseller(lab)
    made = provider.client.post("/v1/customers", customer_body(associatedPartnerId=str(reseller.id))).json()
    actor, other = (provider, reseller) if by_provider else (reseller, provider)

    with lab.begin(actor.admin) as uow:
        service.end_partnership(uow, other.id)

    facts = lab.events("PartnershipEnded")
    assert {fact["partnerId"] for fact in facts} == {str(provider.id), str(reseller.id)}
    assert [fact["operationType"] for fact in facts] == ["remove_partner_relationship"] * 2
    assert [mail.subject for mail in lab.mails(other.admin.name)] == [f"{actor.tenant.name} has ended your partnership"]
    assert refusal(lab, actor, service.end_partnership, other.id) == (409, 800064)
    again = provider.client.post("/v1/customers", customer_body("Second", associatedPartnerId=str(reseller.id)))
    assert (again.status_code, again.json()["code"]) == (400, 900154)
    assert reseller.client.get(f"/v1/customers/{made['id']}").status_code == 200


def test_a_stranger_ends_nothing(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    stranger = make_partner(lab, "Stranger", PartnerKind.INDIRECT_PROVIDER)

    assert refusal(lab, stranger, service.end_partnership, reseller.id) == (404, 1000)
    assert refusal(lab, provider, service.end_partnership, provider.id) == (404, 1000)


# --- the wire


def relationships(partner: Partner, query: str = "") -> Any:
    return partner.client.get(f"/v1/relationships{query}")


def test_a_provider_lists_its_resellers_and_a_reseller_its_providers(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)

    own = relationships(provider, "?relationship_type=IsIndirectCloudSolutionProviderOf")
    theirs = relationships(reseller, "?relationship_type=is_indirect_reseller_of")

    assert own.json() == {
        "totalCount": 1,
        "items": [
            {
                "id": str(reseller.id),
                "name": "Corner Shop",
                "relationshipType": "is_indirect_cloud_solution_provider_of",
                "mpnId": reseller.partner_id,
                "location": "US",
                "state": "Active",
                "attributes": {"objectType": "PartnerRelationship"},
            }
        ],
        "attributes": {"objectType": "Collection"},
    }
    assert [(item["id"], item["relationshipType"], item["mpnId"]) for item in theirs.json()["items"]] == [
        (str(provider.id), "is_indirect_reseller_of", provider.partner_id)
    ]
    assert relationships(provider, "?relationship_type=1").json()["items"] == []
    assert len(relationships(provider, "?relationship_type=2").json()["items"]) == 1
    assert len(relationships(provider).json()["items"]) == 1


def test_resellers_are_filtered_by_name(lab: Lab) -> None:
    provider, _ = provider_and_reseller(lab)
    other = make_partner(lab, "Blue Shop", PartnerKind.INDIRECT_RESELLER)
    with lab.begin() as uow:
        uow.db.add(
            Partnership(
                id=uow.ids.uuid(), provider_id=provider.id, reseller_id=other.id, state="active", since_at=uow.now
            )
        )

    def named(operator: str, value: str) -> list[str]:
        text = f'{{"Field":"Name","Value":"{value}","Operator":"{operator}"}}'
        answer = provider.client.get(
            "/v1/relationships", params={"relationship_type": "IsIndirectCloudSolutionProviderOf", "filter": text}
        )
        return [item["name"] for item in answer.json()["items"]]

    assert named("starts_with", "corner") == ["Corner Shop"]
    assert named("substring", "SHOP") == ["Blue Shop", "Corner Shop"]
    assert named("starts_with", "Shop") == []
    wrong = provider.client.get("/v1/relationships", params={"filter": '{"Field":"Id","Operator":"substring"}'})
    assert (wrong.status_code, wrong.json()["code"]) == (400, 3000)
    assert relationships(provider, "?relationship_type=friends").status_code == 400


def test_ended_partnerships_are_not_listed_and_a_stranger_sees_none(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    stranger = make_partner(lab, "Stranger", PartnerKind.INDIRECT_PROVIDER)

    assert relationships(stranger).json()["items"] == []
    with lab.begin(provider.admin) as uow:
        service.end_partnership(uow, reseller.id)

    assert relationships(provider).json()["items"] == []
    assert relationships(reseller).json()["items"] == []


def test_an_app_alone_and_a_helpdesk_agent_do_not_list(lab: Lab) -> None:
    provider, _ = provider_and_reseller(lab)
    helpdesk = lab.client(lab.user(provider.tenant, Role.HELPDESK_AGENT))

    answer = helpdesk.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")

    assert (answer.status_code, answer.json()["code"]) == (403, 900150)


def test_a_reseller_out_of_the_programme_is_no_longer_named(lab: Lab) -> None:
    provider, reseller = provider_and_reseller(lab)
    with lab.begin() as uow:
        enrolment = uow.db.query(ProgramEnrolment).filter_by(tenant_id=reseller.id).one()
        enrolment.state = ProgramState.SUSPENDED

    answer = provider.client.post("/v1/customers", customer_body(associatedPartnerId=str(reseller.id)))

    assert (answer.status_code, answer.json()["code"]) == (400, 900154)
