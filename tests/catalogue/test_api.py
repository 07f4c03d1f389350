"""The catalogue over the wire: whole bodies, links, codes. Source: partner-center-resources §5-§7."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from openpartner.customers.models import Customer, CustomerQualification
from openpartner.customers.rules import Qualification, Vetting
from openpartner.identity.models import Tenant
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.catalogue.conftest import Shop
from tests.support.client import AppClient


@pytest.fixture
def client(shop: Shop) -> AppClient:
    return shop.client


def get(client: AppClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def link(uri: str) -> dict[str, Any]:
    return {"uri": uri, "method": "GET", "headers": []}


def customer_of(shop: Shop, *qualifications: Qualification, vetting: Vetting | None = None) -> str:
    """A customer of the agent's partner, put into the tables; its tenant id."""
    tenant = shop.lab.tenant(TenantKind.CUSTOMER, "Relecloud")
    with shop.lab.begin() as uow:
        commerce_id = uow.ids.uuid()
        uow.db.add(
            Customer(
                commerce_id=commerce_id,
                partner_id=shop.agent.tenant,
                tenant_id=tenant.id,
                since_at=uow.now,
                company_name="Relecloud",
                name_key="relecloud",
                domain="relecloud.onmicrosoft.com",
                country="US",
            )
        )
        uow.db.flush()
        for qualification in qualifications:
            uow.db.add(
                CustomerQualification(
                    id=uow.ids.uuid(),
                    tenant_id=tenant.id,
                    commerce_id=commerce_id,
                    qualification=qualification,
                    vetting=vetting,
                    requested_at=uow.now,
                )
            )
    return str(tenant.id)


# --- products


def test_a_product_is_answered_whole_with_links_of_its_country(client: AppClient) -> None:
    assert get(client, "/v1/products/CFQ7TTC0LH18?country=us") == {
        "id": "CFQ7TTC0LH18",
        "title": "Microsoft 365 Business Basic",
        "description": "Microsoft 365 Business Basic, licensed for each user.",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "links": {
            "skus": link("/products/CFQ7TTC0LH18/skus?country=US"),
            "self": link("/products/CFQ7TTC0LH18?country=US"),
        },
        "attributes": {"objectType": "Product"},
    }


VIEWS = (
    ("OnlineServices", 86, {"OnlineServicesNCE", "SaaS"}),
    ("onlineservices&targetSegment=education", 4, {"OnlineServicesNCE"}),
    ("Azure", 10, {"Azure"}),
    ("MicrosoftAzure", 1, {"Azure"}),
    ("AzureReservationsVM", 6, {"Azure"}),
    ("AzureReservationsSQL", 1, {"Azure"}),
    ("Software", 21, {"Software"}),
    ("SoftwarePerpetual", 13, {"Software"}),
    ("SoftwareSUSELinux", 3, {"Software"}),
    ("Marketplace&reservationScope=AzurePlan", 8, {"SaaS"}),
)


def test_each_view_lists_its_products(client: AppClient) -> None:
    for view, count, kinds in VIEWS:
        body = get(client, f"/v1/products?country=US&targetView={view}")
        assert (view, body["totalCount"], len(body["items"])) == (view, count, count)
        assert {item["productType"]["id"] for item in body["items"]} == kinds
        assert body["attributes"] == {"objectType": "Collection"}


def test_a_list_links_to_itself_with_its_query(client: AppClient) -> None:
    body = get(client, "/v1/products/?country=US&TARGETVIEW=microsoftazure")
    assert body["links"] == {"self": link("/products?country=US&targetView=MicrosoftAzure")}


REFUSED = (
    ("/v1/products?targetView=Azure", 400, 800002),
    ("/v1/products?country=XX&targetView=Azure", 400, 800002),
    ("/v1/products?country=US", 400, 800002),
    ("/v1/products?country=US&targetView=Windows", 403, 400036),
    ("/v1/products?country=US&targetView=Azure&targetSegment=military", 403, 400030),
    ("/v1/products/CFQ7TTC0NONE?country=US", 404, 400013),
    ("/v1/products/CFQ7TTC0LH18?country=FR", 404, 400013),
    ("/v1/products/CFQ7TTC0LH18/skus/9999?country=US", 404, 400018),
    ("/v1/products/CFQ7TTC0LH18/skus/9999/availabilities?country=US", 404, 400018),
    ("/v1/products/CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0NONE?country=US", 404, 400019),
    ("/v1/offers/00000000-0000-0000-0000-000000000000?country=US", 404, 1000),
    ("/v1/productpromotions/A:B:C?country=US", 404, 1000),
)


