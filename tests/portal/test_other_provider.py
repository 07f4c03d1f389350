"""The portal signs people in at a provider that is not ours: a certified one in a real browser, and one that attacks.

The certified one is npm's ``oidc-provider`` as its lock file names it, with its defaults: a confidential client that
proves itself by HTTP Basic, RS256, ``iss`` in the answer, its own pages.
"""

import hmac
import os
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from playwright.sync_api import Page, expect

from openpartner.app import open_world
from openpartner.identity import service
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.clock import ClockMode
from openpartner.platform.due import set_mode
from openpartner.settings import Settings
from tests.browser_support import open_browser
from tests.portal.acting import CLIENT_ID, Browser, Contoso, OtherProvider, begun, sessions, use
from tests.support import scene as scenes
from tests.support.lab import Lab
from tests.support.node_packages import install_packages, node_commands
from tests.support.ports import held_port
from tests.support.served import serving

NODE = Path(__file__).parent / "node"


def answer(browser: Browser, sent: dict[str, str], **changes: str) -> Browser:
    """Come back from the other provider; its fake takes the nonce for the code."""
    parameters = {"code": sent["nonce"], "state": sent["state"], **changes}
    browser.page = browser.client.get("/signin/callback", params=parameters)
    return browser


# --- what the token may not say ---------------------------------------------------------------------------------------


def test_a_person_of_another_provider_is_the_user_of_that_verified_address(
    scene: Contoso, lab: Lab, other: OtherProvider
) -> None:
    use(lab, other)
    browser = scene.browser()

    answer(browser, begun(browser))

    assert (browser.page.status_code, browser.page.headers["location"]) == (303, "/")
    [row] = sessions(lab)
    assert (row.user_id, row.issuer, row.subject_session, row.mfa) == (scene.ana, other.url, "their-session", False)
    [asked] = other.asked
    pair = b64encode(b"portal+at+fabrikam:s3cr%2Bt%2Fwith%3Asigns").decode()
    assert asked["authorization"] == f"Basic {pair}"
    assert "client_secret" not in asked
    assert len(asked["code_verifier"]) == 64


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    scene: Contoso, lab: Lab, other: OtherProvider
) -> None:
    use(lab, other)
    other.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    browser = scene.browser()

    answer(browser, begun(browser))

    assert browser.page.status_code == 303
    assert (other.asked[0]["client_id"], other.asked[0]["client_secret"]) == (CLIENT_ID, "s3cr+t/with:signs")
    assert not other.asked[0]["authorization"]


@pytest.mark.parametrize(
    ("algorithm", "make"),
    [
        ("RS256", lambda: RSAKey.generate_key(2048, {"kid": "k1"})),
        ("PS256", lambda: RSAKey.generate_key(2048, {"kid": "k1"})),
        ("ES256", lambda: ECKey.generate_key("P-256", {"kid": "k1"})),
        ("ES512", lambda: ECKey.generate_key("P-521", {"kid": "k1"})),
        ("Ed25519", lambda: OKPKey.generate_key("Ed25519", {"kid": "k1"})),
    ],
)
def test_providers_sign_with_different_keys(
    scene: Contoso, lab: Lab, other: OtherProvider, algorithm: str, make: Callable[[], Any]
) -> None:
    other.algorithm, other.key = algorithm, make()
    use(lab, other)
    browser = scene.browser()

    assert answer(browser, begun(browser)).page.status_code == 303


def _unsigned(provider: OtherProvider, claims: dict[str, Any]) -> str:
    _, body, _ = provider.token(claims).split(".")
    none = b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    return f"{none}.{body}."


def _with_the_public_key(provider: OtherProvider, claims: dict[str, Any]) -> str:
    head = urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    signed = f"{head}.{provider.token(claims).split('.')[1]}"
    seal = hmac.digest(provider.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(seal).decode().rstrip('=')}"


def _with_the_client_secret(provider: OtherProvider, claims: dict[str, Any]) -> str:
    shared = OctKey.import_key(b"s3cr+t/with:signs".ljust(32, b"0"))
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, shared, algorithms=["HS256"])


