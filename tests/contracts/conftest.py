"""A server to send generated calls to, and ids of what stands ready in its world."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.contracts.campaign import Target
from tests.support.buying import catalog_item, order_body, ready_customer
from tests.support.delegating import give_agents_access
from tests.support.served import serving, world_of
from tests.support.signing_in import user_tokens
from tests.support.small_world import BEGINS, make_small_world


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """Calls may destroy what they find, so each campaign has a world of its own."""
    data = tmp_path / "world"
    make_small_world(data)
    with serving(data) as server, server.client() as client:
        world = world_of(client)
        app = world["apps"][0]
        user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
        token = user_tokens(client, app, user, BEGINS.timestamp())["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        customer = ready_customer(client, "contracts", "Contract Traders", "2026-01-14T00:00:00Z")
        give_agents_access(data, UUID(customer))
        item = catalog_item(client, customer)
        product, sku, availability = item.split(":")
        order = client.post(f"/v1/customers/{customer}/orders", json=order_body(customer, item, 3)).json()
        line = {"id": 0, "catalogItemId": item, "quantity": 1, "billingCycle": "monthly", "termDuration": "P1M"}
        cart = client.post(f"/v1/customers/{customer}/carts", json={"lineItems": [line]}).json()
        person = client.get(f"/v1/customers/{customer}/users").json()["items"][0]
        yield Target(
            server.url,
            token,
            {
                "tenant": app["tenant"],
                "customer_id": customer,
                "user_id": person["id"],
                "product_id": product,
                "sku_id": sku,
                "availability_id": availability,
                "order_id": order["id"],
                "line_number": "0",
                "subscription_id": order["lineItems"][0]["subscriptionId"],
                "cart_id": cart["id"],
            },
        )
