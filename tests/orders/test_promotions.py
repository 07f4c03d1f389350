"""Promotion eligibilities over the wire. Source: partner-center-resources §6, commerce-rules §15."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.catalogue.seed_catalogue import seed_catalogue
from openpartner.customers.models import Customer
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.support.client import AppClient
from tests.support.lab import Lab

LAUNCH = "39NFJQT1PJQB:0001:39NFJQT1Q5KN"


@pytest.fixture
def client(lab: Lab) -> AppClient:
    with lab.begin() as uow:
        seed_catalogue(uow, ["US"])
    return lab.client(lab.user(lab.partner(), Role.SALES_AGENT))


@pytest.fixture
def customer_id(lab: Lab, client: AppClient) -> UUID:
    tenant = lab.tenant(TenantKind.CUSTOMER, "Relecloud")
    with lab.begin() as uow:
        partner = uow.db.query(type(tenant)).filter_by(name="Contoso Partner").one()
        uow.db.add(
            Customer(
                commerce_id=uow.ids.uuid(),
                partner_id=partner.id,
                tenant_id=tenant.id,
                since_at=uow.now,
                company_name="Relecloud",
                name_key="relecloud",
                domain="relecloud.onmicrosoft.com",
                country="US",
            )
        )
    return tenant.id


def item_of(client: AppClient, sku: str) -> str:
    product, sku_id = sku.split(":")
    body = client.get(f"/v1/products/{product}/skus/{sku_id}/availabilities?country=US").json()
    item: str = body["items"][0]["catalogItemId"]
    return item


def verdicts(client: AppClient, customer_id: UUID, **item: Any) -> Any:
    asked = {"Id": "0", "Quantity": 5, "BillingCycle": "Monthly", "TermDuration": "P1Y"} | item
    answer = client.post(f"/v1/customers/{customer_id}/promotionEligibilities", {"Items": [asked]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_eligible_promotion_is_answered_whole(client: AppClient, customer_id: UUID) -> None:
    item = item_of(client, "CFQ7TTC0LCHC:0001")
    assert verdicts(client, customer_id, CatalogItemId=item) == {
        "totalCount": 1,
        "items": [
            {
                "id": 0,
                "catalogItemId": item,
                "quantity": 5,
                "billingCycle": "monthly",
                "termDuration": "P1Y",
                "eligibilities": [{"promotionId": LAUNCH, "isEligible": True}],
                "attributes": {"objectType": "PromotionEligibilities"},
            }
        ],
        "attributes": {"objectType": "Collection"},
    }


def test_each_reason_carries_its_numbers(client: AppClient, customer_id: UUID) -> None:
    premium = item_of(client, "CFQ7TTC0LCHC:0001")
    copilot = client.get("/v1/productpromotions/39NFJQT1PJQF:0001:39NFJQT1Q5KR?country=US").json()
    product = copilot["requiredProducts"][0]["productId"]
    cases: list[tuple[dict[str, Any], str, list[dict[str, Any]]]] = [
        (
            {"CatalogItemId": premium, "BillingCycle": "Annual"},
            LAUNCH,
            [
                {
                    "type": "Term",
                    "description": "The promotion is for P1Y billed monthly.",
                    "eligibleTerms": [{"billingCycle": "monthly", "duration": "P1Y"}],
                }
            ],
        ),
        (
            {"CatalogItemId": item_of(client, f"{product}:0001"), "BillingCycle": "Annual"},
            copilot["id"],
            [
                {
                    "type": "SeatCount",
                    "description": "The promotion is for 10 to 300 seats.",
                    "minimumRequiredSeats": 10,
                    "maximumRequiredSeats": 300,
                    "availableSeats": 5,
                }
            ],
        ),
        (
            {"CatalogItemId": item_of(client, "CFQ7TTC0LFLZ:0001"), "BillingCycle": "Annual"},
            "39NFJQT1PJQC:0001:39NFJQT1Q5KP",
            [
                {
                    "type": "PrerequisiteProductOwnership",
                    "description": "The customer must own CFQ7TTC0LFLX or CFQ7TTC0LF8R.",
                }
            ],
        ),
        (
            {"CatalogItemId": premium, "PromotionId": "39NFJQT1PJQC:0001:39NFJQT1Q5KP"},
            "39NFJQT1PJQC:0001:39NFJQT1Q5KP",
            [{"type": "InvalidPromotion", "description": "The promotion is not one of this item."}],
        ),
        (
            {"CatalogItemId": item_of(client, "CFQ7TTC0LH18:0001")},
            "",
            [{"type": "NoPromotionsAvailable", "description": "The item has no promotions."}],
        ),
        (
            {"CatalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0NONE"},
            "",
            [
                {
                    "type": "InvalidCatalogItemId",
                    "description": "The catalogue has no such item in the customer's market.",
                }
            ],
        ),
    ]
    for item, promotion_id, errors in cases:
        (found,) = verdicts(client, customer_id, **item)["items"]
        assert found["eligibilities"] == [{"promotionId": promotion_id, "isEligible": False, "errors": errors}]


def test_a_wrong_term_is_refused(client: AppClient, customer_id: UUID) -> None:
    item = {"catalogItemId": item_of(client, "CFQ7TTC0LCHC:0001"), "quantity": 1, "termDuration": "a year"}
    answer = client.post(f"/v1/customers/{customer_id}/promotioneligibilities", {"items": [item]})
    assert (answer.status_code, answer.json()["code"]) == (400, 800121)
