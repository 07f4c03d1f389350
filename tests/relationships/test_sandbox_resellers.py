"""A sandbox's provider makes indirect resellers and gives them back. Source: partner-center-conventions §18, §19."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from openpartner.identity.models import Tenant
from openpartner.partner import service as partner
from openpartner.partner.rules import PartnerKind
from openpartner.partner.service import NewVersion
from openpartner.relationships import queries
from openpartner.settings import Profile
from tests.customers.conftest import customer_body
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.support import scene
from tests.support.lab import Lab

PATH = "/v1/sandboxIndirectReseller".replace("/v1/", "/v1//")  # two slashes, as the vendor prints it


def body(prefix: str = "trialshop", mpn_id: str = "4847383") -> dict[str, Any]:
    return {
        "mpnId": mpn_id,
        "tenant": {
            "domainPrefix": prefix,
            "name": "Trial Shop",
            "displayName": "Trial Shop",
            "adminUserName": "admin",
            "adminFirstName": "Tia",
            "adminLastName": "Low",
            "adminAlternateEmail": "tia@trial.example",
            "country": "US",
            "culture": "en-US",
        },
        "legalBusinessProfile": {
            "companyName": "Trial Shop",
            "address": {
                "country": "US",
                "addressLine1": "1 Main Street",
                "city": "Redmond",
                "state": "WA",
                "postalCode": "98052",
                "phoneNumber": "4255550100",
            },
            "primaryContact": {"firstName": "Tia", "lastName": "Low", "email": "tia@trial.example"},
            "culture": "en-US",
        },
        "organizationProfileLanguage": "en-US",
    }


@pytest.fixture
def provider(lab: Lab) -> Partner:
    """An indirect provider, in a world with a partner agreement that it has accepted."""
    made, _ = provider_and_reseller(lab)
    with lab.begin() as uow:
        template = partner.publish_agreement_version(
            uow, NewVersion("MicrosoftPartnerAgreement", "9.0", "Partner agreement", "Text.")
        ).id
    with lab.begin(made.admin) as uow:
        partner.accept_partner_agreement(uow, template)
    return made


def test_a_reseller_is_made_in_good_standing_with_its_password_once(lab: Lab, provider: Partner) -> None:
    answer = provider.client.post(PATH, body())

    assert answer.status_code == 201, answer.text
    made = answer.json()
    key = made["tenant"]["id"]
    assert made["mpnId"] == "4847383"
    assert made["tenant"]["adminUserAccount"] == "admin@trialshop.onmicrosoft.com"
    assert made["tenant"]["password"]
    assert made["agreementSignature"]["agreementType"] == "ValueAddedReseller"
    assert made["agreementSignature"]["signedByUserTenantId"] == key
    assert made["agreementSignature"]["attributes"] == {"objectType": "AgreementSignatureResponse"}
    assert made["partnerRelationship"] == {
        "id": key,
        "name": "Trial Shop",
        "relationshipType": "is_indirect_cloud_solution_provider_of",
        "state": "Active",
        "mpnId": "4847383",
        "attributes": {"objectType": "PartnerRelationshipResponse"},
    }
    with lab.read() as uow:
        assert queries.are_partners(uow, provider.id, UUID(key))
    status = provider.client.get(f"/v1/compliance/csp/agreementstatus?tenantId={key}")
    assert status.json() == {"isAgreementSigned": True}
    customer = provider.client.post("/v1/customers", customer_body(associatedPartnerId=key))
    assert customer.status_code == 201
    assert made["tenant"]["password"] not in str(lab.events())


def test_a_taken_domain_is_refused_and_leaves_no_trace(lab: Lab, provider: Partner) -> None:
    provider.client.post(PATH, body())

    answer = lab.nothing_changed(lambda: provider.client.post(PATH, body(mpn_id="4847384")))

    assert (answer.status_code, answer.json()["code"]) == (409, 1003)


def test_a_partner_id_that_somebody_has_is_not_given_twice(provider: Partner) -> None:
    first = provider.client.post(PATH, body()).json()
    second = provider.client.post(PATH, body("othershop")).json()

    assert first["mpnId"] == "4847383"
    assert second["mpnId"] not in {"", "4847383"}


def test_every_member_is_needed(lab: Lab, provider: Partner) -> None:
    wanted = body()
    wanted["tenant"]["adminFirstName"] = wanted["mpnId"] = ""

    answer = lab.nothing_changed(lambda: provider.client.post(PATH, wanted))

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert set(answer.json()["parameters"]["problems"]) == {"mpnId", "adminFirstName"}


def test_five_at_a_time_and_the_number_comes_back(lab: Lab, provider: Partner) -> None:
    made = [provider.client.post(PATH, body(f"shop{n}", f"484738{n}")).json() for n in range(5)]

    full = lab.nothing_changed(lambda: provider.client.post(PATH, body("shop5", "4847385")))
    gone = provider.client.delete(f"{PATH}/{made[0]['tenant']['id']}")
    again = provider.client.post(PATH, body("shop5", "4847385"))

    assert (full.status_code, full.json()["code"]) == (403, 6004)
    assert (gone.status_code, gone.content) == (204, b"")
    assert again.status_code == 201


def test_a_reseller_with_customers_is_not_deleted(lab: Lab, provider: Partner) -> None:
    key = provider.client.post(PATH, body()).json()["tenant"]["id"]
    customer = provider.client.post("/v1/customers", customer_body(associatedPartnerId=key)).json()["id"]

    busy = lab.nothing_changed(lambda: provider.client.delete(f"{PATH}/{key}"))
    provider.client.delete(f"/v1/customers/{customer}")
    gone = provider.client.delete(f"{PATH}/{key}")
    again = lab.nothing_changed(lambda: provider.client.delete(f"{PATH}/{key}"))

    assert (busy.status_code, busy.json()["code"]) == (403, 6003)
    assert (gone.status_code, again.status_code) == (204, 204)
    with lab.read() as uow:
        assert uow.db.get_one(Tenant, UUID(key)).state == "deleted"
        assert not queries.are_partners(uow, provider.id, UUID(key))


def test_a_reseller_with_another_provider_keeps_its_tenant(lab: Lab, provider: Partner) -> None:
    key = UUID(provider.client.post(PATH, body()).json()["tenant"]["id"])
    other = make_partner(lab, "Other Distri", PartnerKind.INDIRECT_PROVIDER)
    with lab.begin() as uow:
        scene.partnership(uow, other.id, key)

    assert provider.client.delete(f"{PATH}/{key}").status_code == 204

    with lab.read() as uow:
        assert uow.db.get_one(Tenant, key).state == "active"
        assert queries.are_partners(uow, other.id, key)
        assert not queries.are_partners(uow, provider.id, key)


def test_only_a_sandboxs_provider_makes_and_deletes_them(lab: Lab, provider: Partner) -> None:
    key = provider.client.post(PATH, body()).json()["tenant"]["id"]
    direct = make_partner(lab)

    made = lab.nothing_changed(lambda: direct.client.post(PATH, body("direct")))
    unknown = lab.nothing_changed(lambda: provider.client.delete(f"{PATH}/{direct.id}"))
    lab.world.settings = msgspec.structs.replace(lab.world.settings, profile=Profile.PRODUCTION)
    production = lab.nothing_changed(lambda: provider.client.delete(f"{PATH}/{key}"))

    assert (made.status_code, made.json()["code"]) == (401, 6002)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 1000)
    assert (production.status_code, production.json()["code"]) == (401, 6002)
