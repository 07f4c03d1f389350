"""The provider over HTTP: discovery, each grant, the pages, consent, the device flow, signing out."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from openpartner.identity import keys, queries, resources, service
from openpartner.identity.protocol import Platform
from openpartner.identity.service.applications import Access
from openpartner.identity.service.signing_in import set_authenticator
from openpartner.platform.rsa_keys import seeded_private_key
from tests.identity.provider import (
    CALLBACK,
    CENTER,
    CHALLENGE,
    GRAPH,
    PASSWORD,
    SEED,
    SPA,
    VERIFIER,
    Scene,
    authorize_url,
    otp,
    said,
    scene,
    signed_in,
)
from tests.support.lab import START, Lab


@pytest.fixture
def at(lab: Lab) -> Scene:
    return scene(lab)


def refused(response: httpx.Response) -> tuple[int, str, int]:
    body = response.json()
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    return response.status_code, body["error"], body["error_codes"][0]


# --- discovery ----------------------------------------------------------------------------------------------------


def test_discovery_names_the_tenants_guid_and_the_template_at_common(at: Scene) -> None:
    by_domain = at.client.get("/Contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration").json()
    base = f"https://localhost/{at.partner}"
    assert by_domain["issuer"] == f"{base}/v2.0"
    assert by_domain["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert by_domain["authorization_endpoint"] == f"{base}/oauth2/v2.0/authorize"
    assert by_domain["device_authorization_endpoint"] == f"{base}/oauth2/v2.0/devicecode"
    common = at.client.get("/common/v2.0/.well-known/openid-configuration").json()
    assert common["issuer"] == "https://localhost/{tenantid}/v2.0"
    assert common["jwks_uri"] == "https://localhost/common/discovery/v2.0/keys"
    v1 = at.client.get(f"/{at.partner}/.well-known/openid-configuration").json()
    assert (v1["issuer"], v1["token_endpoint"]) == (f"https://sts.windows.net/{at.partner}/", f"{base}/oauth2/token")
    assert v1["microsoft_multi_refresh_token"] is True


def test_an_unknown_tenant_is_told_as_such(at: Scene) -> None:
    answer = at.client.get("/nowhere.com/v2.0/.well-known/openid-configuration")
    assert refused(answer) == (400, "invalid_tenant", 90002)
    assert refused(at.client.get("/nowhere/v2.0/.well-known/openid-configuration")) == (400, "invalid_request", 900023)


def test_an_error_has_the_whole_shape(at: Scene) -> None:
    given = "11111111-2222-3333-4444-555555555555"
    answer = at.app_token(at.partner, client_secret="wrong")
    assert set(answer.json()) == {
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri",
    }  # fmt: skip
    body = at.client.request(
        "POST", f"/{at.partner}/oauth2/v2.0/token", data={}, headers={"client-request-id": given}
    ).json()
    assert body["correlation_id"] == given
    assert body["timestamp"] == "2026-01-15 09:00:00Z"
    assert body["error_uri"] == "https://localhost/error?code=900144"
    assert body["error_description"].endswith(f"Correlation ID: {given} Timestamp: 2026-01-15 09:00:00Z")


def test_the_published_keys_verify_a_token(at: Scene) -> None:
    token = at.app_token(at.partner).json()["access_token"]
    published = at.client.get("/common/discovery/v2.0/keys").json()
    assert len(published["keys"]) >= 2
    assert jwt.decode(token, KeySet.import_key_set(published)).claims["aud"] == GRAPH


def test_instance_discovery_knows_the_vendors_names_and_our_own(at: Scene) -> None:
    path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://{}/common/oauth2/v2.0/authorize"
    own = at.client.get(path.format("localhost")).json()
    assert own["tenant_discovery_endpoint"] == "https://localhost/common/v2.0/.well-known/openid-configuration"
    assert own["metadata"][-1] == {
        "preferred_network": "localhost",
        "preferred_cache": "localhost",
        "aliases": ["localhost"],
    }
    assert refused(at.client.get(path.format("evil.example"))) == (400, "invalid_instance", 50049)


def test_realms_and_credential_types(at: Scene) -> None:
    assert at.client.get("/common/userrealm/ana@contoso.onmicrosoft.com?api-version=1.0").json() == {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": "contoso.onmicrosoft.com",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }
    assert at.client.get("/common/userrealm/x@nowhere.com?api-version=2.1").json()["NameSpaceType"] == "Unknown"
    found = [
        at.client.post("/common/GetCredentialType", {"Username": f"{name}@contoso.onmicrosoft.com"}).json()
        for name in ("ana", "nobody")
    ]
    assert [answer["IfExistsResult"] for answer in found] == [0, 1]


# --- client credentials -------------------------------------------------------------------------------------------


def test_client_credentials_give_an_app_only_token(at: Scene) -> None:
    answer = at.app_token("contoso.onmicrosoft.com")
    body = answer.json()
    assert set(body) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert 3599 <= body["expires_in"] <= 5399
    assert answer.headers["cache-control"] == "no-store, no-cache"
    claims = said(body["access_token"])
    with at.lab.read() as uow:
        principal = queries.service_principal(uow, at.partner, UUID(at.client_id))
    assert principal is not None
    assert (claims["aud"], claims["roles"], claims["idtyp"]) == (GRAPH, ["User.Read.All"], "app")
    assert (claims["oid"], claims["sub"], claims["appidacr"]) == (str(principal.id), str(principal.id), "1")


def test_the_v1_answer_has_numbers_as_text(at: Scene) -> None:
    body = at.token_v1(
        at.partner,
        grant_type="client_credentials",
        client_id=at.client_id,
        client_secret=at.secret,
        resource=CENTER,
    ).json()
    assert body["resource"] == CENTER
    assert all(isinstance(body[name], str) for name in ("expires_in", "ext_expires_in", "expires_on", "not_before"))
    assert body["not_before"] == str(int(START.timestamp()))
    assert said(body["access_token"])["aud"] == CENTER


def test_app_only_in_a_customers_tenant_needs_the_principal_there(at: Scene) -> None:
    assert refused(at.app_token(at.customer)) == (400, "unauthorized_client", 700016)
    with at.lab.begin() as uow:
        service.grant_admin_consent(uow, at.customer, UUID(at.client_id))
    claims = said(at.app_token(at.customer).json()["access_token"])
    assert (claims["tid"], claims["roles"]) == (str(at.customer), ["User.Read.All"])


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": ""}, (401, "invalid_client", 7000218)),
        ({"client_id": str(UUID(int=5))}, (400, "unauthorized_client", 700016)),
        ({"client_id": "rubbish"}, (400, "unauthorized_client", 700016)),
        ({"scope": f"{GRAPH}/User.Read"}, (400, "invalid_scope", 1002012)),
        ({"scope": "https://nothing.example/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "implicit"}, (400, "unsupported_grant_type", 70003)),
        ({"grant_type": ""}, (400, "invalid_request", 900144)),
        ({"client_assertion": "x.y.z"}, (400, "invalid_request", 9002313)),
    ],
)
def test_a_wrong_client_credentials_request_is_refused(
    at: Scene, form: dict[str, str], refusal: tuple[int, str, int]
) -> None:
    assert refused(at.app_token(at.partner, **form)) == refusal


@pytest.mark.parametrize(("tenant", "number"), [("common", 50059), ("nowhere.com", 90002), ("x", 900023)])
def test_client_credentials_need_a_tenant(at: Scene, tenant: str, number: int) -> None:
    assert refused(at.app_token(tenant))[2] == number


def test_an_expired_secret_says_so(at: Scene) -> None:
    at.lab.set_clock(START + timedelta(days=700))
    assert refused(at.app_token(at.partner)) == (401, "invalid_client", 7000222)


def test_a_secret_may_come_by_http_basic(at: Scene) -> None:
    answer = at.client.request(
        "POST",
        f"/{at.partner}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": f"{GRAPH}/.default"},
        auth=(at.client_id, at.secret),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "scope", ["https://localhost/.default", "https://localhost:8443/.default", str(resources.GRAPH) + "/.default"]
)
def test_the_own_host_and_the_guid_mean_graph(at: Scene, scope: str) -> None:
    audience = said(at.app_token(at.partner, scope=scope).json()["access_token"])["aud"]
    assert audience == (str(resources.GRAPH) if scope.startswith("0") else GRAPH)


@pytest.mark.parametrize(("algorithm", "thumb"), [("PS256", "x5t#S256"), ("RS256", "x5t")])
def test_a_certificates_assertion_is_as_good_as_a_secret(at: Scene, algorithm: str, thumb: str) -> None:
    pem = seeded_private_key("client")
    der = keys.self_signed(pem, "app", START)
    with at.lab.begin() as uow:
        app = queries.application_by_app_id(uow, UUID(at.client_id))
        assert app is not None
        service.add_application_certificate(uow, app, der)
    mark = keys.thumbprint(der) if thumb == "x5t" else keys.thumbprint_s256(der)
    stamp = int(START.timestamp())
    assertion = jwt.encode(
        {"alg": algorithm, thumb: mark},
        {
            "iss": at.client_id,
            "sub": at.client_id,
            "aud": f"https://login.microsoftonline.com/{at.partner}/oauth2/v2.0/token",
            "exp": stamp + 600,
            "nbf": stamp,
            "jti": "1",
        },
        RSAKey.import_key(pem),
        algorithms=[algorithm],
    )
    form = {
        "client_secret": "",
        "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert said(at.app_token(at.partner, **form).json()["access_token"])["appidacr"] == "2"


def test_a_federated_credential_stands_in_for_a_secret(at: Scene) -> None:
    outside = RSAKey.import_key(seeded_private_key("outside"))
    with at.lab.begin() as uow:
        app = queries.application_by_app_id(uow, UUID(at.client_id))
        assert app is not None
        service.add_federated_credential(
            uow,
            app,
            name="ci",
            issuer="https://ci.example",
            subject="repo:main",
            audience="api://AzureADTokenExchange",
            jwks={"keys": [{**outside.as_dict(private=False), "kid": "o"}]},
        )
    stamp = int(START.timestamp())
    claims = {"iss": "https://ci.example", "sub": "repo:main", "aud": "api://AzureADTokenExchange", "exp": stamp + 600}

    def asserted(**changes: str) -> str:
        return jwt.encode({"alg": "RS256", "kid": "o"}, {**claims, **changes}, outside)

    form = {
        "client_secret": "",
        "client_assertion": asserted(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert at.app_token(at.partner, **form).status_code == 200
    assert refused(at.app_token(at.partner, **{**form, "client_assertion": asserted(sub="repo:evil")}))[2] == 70021


# --- pages and the code -------------------------------------------------------------------------------------------


def test_a_user_signs_in_and_the_code_becomes_tokens(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at, client_info="1")).sign_in("bea").stay()
    answer = browser.answer
    assert browser.landed.startswith(f"{CALLBACK}?")
    assert (answer["state"], "client_info" in answer, "session_state" in answer) == ("s-1", True, True)
    body = at.redeem(answer["code"], client_info="1").json()
    assert set(body) == {
        "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token",
        "client_info",
    }  # fmt: skip
    assert body["scope"] == f"{CENTER}/user_impersonation"
    access, identity = said(body["access_token"]), said(body["id_token"])
    assert (access["aud"], access["scp"], access["upn"]) == (
        CENTER,
        "user_impersonation",
        "bea@contoso.onmicrosoft.com",
    )
    assert (access["amr"], access["tid"], access["oid"]) == (["pwd"], str(at.partner), str(at.bea))
    assert (identity["nonce"], identity["aud"], identity["preferred_username"]) == (
        "n-1", at.client_id, "bea@contoso.onmicrosoft.com",
    )  # fmt: skip


def test_an_administrator_shows_a_second_factor_and_every_token_inherits_it(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at)).sign_in("ana")
    assert browser.heading == "Enter code"
    browser.code(otp(at.lab)).stay()
    body = at.redeem(browser.answer["code"]).json()
    assert said(body["access_token"])["amr"] == ["pwd", "otp", "mfa"]
    again = at.token(
        at.partner,
        grant_type="refresh_token",
        client_id=at.client_id,
        client_secret=at.secret,
        refresh_token=body["refresh_token"],
        scope=f"{GRAPH}/.default",
    ).json()
    claims = said(again["access_token"])
    assert (claims["amr"], claims["aud"], claims["scp"]) == (["pwd", "otp", "mfa"], GRAPH, "User.Read")
    assert str(resources.GLOBAL_ADMINISTRATOR) in claims["wids"]


def test_a_user_without_a_factor_registers_one_when_it_is_asked_for(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at, acr_values="urn:microsoft:policies:mfa")).sign_in("bea")
    assert browser.heading == "Keep your account secure"
    found = re.search(r"[A-Z2-7]{32}", browser.page.text)
    assert found is not None
    wrong = browser.submit(code="000000")
    assert (wrong.page.status_code, wrong.heading) == (401, "Keep your account secure")
    browser.submit(code=pyotp.TOTP(found.group()).at(int(at.lab.now.timestamp()))).stay()
    assert said(at.redeem(browser.answer["code"]).json()["access_token"])["amr"] == ["pwd", "otp", "mfa"]


def test_single_sign_on_answers_silently_and_prompt_none_never_shows_a_page(at: Scene) -> None:
    silent = at.browser().open(authorize_url(at, prompt="none"))
    assert (silent.answer["error"], silent.answer["state"]) == ("login_required", "s-1")
    assert silent.answer["error_description"].startswith("AADSTS50058: ")
    browser = signed_in(at)
    browser.open(authorize_url(at, prompt="none"))
    assert "code" in browser.answer
    browser.open(authorize_url(at, prompt="none", amr_values="mfa"))
    assert browser.answer["error"] == "interaction_required"
    browser.open(authorize_url(at, prompt="login"))
    assert browser.heading == "Sign in"
    at.lab.set_clock(START + timedelta(minutes=5))
    browser.open(authorize_url(at, max_age="60"))
    assert browser.heading == "Sign in"


def test_two_accounts_are_picked_from(at: Scene) -> None:
    browser = signed_in(at)
    browser.open(authorize_url(at, prompt="select_account"))
    assert browser.heading == "Pick an account"
    browser.submit(form_number=str(len(browser.forms()) - 1), chosen="another").sign_in("ana").code(otp(at.lab)).stay()
    browser.open(authorize_url(at))
    assert browser.heading == "Pick an account"
    bea = re.search(r'value="([^"]+)">Bea', browser.page.text)
    assert bea is not None
    browser.submit(chosen=bea.group(1))
    assert said(at.redeem(browser.answer["code"]).json()["access_token"])["oid"] == str(at.bea)
    browser.open(authorize_url(at, prompt="none"))
    assert browser.answer["error"] == "account_selection_required"
    browser.open(authorize_url(at, prompt="none", login_hint="ana@contoso.onmicrosoft.com"))
    assert said(at.redeem(browser.answer["code"]).json()["access_token"])["oid"] == str(at.ana)


def test_a_temporary_password_is_changed_first(at: Scene) -> None:
    with at.lab.begin() as uow:
        temporary = service.reset_password(uow, at.bea)
    browser = at.browser().open(authorize_url(at)).sign_in("bea", temporary)
    assert browser.heading == "Update your password"
    changed = {"present_password": temporary, "wanted_password": "New-Horse-88", "repeated_password": "New-Horse-88"}
    assert browser.submit(**{**changed, "repeated_password": "x"}).page.status_code == 422
    assert browser.submit(**{**changed, "present_password": "x"}).page.status_code == 422
    browser.submit(**changed).stay()
    assert "code" in browser.answer


def test_hybrid_answers_by_form_post_as_the_secure_application_model_does(at: Scene) -> None:
    url = authorize_url(
        at, response_type="code id_token", response_mode="form_post", scope="openid profile", resource=CENTER
    )
    browser = at.browser().open(url).sign_in("ana").code(otp(at.lab)).stay()
    (form,) = browser.forms()
    assert form["action"] == CALLBACK
    assert said(form["id_token"])["nonce"] == "n-1"
    assert "form-action 'self' https://app.example.com" in browser.page.headers["content-security-policy"]
    body = at.token_v1(
        at.partner,
        grant_type="authorization_code",
        client_id=at.client_id,
        client_secret=at.secret,
        code=form["code"],
        redirect_uri=CALLBACK,
        resource=CENTER,
    ).json()
    assert (body["scope"], body["resource"], body["expires_in"].isdecimal()) == ("user_impersonation", CENTER, True)
    assert said(body["access_token"])["amr"] == ["pwd", "otp", "mfa"]
    assert "refresh_token" in body


def test_a_single_page_app_redeems_across_origins_and_may_read_the_answer(at: Scene) -> None:
    browser = signed_in(at, redirect_uri=SPA, code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"client_secret": "", "redirect_uri": SPA, "code_verifier": VERIFIER}
    assert refused(at.redeem(browser.answer["code"], **form)) == (400, "invalid_request", 9002327)
    answer = at.redeem(browser.answer["code"], **form, origin="https://spa.example.com")
    assert answer.headers["access-control-allow-origin"] == "https://spa.example.com"
    refresh = {
        "grant_type": "refresh_token",
        "client_id": at.client_id,
        "refresh_token": answer.json()["refresh_token"],
        "origin": "https://spa.example.com",
    }
    at.lab.set_clock(START + timedelta(hours=23))
    renewed = at.token("common", **refresh).json()["refresh_token"]
    at.lab.set_clock(START + timedelta(hours=24))
    for token in (refresh["refresh_token"], renewed):
        assert refused(at.token("common", **{**refresh, "refresh_token": token})) == (400, "invalid_grant", 700084)


def test_a_public_client_on_any_port_of_localhost(at: Scene) -> None:
    uri = "http://localhost:51234"
    browser = signed_in(at, redirect_uri=uri, code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"redirect_uri": uri, "code_verifier": VERIFIER}
    assert refused(at.redeem(browser.answer["code"], **form)) == (401, "invalid_client", 700025)
    body = at.redeem(browser.answer["code"], **form, client_secret="").json()
    assert said(body["access_token"])["appidacr"] == "0"


# --- refresh ------------------------------------------------------------------------------------------------------


def refresh_form(at: Scene, token: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": at.client_id,
        "client_secret": at.secret,
        "refresh_token": token,
        "scope": f"{CENTER}/.default offline_access openid profile",
    }


def test_a_refresh_token_rolls_for_90_days_and_the_old_one_stays_valid(at: Scene) -> None:
    first = at.redeem(signed_in(at).answer["code"]).json()["refresh_token"]
    at.lab.set_clock(START + timedelta(days=89))
    second = at.token("common", **refresh_form(at, first)).json()["refresh_token"]
    at.lab.set_clock(START + timedelta(days=150))
    assert {at.token("common", **refresh_form(at, token)).status_code for token in (first, second)} == {200}
    at.lab.set_clock(START + timedelta(days=240))
    assert refused(at.token("common", **refresh_form(at, first))) == (400, "invalid_grant", 700082)


@pytest.mark.parametrize("how", ["revoke", "reset", "block", "end session"])
def test_revocation_kills_refresh_tokens(at: Scene, how: str) -> None:
    token = at.redeem(signed_in(at).answer["code"]).json()["refresh_token"]
    with at.lab.begin() as uow:
        if how == "revoke":
            service.revoke_sessions(uow, at.bea)
        elif how == "reset":
            service.reset_password(uow, at.bea)
        elif how == "block":
            service.block_user(uow, at.bea)
        else:
            service.end_session(uow, at.bea, service.list_sessions(uow, at.bea)[0].id)
    answer = at.token("common", **refresh_form(at, token))
    assert refused(answer) == (400, "invalid_grant", 50173)
    assert answer.json()["suberror"] == "bad_token"


def test_a_refresh_token_opens_a_customers_tenant_by_delegated_administration_only(at: Scene) -> None:
    token = at.redeem(signed_in(at, "ana").answer["code"]).json()["refresh_token"]
    form = {**refresh_form(at, token), "scope": f"{GRAPH}/.default"}
    assert refused(at.token(at.customer, **form)) == (400, "invalid_grant", 50020)
    with at.lab.begin() as uow:
        agents = service.create_group(uow, at.partner, "AdminAgents")
        service.add_group_member(uow, agents.id, at.ana)
        service.add_group_member(uow, agents.id, at.bea)
        service.open_delegated_access(
            uow,
            source_id=UUID(int=77),
            kind="gdap",
            customer_tenant_id=at.customer,
            group_id=agents.id,
            roles=[resources.USER_ADMINISTRATOR],
            until_at=START + timedelta(days=1),
        )
    answer = at.token(at.customer, **form)
    assert refused(answer) == (400, "invalid_grant", 65001)
    assert answer.json()["suberror"] == "consent_required"
    with at.lab.begin() as uow:
        service.grant_admin_consent(uow, at.customer, UUID(at.client_id))
    claims = said(at.token(at.customer, **form).json()["access_token"])
    assert {"oid", "upn"}.isdisjoint(claims)
    assert claims["wids"] == [str(resources.USER_ADMINISTRATOR), "08372b87-7d02-482a-9e02-fb03ea5fe193"]
    assert claims["tid"] == str(at.customer)
    assert claims["idp"] == f"https://sts.windows.net/{at.partner}/"
    without = at.redeem(signed_in(at, "bea").answer["code"]).json()["refresh_token"]
    assert refused(at.token(at.customer, **{**form, "refresh_token": without})) == (400, "invalid_grant", 50076)
    at.lab.set_clock(START + timedelta(days=1))
    assert refused(at.token(at.customer, **form)) == (400, "invalid_grant", 50020)


# --- other grants -------------------------------------------------------------------------------------------------


def password_form(at: Scene, name: str = "bea", password: str = PASSWORD) -> dict[str, str]:
    return {
        "grant_type": "password",
        "client_id": at.client_id,
        "username": f"{name}@contoso.onmicrosoft.com",
        "password": password,
        "scope": f"{CENTER}/user_impersonation openid offline_access",
    }


@pytest.mark.parametrize(
    ("name", "password", "number"), [("bea", "wrong", 50126), ("nobody", PASSWORD, 50034), ("ana", PASSWORD, 50076)]
)
def test_the_password_grant(at: Scene, name: str, password: str, number: int) -> None:
    assert said(at.token("organizations", **password_form(at)).json()["access_token"])["amr"] == ["pwd"]
    assert refused(at.token("organizations", **password_form(at, name, password))) == (400, "invalid_grant", number)


def test_a_password_that_must_change_is_no_grant(at: Scene) -> None:
    with at.lab.begin() as uow:
        temporary = service.reset_password(uow, at.bea)
    answer = at.token("organizations", **password_form(at, password=temporary))
    assert refused(answer) == (400, "invalid_grant", 50055)
    assert answer.json()["suberror"] == "user_password_expired"


def test_a_blocked_user_is_told_so_only_with_the_right_password(at: Scene) -> None:
    with at.lab.begin() as uow:
        service.block_user(uow, at.bea)
    assert refused(at.token("common", **password_form(at, password="wrong")))[2] == 50126
    assert refused(at.token("common", **password_form(at)))[2] == 50057


def test_the_device_flow(at: Scene) -> None:
    started = at.client.request(
        "POST",
        "/common/oauth2/v2.0/devicecode",
        data={"client_id": at.client_id, "scope": f"{CENTER}/user_impersonation openid offline_access"},
    ).json()
    assert set(started) == {"user_code", "device_code", "verification_uri", "expires_in", "interval", "message"}
    assert (started["expires_in"], started["interval"], len(started["user_code"])) == (900, 5, 9)
    assert started["verification_uri"] == "https://localhost/common/oauth2/deviceauth"
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": at.client_id,
        "device_code": started["device_code"],
        "code": started["device_code"],
    }
    assert refused(at.token("common", **poll)) == (400, "authorization_pending", 70016)
    browser = at.browser().open("/devicelogin")
    typed = started["user_code"].lower()
    browser.submit(user_code=f"{typed[:4]}-{typed[4:]}").sign_in("bea").stay()
    assert browser.heading == "Are you trying to sign in to Sync tool?"
    browser.submit(answer="continue")
    assert "You have signed in to Sync tool" in browser.page.text
    body = at.token("common", **poll).json()
    assert said(body["access_token"])["oid"] == str(at.bea)
    assert {"refresh_token", "id_token"} <= set(body)
    assert refused(at.token("common", **poll)) == (400, "bad_verification_code", 70018)


@pytest.mark.parametrize(
    ("how", "error", "number"), [("decline", "authorization_declined", 700030), ("wait", "expired_token", 70020)]
)
def test_a_device_flow_that_comes_to_nothing(at: Scene, how: str, error: str, number: int) -> None:
    started = at.client.request(
        "POST", "/common/oauth2/v2.0/devicecode", data={"client_id": at.client_id, "scope": f"{CENTER}/.default"}
    ).json()
    if how == "decline":
        browser = at.browser().open(f"/common/oauth2/deviceauth?user_code={started['user_code']}").sign_in("bea").stay()
        browser.submit(answer="cancel")
    else:
        at.lab.set_clock(START + timedelta(minutes=15))
    poll = {"grant_type": "device_code", "client_id": at.client_id, "code": started["device_code"]}
    assert refused(at.token("common", **poll)) == (400, error, number)


def device_waiting(at: Scene, scope: str) -> tuple[str, dict[str, str]]:
    """Where the code of a device that asks for ``scope`` is answered, and what the device polls with."""
    form = {"client_id": at.client_id, "scope": f"{scope} openid offline_access"}
    started = at.client.request("POST", "/common/oauth2/v2.0/devicecode", data=form).json()
    poll = {"grant_type": "device_code", "client_id": at.client_id, "code": started["device_code"]}
    return f"/common/oauth2/deviceauth?user_code={started['user_code']}", poll


def test_a_devices_user_is_asked_for_what_was_not_consented_to(at: Scene) -> None:
    with at.lab.begin() as uow:
        service.revoke_consent(uow, at.partner, UUID(at.client_id))
    address, poll = device_waiting(at, f"{GRAPH}/User.Read")
    browser = at.browser().open(address).sign_in("bea").stay()
    assert browser.heading == "Are you trying to sign in to Sync tool?"
    browser.submit(answer="continue")
    assert browser.heading == "Permissions requested"
    assert "Microsoft Graph: User.Read" in browser.page.text
    assert refused(at.token("common", **poll)) == (400, "authorization_pending", 70016)

    browser.submit(answer="accept")

    assert "You have signed in to Sync tool" in browser.page.text
    assert said(at.token("common", **poll).json()["access_token"])["scp"] == "User.Read openid"
    again, poll = device_waiting(at, f"{GRAPH}/User.Read")
    assert "You have signed in to Sync tool" in browser.open(again).submit(answer="continue").page.text
    assert said(at.token("common", **poll).json()["access_token"])["oid"] == str(at.bea)


def test_a_devices_user_who_does_not_consent_declines(at: Scene) -> None:
    with at.lab.begin() as uow:
        service.revoke_consent(uow, at.partner, UUID(at.client_id))
    address, poll = device_waiting(at, f"{GRAPH}/User.Read")
    browser = at.browser().open(address).sign_in("bea").stay().submit(answer="continue")
    browser.submit(answer="cancel")
    assert browser.heading == "Sign-in cancelled"
    assert refused(at.token("common", **poll)) == (400, "authorization_declined", 700030)
    asked_again = browser.open(authorize_url(at, scope=f"{GRAPH}/User.Read openid")).heading
    assert asked_again == "Permissions requested"


def test_a_device_that_needs_an_administrator_waits_for_one(at: Scene) -> None:
    address, poll = device_waiting(at, f"{GRAPH}/Directory.Read.All")
    browser = at.browser().open(address).sign_in("bea").stay().submit(answer="continue")
    assert browser.heading == "Need admin approval"
    assert refused(at.token("common", **poll)) == (400, "authorization_pending", 70016)

    browser.submit(chosen="another").sign_in("ana").code(otp(at.lab)).stay().submit(answer="continue")
    assert browser.heading == "Permissions requested"
    browser.submit(answer="accept", for_all="on")

    assert "You have signed in to Sync tool" in browser.page.text
    assert said(at.token("common", **poll).json()["access_token"])["oid"] == str(at.ana)
    later, poll = device_waiting(at, f"{GRAPH}/Directory.Read.All")
    at.browser().open(later).sign_in("bea").stay().submit(answer="continue")
    assert said(at.token("common", **poll).json()["access_token"])["oid"] == str(at.bea)


def test_a_consent_page_left_open_does_nothing_for_a_code_that_has_expired(at: Scene) -> None:
    with at.lab.begin() as uow:
        service.revoke_consent(uow, at.partner, UUID(at.client_id))
    address, poll = device_waiting(at, f"{GRAPH}/User.Read")
    browser = at.browser().open(address).sign_in("bea").stay().submit(answer="continue")
    at.lab.set_clock(START + timedelta(minutes=15))
    browser.submit(answer="accept")
    assert (browser.page.status_code, browser.heading) == (404, "Enter code")
    assert refused(at.token("common", **poll)) == (400, "expired_token", 70020)
    asked_again = browser.open(authorize_url(at, scope=f"{GRAPH}/User.Read openid")).heading
    assert asked_again == "Permissions requested"


def middle_tier(at: Scene) -> tuple[str, str]:
    """A second application that the first may call, and that calls Graph for the user."""
    with at.lab.begin() as uow:
        api = service.register_application(
            uow,
            at.partner,
            display_name="Api",
            identifier_uris=["api://middle"],
            exposed_scopes=[{"value": "read", "type": "User", "adminConsentDisplayName": "Read"}],
            required_access=[Access(resource=resources.GRAPH, scopes=["User.Read"])],
        )
        secret = service.add_application_secret(uow, api).secret
        service.grant_admin_consent(uow, at.partner, api.app_id)
        service.grant_admin_consent(uow, at.partner, UUID(at.client_id), [Access(resource=api.app_id, scopes=["read"])])
        return str(api.app_id), secret


def test_on_behalf_of(at: Scene) -> None:
    api, secret = middle_tier(at)
    browser = signed_in(at, tenant=at.partner, scope="api://middle/read openid offline_access")
    token = at.redeem(browser.answer["code"], tenant=str(at.partner)).json()["access_token"]
    assert (said(token)["aud"], said(token)["ver"], said(token)["scp"]) == (api, "2.0", "read")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "requested_token_use": "on_behalf_of",
        "client_id": api,
        "client_secret": secret,
        "assertion": token,
        "scope": f"{GRAPH}/User.Read offline_access openid profile",
    }
    body = at.token(at.partner, **form).json()
    assert {"access_token", "refresh_token", "id_token"} <= set(body)
    claims = said(body["access_token"])
    assert (claims["oid"], claims["appid"], claims["amr"]) == (str(at.bea), api, ["pwd"])
    other = at.app_token(at.partner).json()["access_token"]
    assert refused(at.token(at.partner, **{**form, "assertion": other}))[2] == 50013
    assert refused(at.token(at.partner, **{**form, "assertion": "x.y.z"}))[2] == 50013
    at.lab.set_clock(START + timedelta(hours=2))
    assert refused(at.token(at.partner, **form))[2] == 500133


# --- consent ------------------------------------------------------------------------------------------------------


def test_a_user_consents_and_is_not_asked_again(at: Scene) -> None:
    with at.lab.begin() as uow:
        service.revoke_consent(uow, at.partner, UUID(at.client_id))
    url = authorize_url(at, scope=f"{GRAPH}/User.Read openid profile offline_access")
    browser = at.browser().open(url).sign_in("bea").stay()
    assert browser.heading == "Permissions requested"
    browser.submit(answer="cancel")
    assert (browser.answer["error"], browser.answer["error_subcode"]) == ("access_denied", "cancel")
    browser.open(url).submit(answer="accept")
    body = at.redeem(browser.answer["code"]).json()
    assert body["scope"] == f"{GRAPH}/User.Read openid profile"
    assert "code" in browser.open(url).answer


def test_an_administrators_permission_needs_an_administrator(at: Scene) -> None:
    url = authorize_url(at, scope=f"{GRAPH}/Directory.Read.All openid")
    browser = at.browser().open(url).sign_in("bea").stay()
    assert browser.heading == "Need admin approval"
    boss = at.browser().open(url).sign_in("ana").code(otp(at.lab)).stay()
    assert boss.heading == "Permissions requested"
    boss.submit(answer="accept", for_all="on")
    assert "code" in boss.answer
    assert "code" in browser.open(url).answer


def test_admin_consent_over_the_page(at: Scene) -> None:
    with at.lab.begin() as uow:
        boss = service.create_user(
            uow,
            at.customer,
            upn="cara@fabrikam.onmicrosoft.com",
            display_name="Cara",
            password=PASSWORD,
            force_change=False,
        ).user
        service.create_user(
            uow,
            at.customer,
            upn="dan@fabrikam.onmicrosoft.com",
            display_name="Dan",
            password=PASSWORD,
            force_change=False,
        )
        service.assign_directory_role(uow, at.customer, resources.GLOBAL_ADMINISTRATOR, boss.id)
        set_authenticator(uow, boss.id, SEED)
    asked = f"client_id={at.client_id}&scope={GRAPH}/.default&redirect_uri={CALLBACK}&state=x"
    url = f"/{at.customer}/v2.0/adminConsent?{asked}"
    dan = at.browser().open(url)
    dan.submit(username="dan@fabrikam.onmicrosoft.com", password=PASSWORD).stay()
    assert "AADSTS90094" in dan.page.text
    browser = at.browser().open(url)
    browser.submit(username="cara@fabrikam.onmicrosoft.com", password=PASSWORD).code(otp(at.lab)).stay()
    assert browser.heading == "Permissions requested"
    assert at.app_token(at.customer).status_code == 400
    browser.submit(answer="accept")
    assert browser.answer == {
        "admin_consent": "True",
        "tenant": str(at.customer),
        "scope": f"{GRAPH}/.default",
        "state": "x",
    }
    assert said(at.app_token(at.customer).json()["access_token"])["roles"] == ["User.Read.All"]


def test_a_single_tenant_application_does_not_work_at_common(at: Scene) -> None:
    with at.lab.begin() as uow:
        app = service.register_application(
            uow, at.partner, display_name="Single", redirect_uris=[(Platform.WEB, CALLBACK)]
        )
        client_id = str(app.app_id)
    assert "AADSTS50194" in at.browser().open(authorize_url(at, client_id=client_id)).page.text
    other = at.browser().open(authorize_url(at, at.customer, client_id=client_id))
    assert "AADSTS700016" in other.page.text


# --- signing out, user info ---------------------------------------------------------------------------------------


def test_logout_ends_the_session_tells_the_applications_and_goes_back(at: Scene) -> None:
    browser = signed_in(at)
    hint = at.redeem(browser.answer["code"]).json()["id_token"]
    with at.lab.begin() as uow:
        app = queries.application_by_app_id(uow, UUID(at.client_id))
        assert app is not None
        service.update_application(uow, app, front_channel_logout_uri="https://app.example.com/bye")
    browser.open(f"/common/oauth2/v2.0/logout?post_logout_redirect_uri={CALLBACK}&state=q&id_token_hint={hint}")
    assert browser.heading == "You signed out of your account"
    assert f"https://app.example.com/bye?sid={said(hint)['sid']}" in browser.page.text
    assert f'data-onward="{CALLBACK}?state=q"' in browser.page.text
    assert "frame-src https://app.example.com" in browser.page.headers["content-security-policy"]
    assert browser.open(authorize_url(at, prompt="none")).answer["error"] == "login_required"


def test_user_info(at: Scene) -> None:
    browser = signed_in(at, scope=f"{GRAPH}/User.Read openid profile email")
    token = at.redeem(browser.answer["code"]).json()["access_token"]
    answer = at.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert (answer["name"], answer["email"]) == ("Bea", "bea@contoso.onmicrosoft.com")
    assert at.client.get("/oidc/userinfo").status_code == 401
    own = at.app_token(at.partner).json()["access_token"]
    assert at.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {own}"}).status_code == 401


def test_every_attempt_is_in_the_sign_in_log(at: Scene) -> None:
    browser = at.browser().open(authorize_url(at)).sign_in("bea", "wrong")
    assert browser.page.status_code == 401
    browser.sign_in("bea").stay()
    with at.lab.read() as uow:
        found = [(row.error_code, row.user_id, row.is_interactive) for row in queries.sign_ins(uow, at.partner)]
    assert sorted(found, key=lambda row: row[0]) == [(0, at.bea, True), (50126, at.bea, True)]