def _with_a_strangers_key(provider: OtherProvider, claims: dict[str, Any]) -> str:
    stranger = RSAKey.generate_key(2048, {"kid": "k1"})
    return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, stranger)


def _with_its_own_key_inside(provider: OtherProvider, claims: dict[str, Any]) -> str:
    own = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": own.as_dict(private=False)}, claims, own)


def _changed(provider: OtherProvider, claims: dict[str, Any]) -> str:
    head, _, seal = provider.token(claims).split(".")
    _, body, _ = provider.token({**claims, "email": "bea@contoso.onmicrosoft.com"}).split(".")
    return f"{head}.{body}.{seal}"


def _garbage(provider: OtherProvider, claims: dict[str, Any]) -> str:
    return "not.a.token"


SIGNATURES = (
    _unsigned,
    _with_the_public_key,
    _with_the_client_secret,
    _with_a_strangers_key,
    _with_its_own_key_inside,
    _changed,
    _garbage,
)


@pytest.mark.parametrize("sign", SIGNATURES, ids=lambda sign: sign.__name__)
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    scene: Contoso, lab: Lab, other: OtherProvider, sign: Callable[[OtherProvider, dict[str, Any]], str]
) -> None:
    use(lab, other)
    other.sign = sign
    browser = scene.browser()

    answer(browser, begun(browser))

    assert (browser.page.status_code, browser.session, sessions(lab)) == (401, "", [])


def _at(**by: float) -> int:
    return int((datetime.now(UTC) + timedelta(**by)).timestamp())


CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another-client"},
    "an audience of others": {"aud": ["another-client", "a-third"]},
    "no audience": {"aud": None},
    "several audiences, no party": {"aud": [CLIENT_ID, "another-client"]},
    "another party": {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
    "one audience, another party": {"azp": "another-client"},
    "another nonce": {"nonce": "of-another-sign-in"},
    "no nonce": {"nonce": None},
    "expired": {"exp": _at(minutes=-3)},
    "never expires": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "issued in the future": {"iat": _at(hours=12)},
    "not valid yet": {"nbf": _at(hours=12)},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_a_token_for_something_else_opens_nothing(
    scene: Contoso, lab: Lab, other: OtherProvider, claims: dict[str, Any]
) -> None:
    use(lab, other)
    other.claims = claims
    browser = scene.browser()

    answer(browser, begun(browser))

    assert (browser.page.status_code, browser.session, sessions(lab)) == (401, "", [])


def test_a_token_for_several_that_was_made_for_us_is_taken(scene: Contoso, lab: Lab, other: OtherProvider) -> None:
    use(lab, other)
    other.claims = {"aud": [CLIENT_ID, "an-api"], "azp": CLIENT_ID}
    browser = scene.browser()

    assert answer(browser, begun(browser)).page.status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": "nobody@contoso.onmicrosoft.com"},
        {"email": ""},
        {"email": None},
    ],
    ids=["not verified", "a text", "not said", "unknown", "empty", "none"],
)
def test_an_address_that_is_unknown_or_unverified_is_nobodys(
    scene: Contoso, lab: Lab, other: OtherProvider, claims: dict[str, Any]
) -> None:
    use(lab, other)
    other.claims = claims
    browser = scene.browser()

    answer(browser, begun(browser))

    assert (browser.page.status_code, browser.session, sessions(lab)) == (403, "", [])
    assert "No account here belongs to this sign-in." in browser.page.text
    assert 'href="/signin?other=true"' in browser.page.text


def test_the_answer_of_another_provider_is_refused(scene: Contoso, lab: Lab, other: OtherProvider) -> None:
    use(lab, other)
    browser = scene.browser()

    answer(browser, begun(browser), iss="https://evil.example")

    assert (browser.page.status_code, other.asked, sessions(lab)) == (401, [], [])