def test_what_cannot_be_read_is_refused_with_its_code(client: AppClient) -> None:
    for path, status, code in REFUSED:
        answer = client.get(path)
        assert (path, answer.status_code, answer.json()["code"]) == (path, status, code)


def test_who_may_not_see_prices_is_refused(shop: Shop) -> None:
    partner = shop.lab.partner("Another Partner")
    helpdesk = shop.lab.client(shop.lab.user(partner, Role.HELPDESK_AGENT))
    assert helpdesk.get("/v1/products/CFQ7TTC0LH18?country=US").status_code == 403
    assert shop.lab.client().get("/v1/products/CFQ7TTC0LH18?country=US").status_code == 401


# --- SKUs


def test_a_sku_is_answered_whole(client: AppClient) -> None:
    trial = get(client, "/v1/products/CFQ7TTC0LH18/skus/0002?country=US")
    assert trial == {
        "id": "0002",
        "productId": "CFQ7TTC0LH18",
        "title": "Microsoft 365 Business Basic Trial",
        "description": "Microsoft 365 Business Basic, licensed for each user. Free for 30 days, 25 seats.",
        "minimumQuantity": 25,
        "maximumQuantity": 25,
        "isTrial": True,
        "supportedBillingCycles": ["monthly"],
        "purchasePrerequisites": ["MicrosoftCustomerAgreement"],
        "inventoryVariables": [],
        "provisioningVariables": [],
        "constraints": [{"constraintName": "AssetOwnershipLimit", "constraintValue": 1, "constraintType": "Lifetime"}],
        "actions": ["Cancel", "Edit"],
        "dynamicAttributes": {
            "isMicrosoftProduct": True,
            "hasConstraints": True,
            "isAddon": False,
            "isSoftwareAssuranceApplicable": False,
            "internal": False,
            "billingType": "License",
            "upgradeTargetOffers": ["CFQ7TTC0LDPB:0001", "CFQ7TTC0LCHC:0001"],
            "conversionInstructions": {"targetSkus": ["CFQ7TTC0LH18:0001"]},
            "provisioningId": "3b555118-da6a-4418-894f-7df1e2096870",
        },
        "links": {
            "availabilities": link("/products/CFQ7TTC0LH18/skus/0002/availabilities?country=US"),
            "self": link("/products/CFQ7TTC0LH18/skus/0002?country=US"),
        },
        "attributes": {"objectType": "Sku"},
    }
    listed = get(client, "/v1/products/CFQ7TTC0LH18/skus?country=US")
    assert [sku["id"] for sku in listed["items"]] == ["0001", "0002"]
    assert listed["items"][1] == trial
    assert listed["items"][0]["supportedBillingCycles"] == ["monthly", "annual"]
    assert listed["links"] == {"self": link("/products/CFQ7TTC0LH18/skus?country=US")}


def test_a_reservation_says_what_its_purchase_needs(client: AppClient) -> None:
    sku = get(client, "/v1/products/DZH318Z0BNZ5/skus/006G?country=US")
    assert sku["purchasePrerequisites"] == [
        "InventoryCheck",
        "AzureSubscriptionRegistration",
        "MicrosoftCustomerAgreement",
    ]
    assert (sku["inventoryVariables"], sku["provisioningVariables"]) == (
        ["CustomerId", "AzureSubscriptionId"],
        ["Scope", "SubscriptionId"],
    )
    assert sku["dynamicAttributes"]["armSkuName"] == "Standard_D2s_v5"
    assert "constraints" not in sku


# --- availabilities


def test_an_availability_is_answered_with_its_terms(client: AppClient) -> None:
    found = get(client, "/v1/products/CFQ7TTC0LH18/skus/0001/availabilities?country=US")
    (item,) = found["items"]
    assert get(client, "/v1/products/CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0K971?country=US") == item
    terms = item.pop("terms")
    assert item.pop("product")["id"] == "CFQ7TTC0LH18"
    assert item.pop("sku")["id"] == "0001"
    assert item == {
        "id": "CFQ7TTC0K971",
        "productId": "CFQ7TTC0LH18",
        "skuId": "0001",
        "catalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
        "defaultCurrency": {"code": "USD", "symbol": "$"},
        "segment": "commercial",
        "country": "US",
        "isPurchasable": True,
        "isRenewable": True,
        "renewalInstructions": [
            {
                "applicableTermIds": [term["id"] for term in terms],
                "renewalOptions": [{"renewToId": "CFQ7TTC0LH18:0001", "isAutoRenewable": True}],
            }
        ],
        "links": {"self": link("/products/CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0K971?country=US")},
        "attributes": {"objectType": "Availability"},
    }
    assert [(term["duration"], term["billingCycle"], term["description"]) for term in terms] == [
        ("P1M", "Monthly", "One-Month commitment for monthly billing"),
        ("P1Y", "Monthly", "One-Year commitment for monthly billing"),
        ("P1Y", "Annual", "One-Year commitment for yearly billing"),
    ]
    assert terms[1]["renewalOptions"] == [
        {"termDuration": "P1M", "description": "One-Month commitment for monthly billing"},
        {"termDuration": "P1Y", "description": "One-Year commitment for monthly billing"},
    ]
    assert terms[1]["cancellationPolicies"] == [
        {
            "refundOptions": [
                {"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"},
                {"sequenceId": 1, "type": "Partial", "expiresAfter": "P7D"},
            ]
        }
    ]
    assert len({term["id"] for term in terms}) == 3


