"""Customers over the wire, whole bodies compared with partner-center-resources §2."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from openpartner.customers import queries
from openpartner.customers.events import ResellerRelationshipEnded
from openpartner.customers.rules import CustomerStillHolds, HeldItem, HoldingKind, Holdings
from openpartner.identity.resources import PARTNER_CENTER
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import ActorKind
from openpartner.platform.permissions import Role
from openpartner.platform.replay import KeptAnswer
from openpartner.platform.work import UnitOfWork
from openpartner.settings import Profile
from tests.customers.conftest import ADDRESS, MakePartner, Partner, customer_body, many_customers
from tests.support import scene
from tests.support.client import AppClient
from tests.support.lab import Lab


def test_a_created_customer_is_answered_whole_with_the_password_once(lab: Lab, partner: Partner) -> None:
    answer = partner.client.post("/v1/customers", customer_body())

    assert answer.status_code == 201
    made = answer.json()
    key = made["id"]
    password = made["userCredentials"]["password"]
    assert made == {
        "id": key,
        "commerceId": made["commerceId"],
        "companyProfile": {
            "tenantId": key,
            "domain": "relecloud.onmicrosoft.com",
            "companyName": "Relecloud",
            "links": {"self": {"uri": f"/customers/{key}/profiles/company", "method": "GET", "headers": []}},
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "billingProfile": {
            "id": made["billingProfile"]["id"],
            "firstName": "Gena",
            "lastName": "Soto",
            "email": "gena@relecloud2.com",
            "culture": "en-US",
            "language": "en",
            "companyName": "Relecloud",
            "defaultAddress": ADDRESS,
            "links": {"self": {"uri": f"/customers/{key}/profiles/billing", "method": "GET", "headers": []}},
            "attributes": {
                "etag": made["billingProfile"]["attributes"]["etag"],
                "objectType": "CustomerBillingProfile",
            },
        },
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": False,
        "userCredentials": {"userName": "admin", "password": password},
        "customDomains": ["relecloud.onmicrosoft.com"],
        "links": {"self": {"uri": f"/customers/{key}", "method": "GET", "headers": []}},
        "attributes": {"objectType": "Customer"},
    }
    del made["userCredentials"]
    assert partner.client.get(f"/v1/customers/{key}").json() == made
    assert lab.events("CustomerCreated")[0]["after"]["companyName"] == "Relecloud"
    assert password not in str(lab.events())


def test_bodies_in_pascal_case_with_every_null_create_too(partner: Partner) -> None:
    """As the .NET client sends them. Source: partner-center-conventions §5."""
    body = {
        "Id": None,
        "CommerceId": None,
        "CompanyProfile": {"TenantId": None, "Domain": "fabrikam.onmicrosoft.com", "CompanyName": None, "Links": None},
        "BillingProfile": {
            "Id": None,
            "FirstName": None,
            "Email": "someone@fabrikam.example",
            "Culture": "en-US",
            "Language": "En",
            "CompanyName": "Fabrikam",
            "DefaultAddress": {
                "Country": "us",
                "AddressLine1": "700 Bellevue Way NE",
                "AddressLine2": None,
                "City": "Bellevue",
                "State": "Washington",
                "PostalCode": "98004",
                "FirstName": "Sam",
                "LastName": "Lee",
            },
            "Attributes": {"ObjectType": "CustomerBillingProfile"},
        },
        "RelationshipToPartner": "none",
        "AllowDelegatedAccess": None,
        "UserCredentials": None,
        "Attributes": {"ObjectType": "Customer"},
    }

    answer = partner.client.post("/v1/Customers/", body)

    assert answer.status_code == 201
    assert answer.json()["billingProfile"]["defaultAddress"] == {
        "country": "US",
        "city": "Bellevue",
        "state": "WA",
        "addressLine1": "700 Bellevue Way NE",
        "postalCode": "98004",
        "firstName": "Sam",
        "lastName": "Lee",
    }
    assert answer.json()["billingProfile"]["language"] == "en"


def test_a_retry_with_the_same_request_id_makes_one_customer(lab: Lab, partner: Partner) -> None:
    client = partner.client.with_headers(MS_RequestId="11111111-1111-4111-8111-111111111111")

    first, second = client.post("/v1/customers", customer_body()), client.post("/v1/customers", customer_body())

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert lab.kinds().count("CustomerCreated") == 1
    password = first.json()["userCredentials"]["password"]
    with lab.read() as uow:
        kept = uow.db.scalars(select(KeptAnswer.body)).one()
    assert len(kept) > len(first.content) - 100
    assert password.encode() not in kept


def test_a_taken_domain_is_refused_and_leaves_no_trace(lab: Lab, partner: Partner) -> None:
    partner.customer("Relecloud")

    answer = lab.nothing_changed(
        lambda: partner.client.post("/v1/customers", customer_body("Another", prefix="RELECLOUD"))
    )

    assert (answer.status_code, answer.json()["code"]) == (409, 1003)
    assert [item["companyProfile"]["companyName"] for item in partner.client.get("/v1/customers").json()["items"]] == [
        "Relecloud"
    ]


def test_every_wrong_member_is_named(lab: Lab, partner: Partner) -> None:
    body = customer_body()
    body["billingProfile"] |= {"email": "nobody", "culture": "xx"}
    body["billingProfile"]["defaultAddress"] = {"country": "US", "firstName": "A", "lastName": "B"}

    answer = lab.nothing_changed(lambda: partner.client.post("/v1/customers", body))

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert set(answer.json()["parameters"]["problems"]) == {
        "email",
        "culture",
        "address_line1",
        "city",
        "state",
        "postal_code",
    }


def test_registration_numbers_are_asked_for_where_the_country_does(lab: Lab, make_partner: MakePartner) -> None:
    partner = make_partner("Warsaw Partner", country="PL")
    body = customer_body("Tailspin")
    body["billingProfile"]["defaultAddress"] |= {
        "country": "PL",
        "city": "Warszawa",
        "state": "",
        "postalCode": "00-001",
    }

    refused = lab.nothing_changed(lambda: partner.client.post("/v1/customers", body))
    body["companyProfile"]["organizationRegistrationNumber"] = "8567346215"
    made = partner.client.post("/v1/customers", body)

    assert (refused.status_code, refused.json()["code"]) == (400, 600049)
    assert made.status_code == 201
    assert made.json()["companyProfile"]["organizationRegistrationNumber"] == "8567346215"


def test_a_country_outside_the_region_is_refused(lab: Lab, partner: Partner) -> None:
    body = customer_body()
    body["billingProfile"]["defaultAddress"] |= {"country": "DE", "state": "", "city": "Berlin", "postalCode": "10115"}

    answer = lab.nothing_changed(lambda: partner.client.post("/v1/customers", body))

    assert (answer.status_code, answer.json()["code"]) == (403, 2030)


def test_a_password_of_the_caller_is_refused(lab: Lab, partner: Partner) -> None:
    body = customer_body(userCredentials={"userName": "admin", "password": "Secret-1234"})

    answer = lab.nothing_changed(lambda: partner.client.post("/v1/customers", body))

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_who_may_not_create_gets_403(lab: Lab, partner: Partner) -> None:
    helpdesk = lab.client(lab.user(partner.tenant, Role.HELPDESK_AGENT))

    answer = lab.nothing_changed(lambda: helpdesk.post("/v1/customers", customer_body()))

    assert (answer.status_code, answer.json()["code"]) == (403, 900150)
    assert lab.client().post("/v1/customers", customer_body()).status_code == 401


def test_the_sandbox_can_be_held_to_75_customers(lab: Lab, partner: Partner) -> None:
    lab.world.settings = msgspec.structs.replace(lab.world.settings, sandbox_limits=True)
    many_customers(lab, partner, 74)
    partner.customer("The last")

    answer = lab.nothing_changed(lambda: partner.client.post("/v1/customers", customer_body("One more")))

    assert (answer.status_code, answer.json()["code"]) == (400, 800018)


def test_an_app_of_the_partner_creates_customers_and_reads_no_company_profile(lab: Lab, partner: Partner) -> None:
    app = lab.client(replace(partner.actor, kind=ActorKind.APP, principal_id=None, app_id=PARTNER_CENTER))
    with lab.begin() as uow:
        scene.app(uow, partner.tenant, PARTNER_CENTER)

    made = app.post("/v1/customers", customer_body())

    assert made.status_code == 201
    refused = app.get(f"/v1/customers/{made.json()['id']}/profiles/company")
    assert (refused.status_code, refused.json()["code"]) == (403, 900329)


# Providers and resellers


@pytest.fixture
def provider(make_partner: MakePartner) -> Partner:
    return make_partner("Provider", PartnerKind.INDIRECT_PROVIDER)


@pytest.fixture
def reseller(lab: Lab, make_partner: MakePartner, provider: Partner) -> Partner:
    """A reseller of the provider's."""
    made = make_partner("Reseller", PartnerKind.INDIRECT_RESELLER)
    with lab.begin() as uow:
        scene.partnership(uow, provider.id, made.id)
    return made