def test_a_description_under_another_name_is_not_followed(scene: Contoso, lab: Lab, other: OtherProvider) -> None:
    use(lab, other)
    other.metadata = {"issuer": "https://evil.example"}

    page = lab.client().get("/signin")

    assert (page.status_code, "set-cookie" in page.headers) == (502, False)


def test_a_page_that_needs_a_second_factor_does_not_ask_for_ever(
    scene: Contoso, lab: Lab, other: OtherProvider
) -> None:
    use(lab, other)
    browser = scene.browser()
    answer(browser, begun(browser))
    browser.open("/customers", to=1)
    sent = begun(browser, "/signin?return_to=/customers&mfa=true")
    assert sent["acr_values"] == "urn:microsoft:policies:mfa"

    answer(browser, sent)

    assert browser.page.status_code == 403
    assert "the sign-in service reports none for you" in browser.page.text
    other.claims = {"amr": ["pwd", "otp"]}
    answer(browser, begun(browser, "/signin?return_to=/customers&mfa=true"))
    assert (browser.page.status_code, browser.page.headers["location"]) == (303, "/customers")
    assert [each.mfa for each in sessions(lab)] == [True]


# --- a certified provider, a real server, a real browser --------------------------------------------------------------


@dataclass(frozen=True)
class Installation:
    """A portal at ``url`` that signs people in at the provider."""

    url: str
    provider: str


@contextmanager
def _certified(port: int, portal: str) -> Iterator[str]:
    node, npm = node_commands()
    install_packages(npm, NODE)
    command = [
        *node,
        "provider.mjs",
        str(port),
        "portal",
        "a secret",
        f"{portal}/signin/callback",
        f"{portal}/signin/out",
    ]
    environment = {**os.environ, "NODE_ENV": "test"}
    with subprocess.Popen(command, cwd=NODE, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            while "listening" not in (line := process.stdout.readline()):
                assert line, "the provider did not start"
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("federated")
    settings = Settings(data=data, seed="small", demo_data=False, first_instant=datetime.now(UTC))
    world = open_world(settings)
    set_mode(world, ClockMode.TICKING)
    with world.begin(SYSTEM) as uow:
        tenant = scenes.tenant(uow, TenantKind.PARTNER, "Contoso")
        scenes.account(uow, tenant)
        service.create_user(
            uow, tenant.id, upn="ana@contoso.onmicrosoft.com", display_name="Ana Lima", password="Correct-Horse-7"
        )
    world.close()
    with held_port() as port, held_port() as provider_port:
        portal = f"http://localhost:{port}"
        with _certified(provider_port, portal) as provider:
            federation = {"oidc_issuer": provider, "oidc_client_id": "portal", "oidc_client_secret": "a secret"}
            with serving(data, port=port, settings=federation):
                yield Installation(portal, provider)


@pytest.fixture
def page() -> Iterator[Page]:
    with open_browser() as browser:
        yield browser.new_page()


def _sign_in_there(page: Page, name: str) -> None:
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("whatever")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


@pytest.mark.browser
def test_a_certified_provider_signs_a_person_in_and_out_in_a_real_browser(
    installation: Installation, page: Page
) -> None:
    page.goto(installation.url)
    assert page.url.startswith(f"{installation.provider}/interaction/")

    _sign_in_there(page, "ana@contoso.onmicrosoft.com")

    expect(page).to_have_url(f"{installation.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    account = page.get_by_role("button", name="Account: Ana Lima, Contoso")
    account.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page).to_have_url(f"{installation.url}/signin/out")
    page.goto(installation.url)
    assert page.url.startswith(f"{installation.provider}/interaction/")


@pytest.mark.browser
def test_a_certified_providers_unverified_address_is_refused(installation: Installation, page: Page) -> None:
    page.goto(installation.url)

    _sign_in_there(page, "!ana@contoso.onmicrosoft.com")

    expect(page.get_by_role("heading", level=1)).to_have_text("You do not have access")
    expect(page.get_by_text("No account here belongs to this sign-in.")).to_be_visible()
    assert msgspec.json.encode([c["name"] for c in page.context.cookies()]).count(b"openpartner_session") == 0
