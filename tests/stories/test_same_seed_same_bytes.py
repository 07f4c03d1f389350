"""One seed and one script give the same answers, byte for byte, in two processes that share nothing.

The two are started under different hash seeds, so an answer whose order came from a set would differ.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.support.served import serving, world_of
from tests.support.signing_in import user_tokens
from tests.support.small_world import BEGINS

CUSTOMER = {
    "companyProfile": {"domain": "seeded.onmicrosoft.com"},
    "billingProfile": {
        "culture": "en-US",
        "email": "gena@seeded.example",
        "language": "en",
        "companyName": "Seeded Traders",
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
PRODUCT = "CFQ7TTC0LH18"
MONTH_LATER = datetime(2026, 2, 15, 9, tzinfo=UTC)
ANSWERED = [200, 200, 201, 200, 201, 200, 200, 201, 201, 201, 200, 200, 200, 400, 200, 401, 200, 200, 200, 200, 200]


class Script:
    """Makes calls and keeps of every answer what a client could see, but for the machine's date."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.said: list[tuple[str, int, list[tuple[str, str]], bytes]] = []

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> Any:
        answer = self.client.request(
            method, url, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        seen = [(name, value) for name, value in answer.headers.multi_items() if name != "date"]
        self.said.append((f"{method} {url}", answer.status_code, seen, answer.content))
        return answer.json() if answer.content else None


def _sign_in(script: Script, world: Mapping[str, Any], at: datetime) -> None:
    """Go through the pages; from then on the script carries the token that came of it."""
    user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
    tokens = user_tokens(script.client, world["apps"][0], user, at.timestamp())
    script.said.append(("sign in", 200, [], repr(tokens).encode()))
    script.client.headers["authorization"] = f"Bearer {tokens['access_token']}"


def tell(script: Script) -> None:
    """A customer comes, buys, changes a quantity, is refused something, and a month passes."""
    world = world_of(script.client)
    script.said.append(("world", 200, [], repr([world[part] for part in ("tenants", "users", "apps")]).encode()))
    _sign_in(script, world, BEGINS)
    call = script.call

    customer = call("POST", "/v1/customers", CUSTOMER)["id"]
    agreements = call("GET", "/v1/agreements?agreementType=*")["items"]
    template = next(each for each in agreements if each["agreementType"] == "MicrosoftCustomerAgreement")
    contact = {"firstName": "Gena", "lastName": "Soto", "email": "gena@seeded.example", "phoneNumber": "4255550100"}
    call(
        "POST",
        f"/v1/customers/{customer}/agreements",
        {
            "primaryContact": contact,
            "templateId": template["templateId"],
            "dateAgreed": "2026-01-14T00:00:00Z",
            "type": "MicrosoftCustomerAgreement",
        },
    )
    products = f"/v1/customers/{customer}/products/{PRODUCT}/skus"
    sku = call("GET", products)["items"][0]["id"]
    item = call("GET", f"{products}/{sku}/availabilities")["items"][0]["catalogItemId"]
    line = {"id": 0, "catalogItemId": item, "quantity": 3, "billingCycle": "monthly", "termDuration": "P1M"}
    cart = call("POST", f"/v1/customers/{customer}/carts", {"lineItems": [line]})["id"]
    call("POST", f"/v1/customers/{customer}/carts/{cart}/checkout")
    call("POST", f"/v1/customers/{customer}/carts/{cart}/checkout")  # a second time: the same orders
    call("GET", f"/v1/customers/{customer}/orders")
    subscription = call("GET", f"/v1/customers/{customer}/subscriptions")["items"][0]
    path = f"/v1/customers/{customer}/subscriptions/{subscription['id']}"
    call("PATCH", path, {**subscription, "quantity": 5}, If_Match=subscription["attributes"]["etag"])
    call("PATCH", path, {**subscription, "quantity": 6}, If_Match=subscription["attributes"]["etag"])  # stale: refused
    call("POST", "/_sandbox/clock", {"advance": "P1M"})
    call("GET", path)  # the token has expired: refused
    _sign_in(script, world, MONTH_LATER)
    call("GET", path)
    call("GET", "/v1/auditrecords?startDate=2026-01-15")
    call("GET", "/_sandbox/clock")
    call("GET", "/_sandbox/mail")


def _run(data: Path, hash_seed: str) -> list[tuple[str, int, list[tuple[str, str]], bytes]]:
    subprocess.run(
        [sys.executable, "-m", "tests.support.small_world", str(data)],
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    with serving(data, tls=True, settings={"base_url": "https://localhost"}) as server, server.client() as client:
        for _ in range(int(hash_seed)):
            client.get("/healthz")  # how often somebody looked whether it runs changes no answer
        script = Script(client)
        tell(script)
        return script.said


def test_two_runs_of_one_script_from_one_seed_answer_byte_for_byte_alike(tmp_path: Path) -> None:
    first, second = (_run(tmp_path / f"world{number}", str(number)) for number in (1, 2))

    assert [status for _, status, _, _ in first] == ANSWERED
    for one, other in zip(first, second, strict=True):
        assert one == other