def test_a_provider_creates_for_its_reseller_and_both_see_the_customer(provider: Partner, reseller: Partner) -> None:
    made = provider.customer("Relecloud", associatedPartnerId=str(reseller.id))
    provider.customer("Own")

    assert made["associatedPartnerId"] == str(reseller.id)
    of_provider = provider.client.get("/v1/customers").json()["items"]
    of_reseller = reseller.client.get("/v1/customers").json()["items"]
    assert [item["companyProfile"]["companyName"] for item in of_provider] == ["Own", "Relecloud"]
    assert [item["companyProfile"]["companyName"] for item in of_reseller] == ["Relecloud"]
    assert provider.client.get(f"/v1/customers/{made['id']}/relationships").json() == {
        "totalCount": 1,
        "items": [
            {
                "id": str(reseller.id),
                "name": "Reseller",
                "relationshipType": "is_indirect_cloud_solution_provider_of",
                "mpnId": provider.client.get(f"/v1/customers/{made['id']}/relationships").json()["items"][0]["mpnId"],
                "location": "US",
                "state": "Active",
                "attributes": {"objectType": "PartnerRelationship"},
            }
        ],
        "attributes": {"objectType": "Collection"},
    }
    seen = reseller.client.get(f"/v1/customers/{made['id']}/relationships").json()["items"]
    assert [(item["name"], item["relationshipType"]) for item in seen] == [("Provider", "is_indirect_reseller_of")]