def test_nonprofit_availabilities_show_only_when_asked_for(client: AppClient) -> None:
    path = "/v1/products/CFQ7TTC0LCHC/skus/0001/availabilities?country=US"
    assert [item["segment"] for item in get(client, path)["items"]] == ["commercial"]
    (nonprofit,) = get(client, f"{path}&targetSegment=nonprofit")["items"]
    assert nonprofit["segment"] == "nonprofit"
    one = get(client, f"/v1/products/CFQ7TTC0LCHC/skus/0001/availabilities/{nonprofit['id']}?country=US")
    assert one["catalogItemId"] == nonprofit["catalogItemId"]


def test_the_azure_plan_has_one_term_without_a_duration(client: AppClient) -> None:
    (item,) = get(client, "/v1/products/DZH318Z0BPS6/skus/0001/availabilities?country=US")["items"]
    (term,) = item["terms"]
    assert (term["duration"], term["billingCycle"], term["cancellationPolicies"]) == ("", "Monthly", [])
    assert "renewalInstructions" not in item


# --- a customer's catalogue


def test_a_customer_sees_the_segments_it_is_qualified_for(shop: Shop) -> None:
    customer_id = customer_of(shop, Qualification.EDUCATION, vetting=Vetting.APPROVED)
    base = f"/v1/customers/{customer_id}/products"
    body = get(shop.client, f"{base}?targetView=OnlineServices&targetSegment=education")

    assert body["totalCount"] == 4
    assert body["links"] == {
        "self": link(f"/customers/{customer_id}/products?targetView=OnlineServices&targetSegment=education")
    }
    product = body["items"][0]["id"]
    assert get(shop.client, f"/v1/customers/{customer_id}/products/{product}") == body["items"][0]
    assert body["items"][0]["links"]["skus"] == link(f"/customers/{customer_id}/products/{product}/skus")
    (sku,) = get(shop.client, f"/v1/customers/{customer_id}/products/{product}/skus")["items"]
    assert get(shop.client, f"/v1/customers/{customer_id}/products/{product}/skus/{sku['id']}") == sku
    (item,) = get(shop.client, f"/v1/customers/{customer_id}/products/{product}/skus/{sku['id']}/availabilities")[
        "items"
    ]
    assert (
        get(shop.client, f"/v1/customers/{customer_id}/products/{product}/skus/{sku['id']}/availabilities/{item['id']}")
        == item
    )
    assert item["segment"] == "education"


@pytest.mark.parametrize("vetting", [Vetting.IN_REVIEW, Vetting.DENIED])
def test_a_qualification_that_is_not_approved_opens_nothing(shop: Shop, vetting: Vetting) -> None:
    base = f"/v1/customers/{customer_of(shop, Qualification.EDUCATION, vetting=vetting)}/products"
    refused = shop.client.get(f"{base}?targetView=OnlineServices&targetSegment=education")
    assert (refused.status_code, refused.json()["code"]) == (403, 400030)
    everything = get(shop.client, f"{base}?targetView=OnlineServices")
    assert everything["totalCount"] == 82


def test_anothers_customer_has_no_catalogue_here(shop: Shop) -> None:
    customer_id = customer_of(shop)
    stranger = shop.lab.client(shop.lab.user(shop.lab.partner("Stranger"), Role.SALES_AGENT))
    refused = stranger.get(f"/v1/customers/{customer_id}/products?targetView=Azure")
    assert (refused.status_code, refused.json()["code"]) == (403, 20002)
    unknown = stranger.get(f"/v1/customers/{uuid4()}/products?targetView=Azure")
    assert (unknown.status_code, unknown.json()["code"]) == (404, 60003)


