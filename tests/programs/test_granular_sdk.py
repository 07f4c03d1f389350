"""``msgraph-sdk`` with ``azure-identity``, unmodified: access asked for, approved in a browser, used, and ended."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser_support import open_browser
from tests.programs.conftest import Bench
from tests.programs.people import go_through, open_page
from tests.support.buying import customer_body
from tests.support.served import environment, world_of
from tests.support.signing_in import REDIRECT, other_token

pytestmark = [pytest.mark.clients, pytest.mark.browser]

SCRIPT = Path(__file__).parent / "granular_sdk.py"
GRAPH = "https://graph.microsoft.com/.default"
NEW_PASSWORD = "Another-Horse-88"
CENTER = "https://api.partnercenter.microsoft.com/.default"


class Said:
    """What a program says, line by line, and the lines it is given."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def next(self, step: str) -> dict[str, Any]:
        """The next line, which must be about this step."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        said: dict[str, Any] = json.loads(line)
        assert said.pop("step") == step, said
        return said

    def go_on(self) -> None:
        """What it waited for is done."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def program(bench: Bench, *arguments: str) -> Iterator[Said]:
    """A Python program under ``openpartner run``."""
    data = ["--data", str(bench.server.data)]
    process = subprocess.Popen(
        [sys.executable, "-m", "openpartner", "run", *data, "--", sys.executable, str(SCRIPT), *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Said(process)
    finally:
        process.kill()
        process.communicate()


def _instant(client: httpx.Client) -> datetime:
    return datetime.fromisoformat(client.get("/_sandbox/clock").json()["now"])


def _wait(client: httpx.Client) -> None:
    """Time passes in the world: an assignment or an end takes a while to arrive."""
    client.post("/_sandbox/clock", json={"advance": "PT10M"}).raise_for_status()


def _sign_in_with_code(browser: Browser, bench: Bench, client: httpx.Client, code: str) -> None:
    """The partner's administrator lets the program act in its name."""
    admin = next(user for user in world_of(client)["users"] if user["upn"].startswith("admin@contoso"))
    page = open_page(browser, f"{bench.server.url}/common/oauth2/deviceauth")
    unused = pyotp.TOTP(admin["totp_secret"]).at(_instant(client) + timedelta(seconds=30))
    go_through(page, {"user_code": code, "username": admin["upn"], "password": admin["password"], "code": unused})
    expect(page.locator("main")).to_contain_text("You have signed in to Scripts")


def _approve(
    browser: Browser, bench: Bench, client: httpx.Client, customer: Mapping[str, Any], relationship_id: str
) -> Page:
    """The customer's administrator signs in for the first time, reads the request and approves it."""
    page = open_page(browser, f"{bench.server.url}/partners/invitation/granularAdminRelationships/{relationship_id}")
    given = customer["userCredentials"]
    domain = customer["companyProfile"]["domain"]
    go_through(
        page,
        {
            "username": f"{given['userName']}@{domain}",
            "password": given["password"],
            "present_password": given["password"],
            "wanted_password": NEW_PASSWORD,
            "repeated_password": NEW_PASSWORD,
        },
    )
    expect(page.locator("h1")).to_have_text("Keep your account secure")
    key = page.get_by_role("textbox", name="Key, if you cannot scan").input_value()
    go_through(page, {"code": pyotp.TOTP(key).at(_instant(client))})
    expect(page.locator("main")).to_contain_text("User Administrator")
    page.get_by_role("button", name="Approve all").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve all").click()
    expect(page.locator("main")).to_contain_text("Approved")
    return page


def _consent(page: Page, bench: Bench, customer_id: str) -> None:
    """The same administrator lets the partner's program into the directory."""
    page.route(f"{REDIRECT}/**", lambda route: route.fulfill(body="back at the program"))
    asked = {"client_id": bench.app["client_id"], "scope": GRAPH, "redirect_uri": REDIRECT}
    page.goto(f"{bench.server.url}/{customer_id}/v2.0/adminconsent?{urlencode(asked)}")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("body")).to_have_text("back at the program")


def test_access_is_asked_for_approved_used_and_ended(bench: Bench) -> None:
    with bench.server.client() as client, open_browser() as browser:
        token = other_token(client, bench.app, bench.refresh_token, CENTER)
        made = client.post(
            "/v1/customers", json=customer_body("sdk", "Fourth Coffee"), headers={"authorization": f"Bearer {token}"}
        ).json()
        with program(bench, bench.app["tenant"], bench.app["client_id"], made["id"]) as said:
            asked = said.next("sign in")
            assert asked["uri"] == "https://login.microsoftonline.com/common/oauth2/deviceauth"
            _sign_in_with_code(browser, bench, client, asked["code"])
            created = said.next("created")
            assert (created["status"], created["days"]) == ("created", 30)
            assert said.next("locked") == {"action": "lockForApproval", "status": "created"}
            assert said.next("before the approval") == {"error": "AuthenticationRequiredError"}

            assert said.next("approve") == {"id": created["id"]}
            _consent(_approve(browser, bench, client, made, created["id"]), bench, made["id"])
            _wait(client)
            said.go_on()
            assert said.next("approved") == {"status": "active", "customer": "Fourth Coffee"}

            assert said.next("assigned") == {"status": "pending"}
            said.next("time")
            _wait(client)
            said.go_on()
            assert said.next("active") == {"status": "active"}
            assert said.next("changing") == {"type": "delegatedAdminAccessAssignmentUpdate"}
            said.next("time")
            _wait(client)
            said.go_on()
            assert said.next("changed") == {"status": "succeeded", "roles": 2}
            assert said.next("users") == {"names": ["Gena Soto"]}
            assert said.next("beyond the role") == {"status": 403, "code": "Authorization_RequestDenied"}

            assert said.next("ending") == {"action": "terminate"}
            said.next("time")
            _wait(client)
            said.go_on()
            assert said.next("ended") == {"status": "terminated"}
            assert said.next("after the end") == {"error": "AuthenticationRequiredError", "status": None}
            assert said.next("done") == {}