def test_a_reseller_creates_and_changes_nothing(lab: Lab, provider: Partner, reseller: Partner) -> None:
    made = provider.customer("Relecloud", associatedPartnerId=str(reseller.id))

    created = lab.nothing_changed(lambda: reseller.client.post("/v1/customers", customer_body("Mine")))
    ended = lab.nothing_changed(
        lambda: reseller.client.patch(f"/v1/customers/{made['id']}", {"relationshipToPartner": "none"})
    )

    assert (created.status_code, created.json()["errorName"]) == (403, "ResellersCannotCreate")
    assert (ended.status_code, ended.json()["errorName"]) == (403, "ProviderNeeded")


def test_only_providers_name_a_reseller_and_it_must_be_a_partner_of_theirs(
    lab: Lab, provider: Partner, partner: Partner, make_partner: MakePartner
) -> None:
    stranger = {"associatedPartnerId": str(partner.id)}

    others = make_partner("Somebody else's", PartnerKind.INDIRECT_RESELLER)

    unknown = lab.nothing_changed(lambda: provider.client.post("/v1/customers", customer_body(**stranger)))
    unpartnered = lab.nothing_changed(
        lambda: provider.client.post("/v1/customers", customer_body(associatedPartnerId=str(others.id)))
    )
    direct = lab.nothing_changed(lambda: partner.client.post("/v1/customers", customer_body(**stranger)))

    assert (unknown.status_code, unknown.json()["code"]) == (400, 900154)
    assert (unpartnered.status_code, unpartnered.json()["code"]) == (400, 900154)
    assert provider.client.get("/v1/customers").json()["items"] == []
    assert (direct.status_code, direct.json()["errorName"]) == (400, "AssociatedPartnerNotAllowed")


