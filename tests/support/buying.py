"""What a script does until a customer can buy, and the order it places, over HTTP."""

from typing import Any

import httpx

PRODUCT = "CFQ7TTC0LH18"


def customer_body(domain: str, name: str) -> dict[str, Any]:
    """A customer of the United States whose address needs no review."""
    return {
        "companyProfile": {"domain": f"{domain}.onmicrosoft.com"},
        "billingProfile": {
            "culture": "en-US",
            "email": f"gena@{domain}.example",
            "language": "en",
            "companyName": name,
            "defaultAddress": {
                "firstName": "Gena",
                "lastName": "Soto",
                "addressLine1": "1 Main Street",
                "city": "Redmond",
                "state": "WA",
                "postalCode": "98052",
                "country": "US",
                "phoneNumber": "4255550100",
            },
        },
    }


def agreement_body(template_id: str, agreed: str) -> dict[str, Any]:
    """What the partner attests for that customer. agreed: an instant that lies in the past."""
    contact = {"firstName": "Gena", "lastName": "Soto", "email": "gena@wide.example", "phoneNumber": "4255550100"}
    return {
        "primaryContact": contact,
        "templateId": template_id,
        "dateAgreed": agreed,
        "type": "MicrosoftCustomerAgreement",
    }


def customer_template(client: httpx.Client) -> str:
    """The template id of the customer agreement in force."""
    items = client.get("/v1/agreements?agreementType=*").raise_for_status().json()["items"]
    return str(next(each["templateId"] for each in items if each["agreementType"] == "MicrosoftCustomerAgreement"))


def ready_customer(client: httpx.Client, domain: str, name: str, agreed: str) -> str:
    """A new customer that may buy. The client's token must be a user's."""
    made = client.post("/v1/customers", json=customer_body(domain, name))
    key = str(made.raise_for_status().json()["id"])
    attested = client.post(f"/v1/customers/{key}/agreements", json=agreement_body(customer_template(client), agreed))
    attested.raise_for_status()
    return key


def catalog_item(client: httpx.Client, customer: str, product: str = PRODUCT) -> str:
    """What an order's ``offerId`` names: the first availability of the product's first SKU."""
    skus = f"/v1/customers/{customer}/products/{product}/skus"
    sku = client.get(skus).raise_for_status().json()["items"][0]["id"]
    found = client.get(f"{skus}/{sku}/availabilities").raise_for_status().json()["items"]
    return str(found[0]["catalogItemId"])


def order_body(customer: str, item: str, quantity: int = 1, term: str = "P1M") -> dict[str, Any]:
    """An order of one line."""
    line = {"lineItemNumber": 0, "offerId": item, "quantity": quantity, "termDuration": term}
    return {"referenceCustomerId": customer, "billingCycle": "monthly", "currencyCode": "USD", "lineItems": [line]}