def test_a_customers_admin_reads_its_own_catalogue(shop: Shop) -> None:
    customer_id = customer_of(shop)
    with shop.lab.read() as uow:
        tenant = uow.db.query(Customer).one().tenant_id
        assert str(tenant) == customer_id
    admin = shop.lab.user(_tenant(shop, customer_id), Role.CUSTOMER_GLOBAL_ADMIN)
    body = get(shop.lab.client(admin), f"/v1/customers/{customer_id}/products?targetView=MicrosoftAzure")
    assert [item["title"] for item in body["items"]] == ["Azure plan"]


def _tenant(shop: Shop, customer_id: str) -> Tenant:
    with shop.lab.read() as uow:
        return uow.db.get_one(Tenant, UUID(customer_id))


# --- inventory


def test_inventory_is_restricted_where_a_reservation_is_sold_out(client: AppClient) -> None:
    context = {"customerId": "c", "azureSubscriptionId": "s", "armRegionName": "JapanWest"}
    items = [
        {"ProductId": "DZH318Z0BNZ5", "SkuId": "006G"},
        {"ProductId": "CFQ7TTC0LH18"},
        {"ProductId": "CFQ7TTC0NONE", "SkuId": "0001"},
        {"ProductId": "CFQ7TTC0LH18", "SkuId": "9999"},
    ]
    answer = client.post(
        "/v1/extensions/product/checkInventory?country=US", {"TargetItems": items, "InventoryContext": context}
    )
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "productId": "DZH318Z0BNZ5",
            "skuId": "006G",
            "isRestricted": True,
            "restrictions": [
                {
                    "reasonCode": "NotAvailableForSubscription",
                    "description": "The item is sold out in this region. Choose another region.",
                    "properties": {"type": "Location", "values": "japanwest"},
                }
            ],
        },
        {"productId": "CFQ7TTC0LH18", "isRestricted": False, "restrictions": []},
    ]


def test_inventory_needs_the_variables_the_sku_names(client: AppClient) -> None:
    answer = client.post(
        "/v1/extensions/product/checkinventory?country=US",
        {"targetItems": [{"productId": "DZH318Z0BNZ5"}], "inventoryContext": {"customerId": "c"}},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert answer.json()["description"] == "Give AzureSubscriptionId in the inventoryContext."


# --- promotions


def test_running_promotions_are_listed_and_one_shows_its_constraints(client: AppClient) -> None:
    body = get(client, "/v1/productpromotions?country=US&segment=Commercial")
    assert [item["id"][:12] for item in body["items"]] == [
        "39NFJQT1PJQB",
        "39NFJQT1PJQC",
        "39NFJQT1PJQD",
        "39NFJQT1PJQF",
    ]
    assert body["links"] == {"self": link("/productpromotions?country=US&segment=Commercial")}
    assert all("promotionConstraints" not in item for item in body["items"])
    one = get(client, "/v1/productpromotions/39NFJQT1PJQC:0001:39NFJQT1Q5KP?country=US")
    assert one == {
        "id": "39NFJQT1PJQC:0001:39NFJQT1Q5KP",
        "name": "Step up to E5",
        "description": "10% off for the first term.",
        "startDate": "2020-01-01T00:00:00Z",
        "endDate": "2029-12-31T23:59:59Z",
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [
            {
                "productId": "CFQ7TTC0LFLZ",
                "skuId": "0001",
                "term": {"duration": "P1Y", "billingCycle": "Annual"},
                "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.1"}],
            }
        ],
        "promotionConstraints": {
            "seatConstraints": [],
            "assetOwnershipLimits": [],
            "eligibilityConstraints": [],
            "productOwnershipConstraints": [
                [{"bigId": "CFQ7TTC0LFLX", "minSeats": 10, "maxSeats": 10000000}],
                [{"bigId": "CFQ7TTC0LF8R", "minSeats": 10, "maxSeats": 10000000}],
            ],
        },
        "attributes": {"objectType": "ProductPromotion"},
    }


def test_a_promotion_that_is_over_is_still_shown_by_id(client: AppClient) -> None:
    over = get(client, "/v1/productpromotions/39NFJQT1PJQH:0001:39NFJQT1Q5KT?country=US")
    assert over["endDate"] == "2024-06-30T23:59:59Z"


# --- legacy offers