# Whose customer is it


def test_an_unknown_customer_is_404_and_another_partners_403(partner: Partner, make_partner: MakePartner) -> None:
    theirs = make_partner("Other").customer("Theirs")

    unknown = partner.client.get("/v1/customers/00000000-0000-4000-8000-000000000000")
    other = partner.client.get(f"/v1/customers/{theirs['id']}")
    no_customer = partner.client.get(f"/v1/customers/{partner.id}")

    assert (unknown.status_code, unknown.json()["code"]) == (404, 60003)
    assert (other.status_code, other.json()["code"]) == (403, 20002)
    assert (no_customer.status_code, no_customer.json()["code"]) == (404, 60003)
    assert partner.client.get("/v1/customers").json()["items"] == []


# Lists


def names_of(body: dict[str, Any]) -> list[str]:
    return [item["companyProfile"]["companyName"] for item in body["items"]]


def follow(client: AppClient, body: dict[str, Any], link: str) -> dict[str, Any]:
    """The page a link leads to, as a client that adds the version itself goes there."""
    headers = {header["key"]: header["value"] for header in body["links"][link]["headers"]}
    answer = client.get(f"/v1/{body['links'][link]['uri']}", headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_250_customers_are_read_forwards_and_back_by_their_links(lab: Lab, partner: Partner) -> None:
    names = many_customers(lab, partner, 250)

    pages = [partner.client.get("/v1/customers?size=100").json()]
    while "next" in pages[-1]["links"]:
        pages.append(follow(partner.client, pages[-1], "next"))

    assert [page["totalCount"] for page in pages] == [100, 100, 50]
    assert [name for page in pages for name in names_of(page)] == names
    assert "previous" not in pages[0]["links"]
    assert "continuationToken" not in pages[2]
    assert names_of(follow(partner.client, pages[2], "previous")) == names[100:200]
    assert names_of(follow(partner.client, pages[1], "previous")) == names[:100]
    token = pages[0]["continuationToken"]
    last = partner.client.get("/v1/customers?seekOperation=Last", headers={"MS-ContinuationToken": token}).json()
    assert names_of(last) == names[150:]
    assert "next" not in last["links"]


def test_a_list_item_has_id_company_profile_and_relationship_only(partner: Partner) -> None:
    made = partner.customer("Relecloud")
    key = made["id"]

    assert partner.client.get("/v1/customers?size=0").json() == {
        "totalCount": 1,
        "items": [
            {
                "id": key,
                "companyProfile": {
                    "tenantId": key,
                    "domain": "relecloud.onmicrosoft.com",
                    "companyName": "Relecloud",
                    "links": {"self": {"uri": f"/customers/{key}/profiles/company", "method": "GET", "headers": []}},
                    "attributes": {"objectType": "CustomerCompanyProfile"},
                },
                "relationshipToPartner": "reseller",
                "links": {"self": {"uri": f"/customers/{key}", "method": "GET", "headers": []}},
                "attributes": {"objectType": "Customer"},
            }
        ],
        "links": {"self": {"uri": "/customers?size=0", "method": "GET", "headers": []}},
        "attributes": {"objectType": "Collection"},
    }


@pytest.mark.parametrize(
    ("filter_text", "found"),
    [
        ('{"Field":"CompanyName","Value":"CUSTOMER 000","Operator":"starts_with"}', ["0000", "0001", "0002", "0003"]),
        ('{"Field":"Domain","Value":"D000","Operator":"StartsWith"}', ["0003", "0002", "0001", "0000"]),
        ('{"Field":"CompanyName","Value":"nobody","Operator":"starts_with"}', []),
    ],
)
def test_customers_are_filtered_by_prefixes(lab: Lab, partner: Partner, filter_text: str, found: list[str]) -> None:
    many_customers(lab, partner, 4)

    page = partner.client.get("/v1/customers", params={"filter": filter_text}).json()

    assert names_of(page) == [f"Customer {number}" for number in found]


def test_the_token_carries_filter_and_size(lab: Lab, provider: Partner, reseller: Partner) -> None:
    names = many_customers(lab, provider, 30, reseller)
    wanted = f'{{"Field":"IndirectReseller","Value":"{reseller.id}","Operator":"starts_with"}}'

    first = provider.client.get("/v1/customers", params={"filter": wanted, "size": "4"}).json()
    second = follow(provider.client, first, "next")

    assert names_of(first) + names_of(second) == names[0:24:3]
    assert names_of(reseller.client.get("/v1/customers").json()) == names[::3]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter=%7B", 800002),
        ('filter={"Field":"Email","Value":"a","Operator":"starts_with"}', 3000),
        ('filter={"Field":"Domain","Value":"a","Operator":"equals"}', 800002),
        ('filter={"Field":"IndirectReseller","Value":"a","Operator":"starts_with"}', 800002),
        ("size=-1", 800002),
        ("seekOperation=Next", 800002),
        ("seekOperation=Sideways", 800002),
    ],
)
def test_what_a_list_does_not_understand_is_refused(partner: Partner, query: str, code: int) -> None:
    answer = partner.client.get(f"/v1/customers?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_made_up_token_is_refused(partner: Partner) -> None:
    answer = partner.client.get("/v1/customers?seekOperation=Next", headers={"MS-ContinuationToken": "bm9uZQ=="})

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


# Profiles


def test_a_billing_profile_is_replaced_whole_under_its_etag(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    path = f"/v1/customers/{key}/profiles/billing"
    present = partner.client.get(path).json()
    wanted = {**present, "companyName": "Relecloud Ltd", "email": "new@relecloud2.com"}

    answer = partner.client.put(path, wanted, headers={"If-Match": f'"{present["attributes"]["etag"]}"'})

    assert answer.status_code == 200
    etag = answer.json()["attributes"]["etag"]
    assert etag != present["attributes"]["etag"]
    assert int(etag) in range(-(1 << 63), 1 << 63)
    assert answer.json() == {**wanted, "attributes": {"etag": etag, "objectType": "CustomerBillingProfile"}}
    assert partner.client.get(path).json() == answer.json()
    assert partner.client.get(f"/v1/customers/{key}/profiles/company").json()["companyName"] == "Relecloud Ltd"
    fact = lab.events("BillingProfileUpdated")[0]
    assert fact["before"] == {"companyName": "Relecloud", "email": "gena@relecloud2.com"}
    assert fact["after"] == {"companyName": "Relecloud Ltd", "email": "new@relecloud2.com"}


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_stale_etag_changes_nothing(lab: Lab, partner: Partner, where: str) -> None:
    path = f"/v1/customers/{partner.customer('Relecloud')['id']}/profiles/billing"
    present = partner.client.get(path).json()
    stale = present["attributes"]["etag"]
    assert partner.client.put(path, {**present, "email": "one@relecloud2.com"}).status_code == 200
    late = {**present, "email": "two@relecloud2.com"}
    if where == "header":
        late = {**late, "attributes": {}}

    answer = lab.nothing_changed(
        lambda: partner.client.put(path, late, headers={"If-Match": stale} if where == "header" else {})
    )

    assert (answer.status_code, answer.json()["code"]) == (412, 2055)
    assert partner.client.get(path).json()["email"] == "one@relecloud2.com"


def test_the_same_profile_again_changes_nothing(lab: Lab, partner: Partner) -> None:
    path = f"/v1/customers/{partner.customer('Relecloud')['id']}/profiles/billing"
    present = partner.client.get(path).json()

    answer = lab.nothing_changed(lambda: partner.client.put(path, present))

    assert (answer.status_code, answer.json()) == (200, present)


def test_the_country_of_a_customer_cannot_change(lab: Lab, partner: Partner) -> None:
    path = f"/v1/customers/{partner.customer('Relecloud')['id']}/profiles/billing"
    present = partner.client.get(path).json()
    present["defaultAddress"] = {
        "country": "CA",
        "addressLine1": "1 King Street",
        "city": "Toronto",
        "state": "ON",
        "postalCode": "M5H 1A1",
        "firstName": "A",
        "lastName": "B",
    }

    answer = lab.nothing_changed(lambda: partner.client.put(path, present))

    assert (answer.status_code, list(answer.json()["parameters"]["problems"])) == (400, ["country"])


def test_organization_and_domains_are_bare_arrays(partner: Partner) -> None:
    key = partner.administered("Relecloud")["id"]

    assert partner.client.get(f"/v1/customers/{key}/organization").json() == [
        {
            "street": "One Microsoft Way",
            "countryLetterCode": "US",
            "postalCode": "98052",
            "city": "Redmond",
            "state": "WA",
            "displayName": "Relecloud",
            "technicalNotificationMails": ["gena@relecloud2.com"],
        }
    ]
    assert partner.client.get(f"/v1/customers/{key}/customDomains").json() == ["relecloud.onmicrosoft.com"]


def test_a_verified_domain_is_attached_once(lab: Lab, partner: Partner) -> None:
    key = partner.administered("Relecloud")["id"]
    lab.give_delegated_access(partner.id, UUID(key), "Domain Name Administrator")
    body = {
        "verifiedDomainName": "Example.com",
        "domain": {"authenticationType": "Managed", "capability": "Email", "isDefault": True, "name": "Example.com"},
    }

    made = partner.client.post(f"/v1/customers/{key}/verifieddomain", body)
    again = lab.nothing_changed(lambda: partner.client.post(f"/v1/customers/{key}/verifieddomain", body))

    assert (made.status_code, made.json()) == (
        201,
        {
            "authenticationType": "managed",
            "capability": "none",
            "isDefault": True,
            "isInitial": False,
            "name": "example.com",
            "rootDomain": "example.com",
            "status": "verified",
            "verificationMethod": "dns_record",
        },
    )
    assert partner.client.get(f"/v1/customers/{key}/customdomains").json() == [
        "example.com",
        "relecloud.onmicrosoft.com",
    ]
    assert (again.status_code, again.json()["code"]) == (409, 1003)


# The end


def test_an_ended_relationship_leaves_the_list_and_answers_403(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]

    answer = partner.client.patch(
        f"/v1/customers/{key}/", {"RelationshipToPartner": "None", "AllowDelegatedAccess": None}
    )

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": key,
            "relationshipToPartner": "none",
            "allowDelegatedAccess": False,
            "links": {"self": {"uri": f"/customers/{key}", "method": "GET", "headers": []}},
            "attributes": {"objectType": "Customer"},
        },
    )
    assert names_of(partner.client.get("/v1/customers").json()) == []
    after = partner.client.get(f"/v1/customers/{key}")
    assert (after.status_code, after.json()["code"]) == (403, 20002)
    assert lab.events("ResellerRelationshipEnded")[0]["before"] == {"relationshipToPartner": "reseller"}


