"""``/v1/profiles``, agreements and roles on the wire, on both databases."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from openpartner.partner import service
from openpartner.platform.actor import SYSTEM
from openpartner.platform.permissions import Role
from tests.support.client import AppClient
from tests.support.lab import Lab

ADDRESS = {
    "country": "US",
    "city": "Redmond",
    "state": "WA",
    "addressLine1": "One Microsoft Way",
    "postalCode": "98052",
    "phoneNumber": "4255550100",
}
CONTACT = {
    "firstName": "Pat",
    "lastName": "Doe",
    "email": "pat@contosopartner.onmicrosoft.com",
    "phoneNumber": "4255550100",
}


def client_of(lab: Lab, *roles: Role) -> AppClient:
    return lab.client(lab.user(lab.partner(), *roles))


def link(uri: str) -> dict[str, Any]:
    return {"self": {"uri": uri, "method": "GET", "headers": []}}


def test_the_legal_business_profile_shows_the_vetting(lab: Lab) -> None:
    answer = client_of(lab, Role.ACCOUNT_ADMIN).get("/v1/profiles/legalbusiness?vettingVersion=LastFinalized")

    assert answer.status_code == 200
    assert answer.json() == {
        "companyName": "Contoso Partner",
        "address": ADDRESS,
        "primaryContact": CONTACT,
        "vettingStatus": "authorized",
        "vettingSubStatus": "none",
        "links": link("/profiles/legalbusiness"),
        "attributes": {"objectType": "LegalBusinessProfile"},
    }


def test_a_changed_legal_profile_is_pending_again(lab: Lab) -> None:
    client = client_of(lab, Role.GLOBAL_ADMIN)
    body = client.get("/v1/profiles/legalbusiness").json()
    body["companyName"] = "Contoso Holding"

    answer = client.put("/v1/profiles/legalbusiness", body)

    assert (answer.status_code, answer.json()["vettingStatus"], answer.json()["vettingSubStatus"]) == (
        200,
        "pending",
        "email_ownership",
    )
    finalized = client.get("/v1/profiles/legalbusiness?vettingVersion=LastFinalized").json()
    assert finalized["companyName"] == "Contoso Partner"
    assert lab.kinds()[-1] == "VerificationStateChanged"


def test_the_billing_profile_is_replaced_under_its_etag(lab: Lab) -> None:
    client = client_of(lab, Role.BILLING_ADMIN)
    before = client.get("/v1/profiles/billing").json()
    assert before == {
        "companyName": "Contoso Partner",
        "address": ADDRESS,
        "primaryContact": CONTACT,
        "billingDay": 8,
        "billingCurrency": "USD",
        "links": link("/profiles/billing"),
        "attributes": {"etag": before["attributes"]["etag"], "objectType": "BillingProfile"},
    }
    body = {**before, "purchaseOrderNumber": "PO-7", "taxId": "91-1144442"}

    first = client.put("/v1/profiles/billing", body, headers={"If-Match": before["attributes"]["etag"]})
    assert (first.status_code, first.json()["purchaseOrderNumber"], first.json()["taxId"]) == (
        200,
        "PO-7",
        "91-1144442",
    )
    stale = client.put("/v1/profiles/billing", body, headers={"If-Match": before["attributes"]["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, 2055)


def test_a_refused_profile_names_each_member_and_changes_nothing(lab: Lab) -> None:
    client = client_of(lab, Role.BILLING_ADMIN)
    body = {"companyName": "", "address": {**ADDRESS, "postalCode": "X"}, "primaryContact": {**CONTACT, "email": "pat"}}

    answer = lab.nothing_changed(lambda: client.put("/v1/profiles/billing", body))

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert set(answer.json()["parameters"]["problems"]) == {"companyName", "address.postalCode", "primaryContact.email"}


def test_members_are_bound_whatever_their_case(lab: Lab) -> None:
    client = client_of(lab, Role.GLOBAL_ADMIN)
    body = {"Email": "help@contoso.com", "Telephone": "4255550199", "Website": "www.contoso.com", "Attributes": None}

    for path in ("/v1/profiles/support", "/v1/profiles/supportprofile"):
        assert client.put(path, body).status_code == 200
    assert client.get("/V1/Profiles/Support").json() == {
        "email": "help@contoso.com",
        "telephone": "4255550199",
        "website": "www.contoso.com",
        "links": link("/profiles/support"),
        "attributes": {"objectType": "SupportProfile"},
    }


def test_the_organization_profile_is_open_to_every_user(lab: Lab) -> None:
    partner = lab.partner()
    answer = lab.client(lab.user(partner)).get("/v1/profiles/organization")
    assert answer.json() == {
        "id": str(partner.id),
        "companyName": "Contoso Partner",
        "defaultAddress": ADDRESS,
        "tenantId": str(partner.id),
        "domain": "contosopartner.onmicrosoft.com",
        "email": "pat@contosopartner.onmicrosoft.com",
        "language": "en",
        "culture": "en-US",
        "links": link("/profiles/organization"),
        "attributes": {"objectType": "OrganizationProfile"},
    }


def test_a_partner_id_is_looked_up(lab: Lab) -> None:
    client = client_of(lab)
    own = client.get("/v1/profiles/mpn").json()
    assert own["partnerName"] == "Contoso Partner"
    assert client.get(f"/v1/profiles/mpn?mpnId={own['mpnId']}").json() == {
        **own,
        "links": link(f"/profiles/mpn?mpnId={own['mpnId']}"),
    }
    missing = client.get("/v1/profiles/mpn?mpnId=1")
    assert (missing.status_code, missing.json()["code"]) == (404, 800015)


def test_the_role_that_would_allow_it_is_named(lab: Lab) -> None:
    answer = client_of(lab, Role.SALES_AGENT).put("/v1/profiles/support", {})
    assert (answer.status_code, answer.json()["code"]) == (403, 900150)
    assert answer.json()["parameters"]["roles"] == ["global_admin", "account_admin", "compliance_admin"]
    assert "Global admin, Account admin, Compliance admin" in answer.json()["message"]


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("", ["MicrosoftCloudAgreement"]),
        ("?agreementType=MicrosoftCustomerAgreement", ["MicrosoftCustomerAgreement"]),
        ("?agreementType=*", ["MicrosoftCloudAgreement", "MicrosoftCustomerAgreement"]),
    ],
)
def test_agreement_metadata_by_type(lab: Lab, query: str, types: list[str]) -> None:
    with lab.begin(SYSTEM) as uow:
        ids = {
            kind: service.publish_agreement_version(uow, service.NewVersion(kind, "1", "Agreement", "Text.")).id
            for kind in ("MicrosoftCustomerAgreement", "MicrosoftCloudAgreement", "MicrosoftPartnerAgreement")
        }
    answer = client_of(lab, Role.ADMIN_AGENT).get(f"/v1/agreements{query}")
    assert answer.json()["items"] == [
        {
            "templateId": str(ids[kind]),
            "agreementType": kind,
            "agreementLink": f"https://localhost/agreements/{ids[kind]}",
            "versionRank": 1,
        }
        for kind in types
    ]


def test_an_unknown_agreement_type_is_refused(lab: Lab) -> None:
    answer = client_of(lab, Role.ADMIN_AGENT).get("/v1/agreements?agreementType=Lease")
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_the_agreements_document_is_kept_for_five_minutes(lab: Lab) -> None:
    with lab.begin(SYSTEM) as uow:
        new = service.NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "One.\n\nTwo & three.")
        template = service.publish_agreement_version(uow, new).id
    client = client_of(lab, Role.ADMIN_AGENT)

    links = client.get(f"/v1/agreementtemplates/{template}/document?language=de-DE&country=de").json()

    assert (links["language"], links["country"]) == ("de-DE", "DE")
    nobody = lab.client()
    file = nobody.get(links["downloadUri"])
    assert file.status_code == 200
    with zipfile.ZipFile(io.BytesIO(file.content)) as word:
        assert "Two &amp; three." in word.read("word/document.xml").decode()
    assert nobody.get(links["displayUri"]).status_code == 200
    lab.advance(timedelta(minutes=5))
    assert nobody.get(links["downloadUri"]).status_code == 410


def test_whether_a_reseller_signed(lab: Lab) -> None:
    reseller = lab.partner("Fabrikam")
    client = client_of(lab, Role.ADMIN_AGENT)
    with lab.begin(SYSTEM) as uow:
        new = service.NewVersion("MicrosoftPartnerAgreement", "1", "Partner agreement", "Text.")
        template = service.publish_agreement_version(uow, new).id
    path = f"/v1/compliance/csp/agreementstatus?tenantId={reseller.id}"
    assert client.get(path).json() == {"isAgreementSigned": False}

    with lab.begin(lab.user(reseller, Role.GLOBAL_ADMIN)) as uow:
        service.accept_partner_agreement(uow, template)
    assert client.get(path).json() == {"isAgreementSigned": True}

    neither = client.get("/v1/compliance/csp/agreementstatus")
    assert (neither.status_code, neither.json()["code"]) == (400, 800002)
    assert client.get("/v1/compliance/csp/agreementstatus?mpnId=1").status_code == 404


def test_the_partners_own_roles(lab: Lab) -> None:
    items = client_of(lab, Role.USER_ADMIN).get("/v1/roles").json()["items"]
    assert [item["name"] for item in items] == [
        "Global admin",
        "User management admin",
        "Billing admin",
        "Admin agent",
        "Sales agent",
        "Helpdesk agent",
    ]
    assert items[0]["id"] == "62e90394-69f5-4237-9190-012177145e10"


def test_without_a_token_nothing_is_told(lab: Lab) -> None:
    assert lab.client().get("/v1/profiles/organization").status_code == 401
