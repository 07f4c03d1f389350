"""A server to send generated calls to, and ids of what stands ready in its world."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.contracts.campaign import Target
from tests.support.buying import catalog_item, order_body, ready_customer
from tests.support.delegating import give_agents_access
from tests.support.served import serving, world_of
from tests.support.signing_in import other_token, user_tokens
from tests.support.small_world import BEGINS, make_small_world

RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
DIRECTORY_READER = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """Calls may destroy what they find, so each campaign has a world of its own."""
    data = tmp_path / "world"
    make_small_world(data)
    with serving(data) as server, server.client() as client:
        world = world_of(client)
        app = world["apps"][0]
        user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
        tokens = user_tokens(client, app, user, BEGINS.timestamp())
        token = tokens["access_token"]
        graph = other_token(client, app, tokens["refresh_token"], "https://graph.microsoft.com/.default")
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
            graph,
            {
                **_in_directory(client, graph),
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


def _in_directory(client: httpx.Client, token: str) -> dict[str, str]:
    """What exists in the partner's own directory and among its relationships, by the places that take it."""
    headers = {"Authorization": f"Bearer {token}"}

    def read(path: str) -> Any:
        return client.get(path, headers=headers).raise_for_status().json()

    relationship = client.post(
        RELATIONSHIPS,
        headers=headers,
        json={
            "displayName": "Contract relationship",
            "duration": "P30D",
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": DIRECTORY_READER}]},
        },
    )
    return {
        "users/key": read("/v1.0/me")["id"],
        "groups/key": read("/v1.0/groups")["value"][0]["id"],
        "directoryroles/key": read("/v1.0/directoryRoles")["value"][0]["id"],
        "roledefinitions/key": DIRECTORY_READER,
        "organization/key": read("/v1.0/organization")["value"][0]["id"],
        "domains/name": read("/v1.0/domains")["value"][0]["id"],
        "relationship_id": relationship.raise_for_status().json()["id"],
    }