def test_only_a_global_admin_ends_a_relationship(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    agent = lab.client(lab.user(partner.tenant, Role.ADMIN_AGENT))

    answer = lab.nothing_changed(lambda: agent.patch(f"/v1/customers/{key}", {"relationshipToPartner": "none"}))

    assert (answer.status_code, answer.json()["code"]) == (403, 900150)


@pytest.mark.parametrize("body", [{}, {"allowDelegatedAccess": True}, {"relationshipToPartner": "reseller"}])
def test_nothing_else_of_a_customer_is_patched(lab: Lab, partner: Partner, body: dict[str, Any]) -> None:
    key = partner.customer("Relecloud")["id"]

    answer = lab.nothing_changed(lambda: partner.client.patch(f"/v1/customers/{key}", body))

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_delegated_administration_is_given_up_once(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    with lab.begin() as uow:
        queries.one_customer(uow, UUID(key)).allow_delegated_access = True

    answer = partner.client.patch(f"/v1/customers/{key}", {"allowDelegatedAccess": False})
    lab.nothing_changed(lambda: partner.client.patch(f"/v1/customers/{key}", {"allowDelegatedAccess": False}))

    assert (answer.status_code, answer.json()["allowDelegatedAccess"]) == (200, False)
    assert lab.kinds().count("DelegatedAccessRemoved") == 1


@pytest.mark.parametrize("role", ["Directory Readers", "Global Reader", "Global Administrator"])
def test_the_companys_address_is_shown_by_delegated_access_only(lab: Lab, partner: Partner, role: str) -> None:
    key = partner.customer("Relecloud")["id"]
    company = f"/v1/customers/{key}/profiles/company"
    without = partner.client.get(company).json()
    lab.give_delegated_access(partner.id, UUID(key), role)

    shown = partner.client.get(company).json()

    assert {"address", "email"}.isdisjoint(without)
    assert (shown["email"], shown["address"]["city"]) == ("gena@relecloud2.com", "Redmond")
    assert partner.client.get(f"/v1/customers/{key}").json()["companyProfile"] == shown


def test_a_deleted_sandbox_customer_is_unknown_and_its_name_found_no_more(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]

    answer = partner.client.delete(f"/v1/customers/{key}")

    assert (answer.status_code, answer.content) == (204, b"")
    gone = partner.client.get(f"/v1/customers/{key}")
    assert (gone.status_code, gone.json()["code"]) == (404, 60003)
    with lab.read(partner.actor) as uow:
        assert queries.search_customers(uow, "relecloud") == []
    again = lab.nothing_changed(lambda: partner.client.delete(f"/v1/customers/{key}"))
    assert (again.status_code, again.json()["code"]) == (404, 60003)


def test_production_deletes_no_customer(lab: Lab, partner: Partner) -> None:
    key = partner.customer("Relecloud")["id"]
    lab.world.settings = msgspec.structs.replace(lab.world.settings, profile=Profile.PRODUCTION)

    answer = lab.nothing_changed(lambda: partner.client.delete(f"/v1/customers/{key}"))

    assert (answer.status_code, answer.json()["code"]) == (400, 900127)


def test_a_reaction_that_refuses_undoes_the_end(lab: Lab, partner: Partner) -> None:
    """How a slice that keeps subscriptions says that they must go first."""
    key = partner.customer("Relecloud")["id"]

    def refuse(_uow: UnitOfWork, _fact: ResellerRelationshipEnded) -> None:
        raise CustomerStillHolds(Holdings((HeldItem(HoldingKind.RESERVATION, UUID(int=7), "B1s"),)))

    lab.world.reactions.on(ResellerRelationshipEnded, refuse)

    answer = lab.nothing_changed(
        lambda: partner.client.patch(f"/v1/customers/{key}", {"relationshipToPartner": "none"})
    )

    assert (answer.status_code, answer.json()["errorName"]) == (400, "CustomerStillHolds")
    assert answer.json()["parameters"]["holdings"] == [
        {"kind": "reservation", "id": "00000000-0000-0000-0000-000000000007", "name": "B1s"}
    ]
    assert partner.client.get(f"/v1/customers/{key}").json()["relationshipToPartner"] == "reseller"
