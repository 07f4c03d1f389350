"""The relying party over the embedded provider: what a browser goes through, and what an attacker does not get through.

Every attack is made over HTTP, as it would be made.
"""

import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import msgspec
import pytest

from openpartner.identity import service
from openpartner.partner import service as partner
from openpartner.platform.permissions import Role
from openpartner.platform.web.page import NOTE_COOKIE, SESSION_COOKIE, write_note
from openpartner.platform.world import world_secret
from openpartner.portal.queries import cookie_hash
from openpartner.settings import Profile
from tests.portal.acting import ORIGIN, Browser, Contoso, attempts, session_of, sessions
from tests.support.lab import Lab

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def asked(browser: Browser) -> dict[str, str]:
    """The authorization request that the portal sent the browser with."""
    browser.open("/signin", to=0)
    return dict(parse_qsl(urlsplit(browser.page.headers["location"]).query))


# --- the way in -------------------------------------------------------------------------------------------------------


def test_a_person_signs_in_and_stands_at_home(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()

    assert (browser.page.status_code, browser.path, browser.heading) == (200, "/", "Home")
    [row] = sessions(lab)
    assert (row.user_id, row.tenant_id, row.mfa, row.user_agent) == (
        scene.ana,
        scene.tenant,
        True,
        "a test's browser",
    )
    assert row.expires_at == lab.now + timedelta(hours=24)
    assert attempts(lab) == 0


def test_the_request_carries_state_nonce_and_a_challenge(scene: Contoso) -> None:
    request = asked(scene.browser())

    assert request == {
        "client_id": "5b0f2c4e-6d7a-4f0e-9a41-0d6a3f1c8e27",
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": f"{ORIGIN}/signin/callback",
        "scope": "openid profile email",
        "state": request["state"],
        "nonce": request["nonce"],
        "code_challenge": request["code_challenge"],
        "code_challenge_method": "S256",
    }
    assert [len(request[name]) for name in ("state", "nonce", "code_challenge")] == [32, 32, 43]


def test_two_sign_ins_share_nothing_secret(scene: Contoso) -> None:
    first, second = asked(scene.browser()), asked(scene.browser())

    assert {name for name in first if first[name] == second[name]} == {
        "client_id",
        "response_type",
        "response_mode",
        "redirect_uri",
        "scope",
        "code_challenge_method",
    }


def test_a_page_is_reached_through_the_sign_in_with_its_query(scene: Contoso) -> None:
    browser = scene.browser().open("/home/notifications?page=2").sign_in("ana")

    assert browser.walked[-1] == "/home/notifications?page=2"
    assert browser.heading == "Action center"


def test_two_tabs_may_sign_in_at_once(scene: Contoso) -> None:
    browser = scene.browser()
    first = browser.open("/signin?return_to=/help", to=0).page.headers["location"]
    browser.open("/signin", to=0)

    browser.open(first.removeprefix(ORIGIN)).sign_in("ana")

    assert (browser.page.status_code, browser.heading) == (200, "Help")


# --- the way back is taken once, by the browser that began ------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "x", "another-state-of-the-same-length-00"])
def test_a_wrong_state_opens_nothing(scene: Contoso, lab: Lab, state: str) -> None:
    browser = scene.browser()
    callback = answered_but_not_opened(browser)
    forged = re.sub(r"state=[^&]*", f"state={state}", callback)

    browser.open(forged)

    assert (browser.page.status_code, sessions(lab), browser.session) == (401, [], "")


def answered_but_not_opened(browser: Browser) -> str:
    """Sign in at the provider; stop in front of the callback."""
    browser.open("/signin").sign_in_to_the_door("ana")
    return browser.walked[-1]


def test_an_answer_opens_one_session_only(scene: Contoso, lab: Lab) -> None:
    browser = scene.browser()
    callback = answered_but_not_opened(browser)
    assert browser.open(callback).heading == "Home"

    browser.open(callback)

    assert browser.page.status_code == 401
    assert len(sessions(lab)) == 1


def test_an_answer_does_nothing_in_another_browser(scene: Contoso, lab: Lab) -> None:
    callback = answered_but_not_opened(scene.browser())
    victim = scene.browser()
    victim.open("/signin", to=0)

    victim.open(callback)

    assert (victim.page.status_code, victim.session, sessions(lab)) == (401, "", [])


def test_a_code_of_another_sign_in_is_refused_by_its_challenge(scene: Contoso, lab: Lab) -> None:
    stolen = parse_qs(urlsplit(answered_but_not_opened(scene.browser())).query)["code"][0]
    attacker = scene.browser()
    state = asked(attacker)["state"]

    attacker.open(f"/signin/callback?{urlencode({'code': stolen, 'state': state})}")

    assert (attacker.page.status_code, attacker.session, sessions(lab)) == (401, "", [])
    assert "did not take its own code back" in attacker.page.text


def test_an_answer_that_comes_too_late_is_refused(scene: Contoso, lab: Lab) -> None:
    browser = scene.browser()
    callback = answered_but_not_opened(browser)
    lab.advance(timedelta(minutes=15, seconds=1))

    browser.open(callback)

    assert (browser.page.status_code, sessions(lab)) == (401, [])


def test_a_refusal_of_the_provider_is_a_page(scene: Contoso, lab: Lab) -> None:
    state = asked(browser := scene.browser())["state"]

    browser.open(f"/signin/callback?error=access_denied&state={state}")

    assert (browser.page.status_code, browser.heading) == (401, "Sign in to continue")
    assert 'href="/signin?other=true"' in browser.page.text
    assert sessions(lab) == []


def test_the_callback_shows_nothing_that_it_was_given(scene: Contoso) -> None:
    mark = "<script>alert(1)</script>"

    page = scene.browser().open(f"/signin/callback?{urlencode({'error': mark, 'error_description': mark})}").page

    assert "alert(1)" not in page.text


# --- the cookie -------------------------------------------------------------------------------------------------------


def set_cookies(browser: Browser, callback: str) -> dict[str, str]:
    response = browser.client.get(callback)
    return {line.split("=", 1)[0]: line for line in response.headers.get_list("set-cookie")}


def test_the_session_cookie_is_kept_from_scripts_other_sites_and_plain_text(scene: Contoso) -> None:
    browser = scene.browser()
    line = set_cookies(browser, answered_but_not_opened(browser))[SESSION_COOKIE]

    value, *flags = line.split("; ")
    assert len(value.removeprefix(f"{SESSION_COOKIE}=")) == 43
    assert set(flags) == {"HttpOnly", "Max-Age=86400", "Path=/", "SameSite=lax", "Secure"}


def test_the_attempts_cookie_goes_only_to_the_sign_in(scene: Contoso) -> None:
    browser = scene.browser()
    browser.open("/signin", to=0)
    [line] = browser.page.headers.get_list("set-cookie")

    assert set(line.split("; ")[1:]) == {"HttpOnly", "Max-Age=900", "Path=/signin", "SameSite=lax", "Secure"}


@pytest.mark.parametrize(
    ("base_url", "host", "is_secure"),
    [
        ("", "http://localhost:8080", False),
        ("https://portal.example", "http://portal.example", True),
        ("https://portal.example", "http://127.0.0.1:9", False),
        ("", "https://localhost", True),
    ],
    ids=["plain loopback", "TLS ends before us", "loopback behind it", "https"],
)
def test_cookies_are_secure_wherever_the_browser_speaks_tls(
    scene: Contoso, lab: Lab, base_url: str, host: str, is_secure: bool
) -> None:
    lab.world.settings = msgspec.structs.replace(lab.world.settings, base_url=base_url)

    response = lab.client().get(f"{host}/signin")

    assert ("Secure" in response.headers["set-cookie"]) is is_secure


def test_a_cookie_that_was_there_before_is_not_adopted(scene: Contoso, lab: Lab) -> None:
    planted = "planted-by-an-attacker-00000000000000000000"
    browser = scene.browser()
    browser.client.cookies.set(SESSION_COOKIE, planted, domain="localhost.local")

    browser.open("/signin").sign_in("ana")

    assert browser.heading == "Home"
    assert browser.session != planted
    assert session_of(lab, planted) is None
    thief = Browser(lab, lab.client(cookie=f"{SESSION_COOKIE}={planted}"))
    assert thief.open("/", to=0).page.headers["location"] == "/signin?return_to=%2F"


def test_a_new_sign_in_ends_the_browsers_former_session(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    former = browser.session

    browser.open("/signin")

    assert browser.heading == "Home"
    assert browser.session != former
    assert session_of(lab, former) is None
    assert len(sessions(lab)) == 1


def test_the_table_does_not_open_a_session(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    [row] = sessions(lab)

    thief = Browser(lab, lab.client(cookie=f"{SESSION_COOKIE}={row.id}"))

    assert row.id == cookie_hash(browser.session)
    assert thief.open("/", to=0).page.status_code == 303


# --- the way out ------------------------------------------------------------------------------------------------------


def test_signing_out_ends_both_sessions(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    cookie = browser.session

    browser.submit("/sign-out")

    assert (browser.page.status_code, browser.heading, sessions(lab)) == (200, "Signing you out", [])
    target = re.search(r'content="0; url=([^"]+)"', browser.page.text)
    assert target is not None
    browser.open(target.group(1).replace("&amp;", "&").removeprefix(ORIGIN))
    assert (browser.path, browser.heading) == ("/signin/out", "You are signed out")
    assert browser.open("/").heading == "Sign in"
    again = Browser(lab, lab.client(cookie=f"{SESSION_COOKIE}={cookie}"))
    assert again.open("/", to=0).page.status_code == 303


def test_the_providers_logout_ends_the_session_here(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()

    browser.client.get("/common/oauth2/v2.0/logout")

    assert sessions(lab) == []
    assert browser.open("/", to=0).page.status_code == 303


def test_front_channel_logout_ends_the_sessions_of_that_sign_in_only(scene: Contoso, lab: Lab) -> None:
    ana, bea = scene.signed_in("ana"), scene.signed_in("bea")
    row = session_of(lab, ana.session)
    assert row is not None

    wrong_issuer = lab.client().get("/signin/ended", params={"sid": row.subject_session, "iss": "https://evil.example"})
    assert (wrong_issuer.status_code, len(sessions(lab))) == (200, 2)
    nobody = lab.client().get("/signin/ended")
    assert (nobody.status_code, len(sessions(lab))) == (200, 2)
    response = lab.client().get("/signin/ended", params={"sid": row.subject_session, "iss": row.issuer})

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert [each.user_id for each in sessions(lab)] == [scene.bea]
    assert ana.open("/", to=0).page.status_code == 303
    assert bea.open("/").heading == "Home"


def test_a_blocked_user_is_out_at_once_and_stays_out(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in("bea")

    with lab.begin(scene.actor(scene.ana)) as uow:
        partner.block_partner_user(uow, scene.bea)

    assert browser.open("/", to=0).page.headers["location"] == "/signin?return_to=%2F"
    with lab.begin(scene.actor(scene.ana)) as uow:
        partner.unblock_partner_user(uow, scene.bea)
    assert browser.open("/", to=0).page.status_code == 303


@pytest.mark.parametrize("loss", ["revoke_sessions", "delete_user"])
def test_whatever_ends_a_users_sessions_ends_these(scene: Contoso, lab: Lab, loss: str) -> None:
    scene.signed_in("bea")
    ana = scene.signed_in("ana")

    with lab.begin() as uow:
        getattr(service, loss)(uow, scene.bea)

    assert [each.user_id for each in sessions(lab)] == [scene.ana]
    assert ana.open("/").heading == "Home"


def test_a_session_ends_when_the_clock_passes_its_end(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()

    lab.advance(timedelta(hours=23, minutes=59))
    assert browser.open("/").heading == "Home"
    lab.advance(timedelta(minutes=2))

    assert browser.open("/", to=0).page.status_code == 303


def test_who_moves_the_clock_stays_signed_in(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    before = lab.now

    browser.submit("/sandbox/clock/advance", period="P7D")

    assert (browser.page.status_code, browser.path, lab.now) == (200, "/", before + timedelta(days=7))
    assert "It is now Jan\N{NO-BREAK SPACE}22,\N{NO-BREAK SPACE}2026" in browser.page.text


# --- where a sign-in may lead -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example/",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "http:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        "",
        "?x=1",
        "/\r\nLocation: https://evil.example",
    ],
)
def test_a_sign_in_leads_to_no_other_origin(scene: Contoso, target: str) -> None:
    browser = scene.browser().open(f"/signin?return_to={quote(target, safe='')}").sign_in("ana")

    assert (browser.elsewhere, browser.walked[-1], browser.heading) == ("", "/", "Home")


@pytest.mark.parametrize(
    ("target", "landed"),
    [("/help", "/help"), ("/help?a=1&b=%2F", "/help?a=1&b=%2F"), ("/help?q=é☃", "/help?q=%C3%A9%E2%98%83")],
)
def test_a_path_of_ours_is_kept(scene: Contoso, target: str, landed: str) -> None:
    browser = scene.browser().open(f"/signin?return_to={quote(target, safe='')}").sign_in("ana")

    assert (browser.walked[-1], browser.heading) == (landed, "Help")


def test_a_path_without_end_is_not_kept(scene: Contoso) -> None:
    browser = scene.browser().open(f"/signin?return_to=/{'a' * 2000}").sign_in("ana")

    assert browser.walked[-1] == "/"


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_neither_the_theme_nor_the_clock_leads_elsewhere(scene: Contoso, lab: Lab, back: str) -> None:
    browser = scene.signed_in()

    theme = browser.client.submit("/theme", theme="dark", back=back)
    clock = browser.client.submit("/sandbox/clock/advance", period="PT1H", back=back, csrf_token=browser.csrf)

    assert (theme.status_code, theme.headers["location"]) == (303, "/")
    assert (clock.status_code, clock.headers["location"]) == (303, "/sandbox")


# --- forms ------------------------------------------------------------------------------------------------------------


def test_a_form_without_the_sessions_token_changes_nothing(scene: Contoso, lab: Lab) -> None:
    ana, bea = scene.signed_in("ana"), scene.signed_in("bea")
    seal = ana.csrf.partition(".")[2]
    tokens = {
        "none": {},
        "empty": {"csrf_token": ""},
        "another session's": {"csrf_token": bea.csrf},
        "another nonce": {"csrf_token": f"00.{seal}"},
        "no seal": {"csrf_token": ana.csrf.partition(".")[0] + "."},
        "a letter more": {"csrf_token": ana.csrf + "0"},
        "not ASCII": {"csrf_token": ana.csrf + "é"},
    }
    before = lab.now

    for fields in tokens.values():
        page = ana.client.submit("/sandbox/clock/advance", period="P1D", **fields)
        assert (page.status_code, "This form is out of date" in page.text) == (403, True)

    assert lab.now == before
    right = ana.client.submit("/sandbox/clock/advance", period="P1D", csrf_token=ana.csrf)
    assert (right.status_code, lab.now) == (303, before + timedelta(days=1))


@pytest.mark.parametrize(
    "path",
    [
        "/sign-out",
        "/sandbox/clock/advance",
        "/sandbox/clock/mode",
        "/sandbox/snapshots",
        "/sandbox/snapshots/restore",
        "/account/access/request",
        "/account/users/new",
    ],
)
def test_every_form_wants_the_token(scene: Contoso, lab: Lab, path: str) -> None:
    browser = scene.signed_in()
    kept = len(sessions(lab))

    def attack() -> int:
        return browser.client.request(
            "POST", path, data={"period": "P1D", "mode": "ticking"}, headers={"origin": "https://evil.example"}
        ).status_code

    assert lab.nothing_changed(attack) == 403
    assert len(sessions(lab)) == kept


def test_the_token_of_the_address_does_not_count(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    before = lab.now

    page = browser.client.submit(f"/sandbox/clock/advance?csrf_token={browser.csrf}", period="P1D")

    assert (page.status_code, lab.now) == (403, before)


def test_a_form_sent_after_the_session_ended_says_so_and_changes_nothing(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    token = browser.csrf
    lab.advance(timedelta(hours=25))
    before = lab.now

    page = browser.client.submit("/sandbox/clock/advance", period="P1D", csrf_token=token)

    assert (page.status_code, lab.now) == (401, before)
    assert "Sign in to open this page." in page.text
    assert 'href="/signin?return_to=%2F"' in page.text


def test_htmx_is_sent_to_the_sign_in_as_a_whole_page(scene: Contoso, lab: Lab) -> None:
    page = lab.client(hx_request="true").get("/account/users?search=x")

    assert (page.status_code, page.headers["hx-redirect"]) == (
        204,
        "/signin?return_to=%2Faccount%2Fusers%3Fsearch%3Dx",
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/sign-out", "/sandbox/clock/advance", "/account/access/request"])
def test_only_a_post_changes_anything(scene: Contoso, lab: Lab, method: str, path: str) -> None:
    browser = scene.signed_in()
    before, kept = lab.now, len(sessions(lab))

    status = lab.nothing_changed(
        lambda: (
            browser.client.request(
                method, path, params={"period": "P1D"}, headers={"x-csrf-token": browser.csrf}
            ).status_code
        )
    )

    assert status in ({204} if method == "OPTIONS" else {404, 405})
    assert (lab.now, len(sessions(lab))) == (before, kept)


# --- what a page is sent with -----------------------------------------------------------------------------------------


def test_every_kind_of_page_carries_the_policy(scene: Contoso, lab: Lab) -> None:
    ana, bea, nobody = scene.signed_in("ana"), scene.signed_in("bea"), lab.client()
    pages = {
        "home": ana.client.get("/"),
        "a list": ana.client.get("/account/users"),
        "a form": ana.client.get("/account/users/new"),
        "the sandbox": ana.client.get("/sandbox"),
        "a refusal": bea.client.get("/account/users"),
        "nothing there": ana.client.get("/there/is/nothing"),
        "a wrong form": ana.client.submit("/sandbox/clock/advance", period="P1D"),
        "a bad value": ana.client.submit("/sandbox/clock/advance", period="soon", csrf_token=ana.csrf),
        "signed out": nobody.get("/signin/out"),
        "a failed sign-in": nobody.get("/signin/callback?error=access_denied"),
        "enrolment": nobody.get("/enrol"),
    }
    statuses = {name: page.status_code for name, page in pages.items()}
    assert statuses == {
        "home": 200,
        "a list": 200,
        "a form": 200,
        "the sandbox": 200,
        "a refusal": 403,
        "nothing there": 404,
        "a wrong form": 403,
        "a bad value": 400,
        "signed out": 200,
        "a failed sign-in": 401,
        "enrolment": 200,
    }
    assert "There is no page at /there/is/nothing. Check the address, or begin at Home." in pages["nothing there"].text
    for name, page in pages.items():
        assert page.headers["content-security-policy"] == POLICY, name
        assert page.headers["x-content-type-options"] == "nosniff", name
        assert page.headers["cache-control"] == "no-store", name
        assert page.headers["referrer-policy"] == "same-origin", name
        assert page.headers["content-type"].startswith("text/html"), name
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", page.text), name


def test_the_providers_pages_cannot_be_framed_and_run_nothing_inline(scene: Contoso) -> None:
    page = scene.browser().open("/signin").page

    policy = page.headers["content-security-policy"]
    assert policy == f"{POLICY} {ORIGIN}"  # its form ends at the client's address
    assert page.headers["x-frame-options"] == "DENY"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", page.text)


# --- notes ------------------------------------------------------------------------------------------------------------


CALL = urlsafe_b64encode(b"success:Call 555").decode().rstrip("=")


def test_nobody_else_can_put_words_on_a_page(scene: Contoso, lab: Lab) -> None:
    ana, bea = scene.signed_in("ana"), scene.signed_in("bea")
    secret, sid = world_secret(lab.world), cookie_hash(ana.session)
    forged = {
        "own words": "0" * 64 + "." + CALL,
        "another session's": write_note(secret, cookie_hash(bea.session), "success", "Call 555"),
        "another secret": write_note(b"guess", sid, "success", "Call 555"),
        "changed words": f"{write_note(secret, sid, 'success', 'Saved.').partition('.')[0]}.{CALL}",
        "no seal": CALL,
    }
    for kind, note in forged.items():
        text = lab.client(cookie=f"{SESSION_COOKIE}={ana.session}; {NOTE_COOKIE}={note}").get("/").text
        assert "Call 555" not in text, kind
    right = write_note(secret, sid, "success", "Saved <b>it</b>.")
    text = lab.client(cookie=f"{SESSION_COOKIE}={ana.session}; {NOTE_COOKIE}={right}").get("/").text
    assert "Saved &lt;b&gt;it&lt;/b&gt;." in text


def test_a_note_is_shown_once(scene: Contoso) -> None:
    browser = scene.signed_in()

    assert "It is now" in browser.submit("/sandbox/clock/advance", period="PT1H").page.text
    assert "It is now" not in browser.open("/").page.text


# --- a second factor --------------------------------------------------------------------------------------------------


def test_customers_are_behind_a_second_factor(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    with lab.begin() as uow:
        [row] = sessions(lab)
        uow.db.merge(row).mfa = False

    browser.open("/customers", to=0)

    assert (browser.page.status_code, browser.page.headers["location"]) == (
        303,
        "/signin?return_to=%2Fcustomers&mfa=true",
    )
    browser.open("/signin?return_to=%2Fcustomers&mfa=true", to=0)
    query = dict(parse_qsl(urlsplit(browser.page.headers["location"]).query))
    assert query["acr_values"] == "urn:microsoft:policies:mfa"
    assert browser.open("/customers").path == "/customers"  # the provider's session has both factors
    assert [each.mfa for each in sessions(lab)] == [True]


def test_an_installation_may_do_without(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()
    lab.world.settings = msgspec.structs.replace(lab.world.settings, require_mfa=False)
    with lab.begin() as uow:
        [row] = sessions(lab)
        uow.db.merge(row).mfa = False

    assert browser.open("/customers").walked == ["/customers"]


# --- a page that stays closed -----------------------------------------------------------------------------------------


def test_a_refused_page_names_the_role_and_who_gives_it_and_takes_the_request(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in("bea")

    browser.open("/account/users/new")

    assert (browser.page.status_code, browser.heading) == (403, "You need permission to open User management")
    for words in ("Global admin", "User management admin", "Ana", "mailto:ana@contoso.onmicrosoft.com"):
        assert words in browser.page.text
    browser.submit("/account/access/request", role=Role.USER_ADMIN.value, reason="I look after the team")
    assert (browser.page.status_code, browser.path) == (200, "/account/access")
    assert "Your administrators were asked for User management admin." in browser.page.text
    [letter] = lab.mails("ana@contoso.onmicrosoft.com")
    assert letter.subject == "bea@contoso.onmicrosoft.com asks for a role"
    assert "I look after the team" in letter.text
    again = browser.open("/account/users/new").page.text
    assert "You asked for User management admin. The administrators were told." in again
    assert "Ask for it" not in again
    ana = scene.signed_in("ana")
    assert "bea@contoso.onmicrosoft.com asks for User management admin" in ana.page.text


def test_a_refused_action_says_that_nothing_changed(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in("bea")

    def act() -> str:
        return browser.client.submit(f"/account/users/{scene.ana}/block", csrf_token=browser.csrf).text

    text = lab.nothing_changed(act)

    assert "You need permission to do this" in text
    assert "none of your roles allows this. Nothing was changed." in text


# --- home -------------------------------------------------------------------------------------------------------------


def test_home_warns_of_a_single_administrator_and_offers_the_fix(scene: Contoso, lab: Lab) -> None:
    browser = scene.signed_in()

    assert "Make a second administrator" in browser.page.text
    assert "Fewer than two users administer this account." in browser.page.text
    assert 'href="/account/users"' in browser.page.text
    with lab.begin(scene.actor(scene.ana)) as uow:
        partner.assign_role(uow, scene.bea, Role.ACCOUNT_ADMIN)
    assert "Make a second administrator" not in browser.open("/").page.text


def test_who_cannot_fix_it_is_not_told(scene: Contoso) -> None:
    assert "Make a second administrator" not in scene.signed_in("bea").page.text


def test_the_bell_counts_what_waits(scene: Contoso) -> None:
    browser = scene.signed_in()
    counted = re.search(r"Notifications, (\d+) unread", browser.page.text)
    shown = browser.open("/home/notifications").page.text.count('<article class="card')

    assert counted is not None
    assert int(counted.group(1)) == shown > 0


# --- the second step in a sandbox -------------------------------------------------------------------------------------


def shown_code(browser: Browser) -> str:
    found = re.search(r"Sandbox: the code now is <span class=\"strong\">(\d{3} \d{3})</span>", browser.page.text)
    return found.group(1) if found else ""


def to_the_code_page(scene: Contoso) -> Browser:
    browser = scene.browser().open("/signin?mfa=true")
    upn = "ana@contoso.onmicrosoft.com"
    return browser.submit("username", username=upn, password="Correct-Horse-7")


def test_a_sandbox_shows_the_code_of_its_own_clock_again_and_again(scene: Contoso) -> None:
    for _ in range(3):  # the clock stands still
        browser = to_the_code_page(scene)
        assert browser.heading == "Enter code"

        browser.submit('name="code"', code=shown_code(browser)).submit("stay", stay="no")

        assert (browser.page.status_code, browser.heading) == (200, "Home")


def test_production_never_shows_a_code(scene: Contoso, lab: Lab) -> None:
    lab.world.settings = msgspec.structs.replace(lab.world.settings, profile=Profile.PRODUCTION)

    browser = to_the_code_page(scene)

    assert (browser.heading, shown_code(browser)) == ("Enter code", "")
    assert "the code now" not in browser.page.text
