"""Attacks on the provider, each ending in a refusal that leaves what it should and nothing more."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from openpartner.identity import access, queries, resources, service
from openpartner.identity.models import AuthorizationCode, RefreshToken, User
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.http.surfaces import Surface
from tests.identity.provider import (
    CALLBACK,
    CENTER,
    CHALLENGE,
    GRAPH,
    PASSWORD,
    VERIFIER,
    Browser,
    Scene,
    authorize_url,
    otp,
    said,
    scene,
    session_count,
    signed_in,
)
from tests.support.lab import START, Lab


@pytest.fixture
def at(lab: Lab) -> Scene:
    return scene(lab)


def number(response: httpx.Response) -> int:
    return int(response.json()["error_codes"][0])


def refresh(at: Scene, token: str, **form: str) -> httpx.Response:
    given = {"grant_type": "refresh_token", "client_id": at.client_id, "client_secret": at.secret, **form}
    return at.token("common", refresh_token=token, **given)


def other_client(at: Scene) -> tuple[str, str]:
    with at.lab.begin() as uow:
        app = service.register_application(
            uow,
            at.partner,
            display_name="Thief",
            audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
            redirect_uris=[(Platform.WEB, "https://evil.example/cb")],
        )
        return str(app.app_id), service.add_application_secret(uow, app).secret


# --- where the answer goes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/cb",
        f"{CALLBACK}/../x",
        f"{CALLBACK}@evil.example",
        "https://app.example.com.evil.example/cb",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
def test_an_open_redirect_is_a_page_and_never_a_redirect(at: Scene, uri: str) -> None:
    answer = at.client.get(authorize_url(at, redirect_uri=uri, prompt="none"))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "AADSTS50011" in answer.text


def test_the_form_cannot_lead_out_of_the_provider(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at))
    for target in (
        "https://evil.example/",
        "//evil.example/x",
        "/\\evil.example",
        "/customers",
        "/x/oauth2/authorize/../../y",
    ):
        attempt = Browser(browser.client)
        attempt.page = browser.page
        attempt.submit(next=target, username="bea@contoso.onmicrosoft.com", password=PASSWORD)
        assert attempt.landed == ""
        assert "AADSTS9002313" in attempt.page.text
    assert session_count(at, at.bea) == 0


def test_logout_goes_only_to_an_address_of_an_application_that_was_signed_in_to(at: Scene) -> None:
    browser = signed_in(at).open("/common/oauth2/logout?post_logout_redirect_uri=https://evil.example/cb")
    assert browser.landed == ""
    assert "evil.example" not in browser.page.text


def test_what_a_request_says_cannot_become_markup(at: Scene) -> None:
    text = "<script>alert(1)</script>"
    pages = [
        at.client.get(authorize_url(at, redirect_uri=text)).text,
        at.client.get(authorize_url(at, login_hint=f'"><img src=x onerror=alert(1)>{text}')).text,
        at.client.get("/error", params={"code": text}).text,
        at.client.get("/common/oauth2/deviceauth", params={"user_code": text}).text,
    ]
    assert not [page for page in pages if text in page or "<img src=x" in page]


# --- codes --------------------------------------------------------------------------------------------------------


def test_a_code_redeemed_twice_kills_the_tokens_it_gave(at: Scene) -> None:
    code = signed_in(at).answer["code"]
    token = at.redeem(code).json()["refresh_token"]
    later = refresh(at, token).json()["refresh_token"]
    assert number(at.redeem(code)) == 54005
    assert [number(refresh(at, each)) for each in (token, later)] == [50173, 50173]
    (event,) = at.lab.events("TokenFamilyRevoked")
    assert event["data"]["reason"] == "redeemed twice"


def test_a_code_of_another_client_is_refused(at: Scene) -> None:
    code = signed_in(at).answer["code"]
    thief, secret = other_client(at)
    assert number(at.redeem(code, client_id=thief, client_secret=secret)) == 700007


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"redirect_uri": "https://evil.example/cb"}, 70000),
        ({"code": "rubbish"}, 70000),
        ({"client_secret": ""}, 7000218),
        ({"code_verifier": VERIFIER}, 501481),
    ],
)
def test_a_stolen_code_is_worth_nothing_without_the_rest(at: Scene, form: dict[str, str], refusal: int) -> None:
    code = signed_in(at).answer["code"]
    assert number(at.redeem(**{"code": code, **form})) == refusal
    assert at.redeem(code).status_code == 200


@pytest.mark.parametrize("verifier", ["", "x" * 43, CHALLENGE])
def test_the_proof_key_cannot_be_left_out_or_guessed(at: Scene, verifier: str) -> None:
    code = signed_in(at, code_challenge=CHALLENGE, code_challenge_method="S256").answer["code"]
    assert number(at.redeem(code, code_verifier=verifier)) == 501481
    assert at.redeem(code, code_verifier=VERIFIER).status_code == 200


def test_a_code_lives_ten_minutes(at: Scene) -> None:
    code = signed_in(at).answer["code"]
    at.lab.set_clock(START + timedelta(minutes=10))
    assert number(at.redeem(code)) == 70008


def test_only_hashes_are_stored(at: Scene) -> None:
    code = signed_in(at).answer["code"]
    token = at.redeem(code).json()["refresh_token"]
    with at.lab.read() as uow:
        codes = list(uow.db.scalars(select(AuthorizationCode.code_hash)))
        tokens = list(uow.db.scalars(select(RefreshToken.token_hash)))
    assert code not in codes
    assert token not in tokens
    assert {len(text) for text in [*codes, *tokens]} == {64}
    assert not [secret for secret in (code, token, at.secret, PASSWORD) if secret in str(at.lab.events())]


# --- refresh tokens -----------------------------------------------------------------------------------------------


def test_a_refresh_token_in_a_thiefs_hands_dies_with_its_family(at: Scene) -> None:
    token = at.redeem(signed_in(at).answer["code"]).json()["refresh_token"]
    thief, secret = other_client(at)
    assert number(refresh(at, token, client_id=thief, client_secret=secret)) == 700007
    assert number(refresh(at, token)) == 50173


def test_a_refresh_token_of_a_confidential_client_needs_its_secret(at: Scene) -> None:
    token = at.redeem(signed_in(at).answer["code"]).json()["refresh_token"]
    assert number(refresh(at, token, client_secret="wrong")) == 7000215
    assert refresh(at, token).status_code == 200


def test_a_browser_of_another_origin_cannot_redeem_for_a_web_client(at: Scene) -> None:
    code = signed_in(at).answer["code"]
    answer = at.redeem(code, origin="https://evil.example")
    assert number(answer) == 9002326


# --- sessions and forms -------------------------------------------------------------------------------------------


def test_the_cookie_changes_with_each_proof_so_a_planted_one_opens_nothing(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at))
    browser.client.cookies.set("openpartner_identity", "planted-by-someone-else", domain="localhost")
    browser.sign_in("ana")
    first = browser.client.cookies.get("openpartner_identity", domain="localhost", path="/")
    browser.code(otp(at.lab)).stay()
    attacker = at.browser()
    for cookie in ("planted-by-someone-else", first or ""):
        attacker.client.cookies.set("openpartner_identity", cookie, domain="localhost")
        assert attacker.open(authorize_url(at, prompt="none")).answer["error"] == "login_required"


def test_a_form_without_its_token_is_refused(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at))
    for token in ("", "0" * 32 + "." + "0" * 64):
        attempt = Browser(browser.client)
        attempt.page = browser.page
        attempt.submit(csrf_token=token, username="bea@contoso.onmicrosoft.com", password=PASSWORD)
        assert attempt.page.status_code == 403
    elsewhere = at.client.request("POST", "/common/oauth2/login", data={"step": "password", "next": "/"})
    assert elsewhere.status_code == 403
    assert session_count(at, at.bea) == 0


def test_pages_cannot_be_framed_or_cached_and_cookies_are_kept_from_scripts(at: Scene) -> None:
    answer = at.client.get(authorize_url(at))
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert (answer.headers["x-frame-options"], answer.headers["cache-control"]) == ("DENY", "no-store")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "secure" in cookie


def test_a_step_cannot_be_skipped(at: Scene) -> None:
    """With the password alone an administrator gets no code, whatever page it claims to have answered."""
    browser = at.browser().open(authorize_url(at)).sign_in("ana")
    assert browser.heading == "Enter code"
    browser.submit(step="stay", stay="yes")
    assert browser.heading == "Enter code"
    browser.submit(step="register", code="123456")
    assert "AADSTS50076" in browser.page.text
    browser.open(authorize_url(at)).submit(step="consent", answer="accept")
    assert browser.landed == ""
    assert browser.open(authorize_url(at, prompt="none")).answer["error"] == "interaction_required"


def test_anothers_session_cannot_be_named(at: Scene) -> None:
    signed_in(at, "ana")
    with at.lab.read() as uow:
        anas = queries.sessions_of(uow, at.ana)[0].id
    mallory = signed_in(at, "bea").open(authorize_url(at, prompt="select_account"))
    mallory.submit(chosen=str(anas))
    assert mallory.heading == "Sign in"
    assert mallory.landed == ""


# --- guessing -----------------------------------------------------------------------------------------------------


def test_ten_wrong_passwords_lock_the_account_for_a_rising_time(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at))
    for _ in range(10):
        browser.sign_in("bea", "wrong")
    browser.sign_in("bea")
    assert "temporarily locked" in browser.page.text
    at.lab.set_clock(START + timedelta(minutes=1))
    browser.sign_in("bea", "wrong")
    at.lab.set_clock(START + timedelta(minutes=2))
    assert "temporarily locked" in browser.sign_in("bea").page.text
    at.lab.set_clock(START + timedelta(minutes=3))
    browser.sign_in("bea").stay()
    assert "code" in browser.answer
    with at.lab.read() as uow:
        assert uow.db.get_one(User, at.bea).failed_attempts == 0
    assert len(at.lab.events("UserLockedOut")) == 2


def test_the_second_factor_is_guessed_at_no_more_often_and_a_code_works_once(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at)).sign_in("ana")
    code = otp(at.lab)
    browser.code(code)
    assert browser.heading == "Stay signed in?"
    second = at.browser().open(authorize_url(at)).sign_in("ana").code(code)
    assert second.page.status_code == 401
    for _ in range(9):
        second.code("000000")
    at.lab.set_clock(START + timedelta(seconds=45))
    assert "temporarily locked" in second.code(otp(at.lab)).page.text


def test_too_many_attempts_from_one_address_are_turned_away(at: Scene) -> None:
    form = {"grant_type": "password", "client_id": at.client_id, "password": "wrong", "scope": f"{CENTER}/.default"}
    numbers = [number(at.token("common", username="ghost@contoso.onmicrosoft.com", **form)) for _ in range(21)]
    assert (set(numbers[:20]), numbers[20]) == ({50034}, 90033)
    answer = at.token("common", username="ghost@contoso.onmicrosoft.com", **form)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]) == (
        429,
        "60",
        "temporarily_unavailable",
    )
    at.lab.set_clock(START + timedelta(minutes=1))
    assert number(at.token("common", username="ghost@contoso.onmicrosoft.com", **form)) == 50034


def test_the_page_does_not_say_whether_it_was_the_name(at: Scene) -> None:
    pages = [at.browser().open(authorize_url(at)).sign_in(name, "wrong").page.text for name in ("bea", "nobody")]
    said_of = ["Your account or password is incorrect" in page for page in pages]
    assert all("You are not signed in: there is a problem" in page for page in pages)
    assert said_of == [True, True]
    assert not [page for page in pages if "does not exist" in page]


# --- access tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surface", "scope", "accepted"),
    [
        (Surface.PARTNER_CENTER, f"{CENTER}/.default", True),
        (Surface.PARTNER_CENTER, f"{resources.PARTNER_CENTER}/.default", True),
        (Surface.PARTNER_CENTER, "https://graph.windows.net/.default", True),
        (Surface.PARTNER_CENTER, f"{GRAPH}/.default", False),
        (Surface.GRAPH, f"{GRAPH}/.default", True),
        (Surface.SAAS, f"{resources.MARKETPLACE}/.default", True),
        (Surface.INGESTION, "https://api.partner.microsoft.com/.default", True),
        (Surface.SAAS, f"{GRAPH}/.default", False),
        (Surface.GRAPH, f"{CENTER}/.default", False),
    ],
)
def test_a_surface_takes_only_tokens_for_itself(at: Scene, surface: Surface, scope: str, accepted: bool) -> None:
    token = at.app_token(at.partner, scope=scope).json()["access_token"]
    authenticate = access.authenticator(at.lab.world)
    if accepted:
        principal = authenticate(token, surface)
        assert (principal.tenant_id, principal.is_app, principal.mfa) == (at.partner, True, False)
        assert principal.app_id == UUID(at.client_id)
        return
    with pytest.raises(access.WrongAudience):
        authenticate(token, surface)


def test_what_is_no_living_access_token_is_refused(at: Scene) -> None:
    body = at.redeem(signed_in(at, "ana").answer["code"]).json()
    authenticate = access.authenticator(at.lab.world)
    principal = authenticate(body["access_token"], Surface.PARTNER_CENTER)
    assert (principal.name, principal.mfa, principal.object_id) == ("ana@contoso.onmicrosoft.com", True, at.ana)
    head, claims, signature = body["access_token"].split(".")
    for wrong in (body["id_token"], f"{head}.{claims}.{signature[:-4]}AAAA", "", "a.b.c", body["refresh_token"]):
        with pytest.raises(Unauthenticated):
            authenticate(wrong, Surface.PARTNER_CENTER)
    at.lab.set_clock(START + timedelta(seconds=int(said(body["access_token"])["exp"]) - int(START.timestamp())))
    with pytest.raises(Unauthenticated):
        authenticate(body["access_token"], Surface.PARTNER_CENTER)


def test_a_blocked_tenant_gives_out_nothing(at: Scene) -> None:
    token = at.redeem(signed_in(at).answer["code"]).json()["refresh_token"]
    with at.lab.begin() as uow:
        service.set_tenant_state(uow, at.partner, service.TenantState.BLOCKED)
    assert number(at.app_token(at.partner)) == 5000224
    assert number(refresh(at, token)) == 5000224
    with at.lab.read() as uow:
        assert uow.db.scalar(select(func.count()).select_from(RefreshToken)) == 1


def test_a_parameter_sent_twice_is_refused(at: Scene) -> None:
    answer = at.client.request(
        "POST",
        f"/{at.partner}/oauth2/v2.0/token",
        content=b"grant_type=client_credentials&client_id=a&client_id=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert number(answer) == 9002313
    page = at.client.get(authorize_url(at) + "&redirect_uri=https://evil.example/cb")
    assert "AADSTS9002313" in page.text
