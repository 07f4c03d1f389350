"""Review, qualifications and agreement confirmations, over the wire and with the operator behind it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers import queries, rules, service
from openpartner.customers.rules import AgreementContact, Review, Transaction, Vetting
from openpartner.identity.models import Tenant
from openpartner.partner.service import NewVersion, publish_agreement_version
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.customers.conftest import ADDRESS, MakePartner, Partner, customer_body
from tests.support.client import AppClient
from tests.support.lab import START, Lab


@pytest.fixture
def operator(lab: Lab) -> Actor:
    return lab.user(lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)


@pytest.fixture
def template(lab: Lab, operator: Actor) -> str:
    """The template of the customer agreement."""
    with lab.begin(operator) as uow:
        new = NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "The terms.")
        return str(publish_agreement_version(uow, new).id)


def doubtful(partner: Partner) -> str:
    """The id of a customer whose address has no house number, so that its account is reviewed."""
    body = customer_body("Relecloud")
    body["billingProfile"]["defaultAddress"] = {**ADDRESS, "addressLine1": "Microsoft Way", "addressLine2": ""}
    answer = partner.client.post("/v1/customers", body)
    assert answer.status_code == 201
    return str(answer.json()["id"])


# Review


def test_a_clean_address_needs_no_operator(lab: Lab, partner: Partner) -> None:
    key = partner.customer()["id"]

    assert partner.client.get(f"/v1/customers/{key}/validationStatus?type=account").json() == {
        "type": "account",
        "status": "Allowed",
        "lastUpdateDateTime": "2026-01-15T09:00:00",
        "attributes": {"objectType": "ValidationStatus"},
    }
    fact = lab.events("CustomerReviewChanged")[0]
    assert (fact["before"], fact["after"]) == ({"validationStatus": None}, {"validationStatus": "Allowed"})


def test_a_doubtful_address_waits_for_the_operator(lab: Lab, partner: Partner, operator: Actor) -> None:
    key = doubtful(partner)
    assert partner.client.get(f"/v1/customers/{key}/validationstatus").json()["status"] == "UnderReview"

    with lab.begin(operator) as uow:
        waiting = queries.customers_under_review(uow)
        assert [str(customer.tenant_id) for customer in waiting] == [key]
        service.decide_customer_review(uow, waiting[0].commerce_id, allow=False, reason="No such street.")

    assert partner.client.get(f"/v1/customers/{key}/validationstatus").json()["status"] == "NotAllowed"
    assert lab.events("CustomerReviewChanged")[-1]["data"]["reason"] == "No such street."
    lab.advance(timedelta(days=3))
    assert partner.client.get(f"/v1/customers/{key}/validationstatus").json()["status"] == "NotAllowed"


def test_the_sandbox_decides_after_two_days_what_nobody_has(lab: Lab, partner: Partner) -> None:
    key = doubtful(partner)

    lab.advance(timedelta(days=1, hours=23))
    before = partner.client.get(f"/v1/customers/{key}/validationstatus").json()
    lab.advance(timedelta(hours=1))
    after = partner.client.get(f"/v1/customers/{key}/validationstatus").json()

    assert (before["status"], after["status"]) == ("UnderReview", "Allowed")
    assert after["lastUpdateDateTime"] == "2026-01-17T09:00:00"


def test_a_changed_address_is_reviewed_anew(lab: Lab, partner: Partner) -> None:
    key = partner.customer()["id"]
    path = f"/v1/customers/{key}/profiles/billing"
    profile = partner.client.get(path).json()
    profile["defaultAddress"] |= {"addressLine1": "Microsoft Way", "addressLine2": ""}

    assert partner.client.put(path, profile).status_code == 200

    assert partner.client.get(f"/v1/customers/{key}/validationstatus").json()["status"] == "UnderReview"


def test_a_customer_that_was_never_reviewed_answers_600074(lab: Lab, partner: Partner) -> None:
    key = partner.customer()["id"]
    with lab.begin() as uow:
        queries.one_customer(uow, UUID(key)).review = None

    answer = partner.client.get(f"/v1/customers/{key}/validationstatus?type=account")

    assert (answer.status_code, answer.json()["code"]) == (404, 600074)


def test_only_the_operator_decides(lab: Lab, partner: Partner) -> None:
    key = UUID(doubtful(partner))
    with pytest.raises(Exception, match="needs one of these roles"), lab.begin(partner.actor) as uow:
        service.decide_customer_review(uow, queries.one_customer(uow, key).commerce_id, allow=True)


# Qualifications


def test_education_is_vetted_by_the_operator(lab: Lab, partner: Partner, operator: Actor) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/qualifications"
    assert partner.client.get(path).json() == [{"qualification": "None"}]

    asked = partner.client.post(
        path, {"qualification": "Education", "educationSegment": "K12", "website": "k12.example"}
    )

    in_review = {
        "qualification": "Education",
        "vettingStatus": "InReview",
        "vettingCreateDate": "2026-01-15T09:00:00Z",
    }
    assert (asked.status_code, asked.json()) == (201, in_review)
    assert partner.client.get(path).json() == [in_review]
    with lab.begin(operator) as uow:
        [(waiting, customer)] = queries.qualifications_in_review(uow)
        assert (customer.company_name, waiting.website) == ("Relecloud", "k12.example")
        service.decide_qualification(uow, waiting.id, approve=False, reason="Not a school.")
    assert partner.client.get(path).json() == [
        {**in_review, "vettingStatus": "Denied", "vettingReason": "Not a school."}
    ]
    assert partner.client.post(path, {"qualification": "Education", "educationSegment": "K12"}).status_code == 201


def test_the_sandbox_approves_after_two_days(lab: Lab, partner: Partner) -> None:
    key = partner.customer()["id"]
    partner.client.post(
        f"/v1/customers/{key}/qualifications", {"qualification": "education", "educationSegment": "HigherEducation"}
    )
    single = f"/v1/customers/{key}/qualification"
    assert partner.client.get(single).json() == "none"

    lab.advance(timedelta(days=2))

    assert partner.client.get(single).json() == "education"
    assert lab.events("QualificationDecided")[0]["after"] == {
        "qualification": "Education",
        "vettingStatus": "Approved",
    }


def test_a_state_owned_entity_needs_no_vetting_and_goes_with_education(partner: Partner) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/qualifications"

    first = partner.client.post(path, {"qualification": "StateOwnedEntity"})
    second = partner.client.post(path, {"qualification": "Education", "educationSegment": "K12"})

    assert (first.status_code, first.json()) == (201, {"qualification": "StateOwnedEntity"})
    assert second.status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({"qualification": "Nonprofit"}, 400, "QualificationNotSettable"),
        ({"qualification": "None"}, 400, "QualificationNotSettable"),
        ({"qualification": "Hospital"}, 400, "InvalidFields"),
        ({"qualification": "Education"}, 400, "SegmentNeeded"),
        ({"qualification": "GovernmentCommunityCloud"}, 400, "ValidationCodeRefused"),
        ({"qualification": "GovernmentCommunityCloud", "validationCode": "1"}, 400, "ValidationCodeRefused"),
    ],
)
def test_what_cannot_be_asked_for_changes_nothing(
    lab: Lab, partner: Partner, body: dict[str, Any], status: int, name: str
) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/qualifications"

    answer = lab.nothing_changed(lambda: partner.client.post(path, body))

    assert (answer.status_code, answer.json()["errorName"]) == (status, name)
    assert partner.client.get(path).json() == [{"qualification": "None"}]


def test_a_government_code_is_used_up_and_given_back_by_a_denial(
    lab: Lab, partner: Partner, operator: Actor, make_partner: MakePartner
) -> None:
    other = make_partner("Other")
    with lab.begin(operator) as uow:
        code = service.issue_validation_code(uow, partner.id, "City of Redmond", 1).validation_id
    key = partner.customer("One")["id"]
    body = {"qualification": "GovernmentCommunityCloud"}

    asked = partner.client.post(f"/v1/customers/{key}/qualifications?code={code}", body)
    used_up = partner.client.post(f"/v1/customers/{partner.customer('Two')['id']}/qualifications?code={code}", body)

    assert (asked.status_code, used_up.status_code) == (201, 400)
    etag = "W/\"datetime'2026-01-15T09%3A00%3A00.000000Z'\""
    assert partner.client.get("/v1/customers/all/validations").json() == [
        {
            "partnerId": str(partner.id),
            "organizationName": "City of Redmond",
            "validationId": code,
            "maxCreates": 1,
            "remainingCreates": 0,
            "eTag": etag,
        }
    ]
    assert other.client.get("/v1/customers/all/validations").json() == []
    assert partner.client.get(f"/v1/customers/{key}/validations").json() == {
        "partnerId": str(partner.id),
        "customerId": key,
        "validationId": code,
        "organizationName": "City of Redmond",
        "eTag": etag,
    }
    with lab.begin(operator) as uow:
        service.decide_qualification(
            uow, queries.qualifications_in_review(uow)[0][0].id, approve=False, reason="No authority."
        )
    assert partner.client.get("/v1/customers/all/validations").json()[0]["remainingCreates"] == 1


def test_the_older_call_sets_one_value_as_a_bare_string(lab: Lab, partner: Partner) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/qualification"

    first = partner.client.put(path, "StateOwnedEntity")
    again = lab.nothing_changed(lambda: partner.client.put(path, "state_owned_entity"))

    assert (first.status_code, first.json()) == (200, "state_owned_entity")
    assert (again.status_code, again.json()) == (200, "state_owned_entity")
    assert partner.client.get(path).content == b'"state_owned_entity"'


def test_nobody_decides_twice(lab: Lab, partner: Partner, operator: Actor) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/qualifications"
    partner.client.post(path, {"qualification": "Education", "educationSegment": "K12"})
    with lab.begin(operator) as uow:
        waiting = queries.qualifications_in_review(uow)[0][0]
        assert service.decide_qualification(uow, waiting.id, approve=True).vetting is Vetting.APPROVED

    with pytest.raises(rules.NotInReview), lab.begin(operator) as uow:
        service.decide_qualification(uow, waiting.id, approve=True)


# Agreement


def confirmation(template: str, **members: Any) -> dict[str, Any]:
    return {
        "primaryContact": {
            "firstName": "Tania",
            "lastName": "Carr",
            "email": "tania@relecloud.example",
            "phoneNumber": "1234567890",
        },
        "templateId": template,
        "dateAgreed": "2026-01-14T00:00:00Z",
        "type": "MicrosoftCustomerAgreement",
        **members,
    }


def test_a_confirmation_is_recorded_with_who_did_it(lab: Lab, partner: Partner, template: str) -> None:
    key = partner.customer()["id"]
    path = f"/v1/customers/{key}/agreements"

    made = partner.client.post(path, confirmation(template))

    assert made.status_code == 201
    assert made.json() == {"userId": str(partner.actor.principal_id), **confirmation(template)}
    assert partner.client.get(f"{path}?agreementType=MicrosoftCustomerAgreement").json() == {
        "totalCount": 1,
        "items": [{**confirmation(template), "agreementLink": f"https://localhost/agreements/{template}"}],
        "attributes": {"objectType": "Collection"},
    }
    assert partner.client.get(path).json()["items"] == []
    assert partner.client.get(f"{path}?agreementType=*").json()["totalCount"] == 1
    direct = partner.client.get(f"/v1/customers/{key}/directSignedMicrosoftCustomerAgreementStatus").json()
    assert direct == {"isSigned": False, "attributes": {"objectType": "DirectSignedCustomerAgreementStatus"}}
    fact = lab.events("AgreementAccepted")[0]
    assert (fact["resourceType"], fact["operationType"], fact["data"]["direct"]) == (
        "agreement",
        "create_agreement",
        False,
    )
    with lab.read(partner.actor) as uow:
        assert queries.has_agreement(uow, queries.one_customer(uow, UUID(key)))


@pytest.mark.parametrize(
    ("members", "code", "name"),
    [
        ({"dateAgreed": "2026-01-16T00:00:00Z"}, 800002, "AgreedInFuture"),
        ({"dateAgreed": None}, 800002, "InvalidFields"),
        ({"dateAgreed": "yesterday"}, 800002, "BadFilter"),
        ({"templateId": "00000000-0000-4000-8000-000000000000"}, 800002, "TemplateUnknown"),
        ({"type": "Other"}, 800002, "InvalidFields"),
        ({"primaryContact": {"firstName": "A"}}, 800002, "InvalidFields"),
    ],
)
def test_a_confirmation_that_is_not_right_is_refused(
    lab: Lab, partner: Partner, template: str, members: dict[str, Any], code: int, name: str
) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/agreements"

    answer = lab.nothing_changed(lambda: partner.client.post(path, confirmation(template, **members)))

    assert (answer.status_code, answer.json()["code"], answer.json()["errorName"]) == (400, code, name)
    assert partner.client.get(f"{path}?agreementtype=*").json()["items"] == []


def test_the_same_confirmation_again_is_600061(lab: Lab, partner: Partner, template: str) -> None:
    path = f"/v1/customers/{partner.customer()['id']}/agreements"
    assert partner.client.post(path, confirmation(template)).status_code == 201

    again = lab.nothing_changed(
        lambda: partner.client.post(path, confirmation(template, dateAgreed="2026-01-15T00:00:00Z"))
    )
    contact = {"firstName": "Someone", "lastName": "Else", "email": "else@relecloud.example"}
    other = partner.client.post(path, confirmation(template, primaryContact=contact))

    assert (again.status_code, again.json()["code"]) == (400, 600061)
    assert other.status_code == 201


def customer_admin(lab: Lab, customer_id: str) -> Actor:
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, UUID(customer_id))
    return lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN)


def test_the_customer_signs_for_all_its_partners(lab: Lab, partner: Partner, template: str) -> None:
    key = partner.customer()["id"]
    admin = customer_admin(lab, key)

    with lab.begin(admin) as uow:
        service.sign_customer_agreement(uow, template, AgreementContact("Tania", "Carr", "tania@relecloud.example"))

    status = partner.client.get(f"/v1/customers/{key}/directsignedmicrosoftcustomeragreementstatus").json()
    assert status["isSigned"] is True
    with lab.read(partner.actor) as uow:
        customer = queries.one_customer(uow, UUID(key))
        queries.check_transaction(uow, customer, Transaction.PURCHASE)
        assert [held.agreed_at for held in queries.agreements_of(uow, customer)] == [START]
    assert lab.events("AgreementAccepted")[0]["partnerId"] == str(partner.id)


def test_an_ordinary_user_of_the_customer_does_not_sign(lab: Lab, partner: Partner, template: str) -> None:
    key = partner.customer()["id"]
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, UUID(key))
    user = lab.user(tenant)

    with pytest.raises(Exception, match="needs one of these roles"), lab.begin(user) as uow:
        service.sign_customer_agreement(uow, template, AgreementContact("A", "B", "a@b.example"))


def test_what_holds_a_purchase_up(lab: Lab, partner: Partner) -> None:
    key = UUID(partner.customer()["id"])
    with lab.begin(partner.actor) as uow:
        customer = queries.one_customer(uow, key)
        with pytest.raises(rules.AgreementNeeded):
            queries.check_transaction(uow, customer, Transaction.PURCHASE)
        customer.review = Review.UNDER_REVIEW
        with pytest.raises(rules.AccountNotCleared):
            queries.check_transaction(uow, customer, Transaction.PURCHASE)
        queries.check_transaction(uow, customer, Transaction.RENEW)


def test_agreements_are_read_by_users_only(lab: Lab, partner: Partner) -> None:
    client: AppClient = lab.client(lab.user(partner.tenant, Role.BILLING_ADMIN))

    answer = client.get(f"/v1/customers/{partner.customer()['id']}/agreements")

    assert (answer.status_code, answer.json()["code"]) == (403, 900150)