def test_a_legacy_offer_is_answered_whole(client: AppClient) -> None:
    offer = get(client, "/v1/offers/bd938f12-058f-4927-bba3-ae36b1d2501c?country=US")
    uri = offer.pop("uri")
    assert uri.endswith("/Offers/BD938F12-058F-4927-BBA3-AE36B1D2501C")
    rank = offer.pop("rank")
    assert rank > 50
    assert offer == {
        "id": "BD938F12-058F-4927-BBA3-AE36B1D2501C",
        "name": "Microsoft 365 Business Basic",
        "description": "Microsoft 365 Business Basic, licensed for each user.",
        "minimumQuantity": 1,
        "maximumQuantity": 300,
        "locale": "en-US",
        "country": "US",
        "category": {
            "id": "SmallBusiness_Key",
            "name": "Small Business",
            "rank": 30,
            "locale": "en-US",
            "country": "US",
            "attributes": {"objectType": "OfferCategory"},
        },
        "prerequisiteOffers": [],
        "isAddOn": False,
        "isAvailableForPurchase": False,
        "billing": "license",
        "supportedBillingCycles": ["annual", "monthly"],
        "isAutoRenewable": True,
        "upgradeTargetOffers": ["031C9E47-4802-4248-838E-778FB1D2CC05", offer["upgradeTargetOffers"][1]],
        "salesGroupId": "Default",
        "limitUnitOfMeasure": "None",
        "limit": 0,
        "hasAddOns": True,
        "isTrial": False,
        "isInternal": False,
        "isMicrosoftProduct": True,
        "product": {
            "id": "3b555118-da6a-4418-894f-7df1e2096870",
            "name": "Microsoft 365 Business Basic",
            "unit": "Licenses",
        },
        "unitType": "Licenses",
        "termUnitOfMeasure": "Year",
        "term": 1,
        "acquisitionType": "purchase",
        "supportedCatalogTypes": ["sandbox", "live"],
        "actions": ["Cancel", "Edit"],
        "partnerQualifications": [],
        "resellerQualifications": "",
        "reselleeQualifications": "",
        "links": {"self": link("/offers/BD938F12-058F-4927-BBA3-AE36B1D2501C?country=US")},
        "attributes": {"objectType": "Offer"},
    }


def test_offers_are_paged_by_size_and_offset(client: AppClient) -> None:
    whole = get(client, "/v1/offers?country=US&size=0")
    assert whole["totalCount"] == 100
    assert "next" not in whole["links"]
    page = get(client, "/v1/offers?country=US&size=40&offset=40")
    assert [item["id"] for item in page["items"]] == [item["id"] for item in whole["items"][40:80]]
    assert page["links"]["next"] == link("/offers?country=US&size=40&offset=80")
    assert page["links"]["previous"] == link("/offers?country=US&size=40&offset=0")
    last = get(client, "/v1/offers?country=US&size=40&offset=80")
    assert (last["totalCount"], "next" in last["links"]) == (20, False)


def test_offers_of_a_category(client: AppClient) -> None:
    trials = get(client, "/v1/offers?country=US&offer_category_id=Trial_Key")
    assert {item["isTrial"] for item in trials["items"]} == {True}
    assert trials["items"][0]["salesGroupId"] == f"Trial-{trials['items'][0]['id']}"
    assert (trials["items"][0]["limitUnitOfMeasure"], trials["items"][0]["limit"]) == ("Lifetime", 1)


def test_addons_of_an_offer_name_it_as_their_base(client: AppClient) -> None:
    base = "796B6B5F-613C-4E24-A17C-EBA730D49C02"
    addons = get(client, f"/v1/offers/{base.lower()}/addons?country=US")
    assert addons["totalCount"] == 7
    assert all(base in item["prerequisiteOffers"] and item["isAddOn"] for item in addons["items"])
    assert {(item["category"]["id"], item["category"]["rank"]) for item in addons["items"]} == {("", 0)}


def test_offer_categories_have_no_links(client: AppClient) -> None:
    body = get(client, "/v1/offercategories?country=US")
    assert "links" not in body
    assert [(item["id"], item["rank"]) for item in body["items"]] == [
        ("Enterprise_Key", 20),
        ("SmallBusiness_Key", 30),
        ("Nonprofit_Key", 60),
        ("Trial_Key", 70),
    ]


def test_a_customers_offers_and_categories(shop: Shop) -> None:
    customer_id = customer_of(shop)
    offers = get(shop.client, f"/v1/customers/{customer_id}/offers?size=10")
    assert (offers["totalCount"], offers["links"]["next"]) == (
        10,
        link(f"/customers/{customer_id}/offers?size=10&offset=10"),
    )
    assert get(shop.client, f"/v1/customers/{customer_id}/offercategories")["totalCount"] == 4
