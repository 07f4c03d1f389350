"""A shop: a small world with one customer that may buy. Made once; each test works on a copy of its own."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.buying import catalog_item, ready_customer
from tests.support.served import copy_world, serving, world_of
from tests.support.signing_in import user_tokens
from tests.support.small_world import BEGINS, make_small_world


@dataclass(frozen=True)
class Shop:
    """Its folder, the customer, what it buys, and a token of an agent that does not end while the clock stands."""

    data: Path
    customer: str
    item: str
    token: str


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    data = tmp_path_factory.mktemp("shop") / "world"
    make_small_world(data)
    with serving(data, tls=True) as server, server.client() as client:
        world = world_of(client)
        user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
        token = user_tokens(client, world["apps"][0], user, BEGINS.timestamp())["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        customer = ready_customer(client, "faults", "Fault Traders", "2026-01-14T00:00:00Z")
        return Shop(data, customer, catalog_item(client, customer), token)


@pytest.fixture
def shop(made_shop: Shop, tmp_path: Path) -> Shop:
    return replace(made_shop, data=copy_world(made_shop.data, tmp_path / "world"))
