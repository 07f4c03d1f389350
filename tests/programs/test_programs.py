"""Whole programs, as their users have them, under ``openpartner run``: they name only the vendor's hosts."""

import json
import sys
from pathlib import Path

import pytest

from tests.programs.conftest import Bench

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
COLLECTION = {"objectType": "Collection"}
CREATED = {"create customer", "create user", "set role", "agreement", "create order", "assign licence"}
HAVE_LINKS = {"customer", "sku", "create order", "subscription", "quantity"}


@pytest.mark.parametrize("library", ["msal", "azure-identity"])
def test_sign_in_libraries_get_a_token_that_the_api_takes(bench: Bench, library: str) -> None:
    said = bench.told(HERE / "signs_in.py", library, bench.domain, bench.app["client_id"], bench.app["client_secret"])

    assert said == [200, COLLECTION]


def test_an_isolated_program_gets_there_too(bench: Bench) -> None:
    said = bench.told(
        HERE / "signs_in.py",
        "msal",
        bench.domain,
        bench.app["client_id"],
        bench.app["client_secret"],
        isolate=True,
    )

    assert said == [200, COLLECTION]


def test_curl_reads_who_issues_tokens(bench: Bench) -> None:
    url = f"https://login.microsoftonline.com/{bench.domain}/v2.0/.well-known/openid-configuration"

    said = json.loads(bench.run("curl", "-sS", url))

    assert said["issuer"] == f"https://login.microsoftonline.com/{bench.app['tenant']}/v2.0"


def test_a_resellers_script_manages_customers_users_orders_subscriptions_and_licences(bench: Bench) -> None:
    app = bench.app
    by_hand = [sys.executable, "-m", "tests.support.delegating", str(bench.server.data)]
    credentials = (bench.domain, app["client_id"], app["client_secret"], bench.refresh_token)
    said = bench.told(HERE / "reseller.py", *credentials, *by_hand)

    refused, body = said.pop("users without access")
    assert (refused, body["code"], body["parameters"]["reason"]) == (403, 900150, "no_relationship")
    assert {name: status for name, (status, _) in said.items() if status >= 400} == {}
    assert {name for name, (status, _) in said.items() if status == 201} | {"create user"} == CREATED
    assert all("links" in members for name, (_, members) in said.items() if name in HAVE_LINKS)
    assert said["delete user"] == [204, []]
