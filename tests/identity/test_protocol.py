"""Rules of the protocol: scopes, redirect addresses, authorization requests."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import protocol
from openpartner.identity.errors import OAuthError
from openpartner.identity.protocol import Platform, ScopeRequest

GRAPH = "https://graph.microsoft.com"
CLIENT = UUID(int=9)


@pytest.mark.parametrize(
    ("scope", "parsed"),
    [
        ("User.Read", ScopeRequest(GRAPH, ("User.Read",), is_named=True)),
        (f"{GRAPH}/User.Read {GRAPH}/Mail.Send", ScopeRequest(GRAPH, ("User.Read", "Mail.Send"), is_named=True)),
        (f"{GRAPH}/.default", ScopeRequest(GRAPH, (), is_default=True, is_named=True)),
        ("https://x//.default", ScopeRequest("https://x/", (), is_default=True, is_named=True)),
        (
            "openid profile offline_access",
            ScopeRequest(GRAPH, (), sign_in=frozenset({"openid", "profile", "offline_access"})),
        ),
        (
            "https://api.partnercenter.microsoft.com/user_impersonation offline_access",
            ScopeRequest(
                "https://api.partnercenter.microsoft.com",
                ("user_impersonation",),
                sign_in=frozenset({"offline_access"}),
                is_named=True,
            ),
        ),
        (
            "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd/.default openid",
            ScopeRequest(
                "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd",
                (),
                is_default=True,
                sign_in=frozenset({"openid"}),
                is_named=True,
            ),
        ),
        (f"{GRAPH}/openid", ScopeRequest(GRAPH, (), sign_in=frozenset({"openid"}))),
    ],
)
def test_a_scope_names_one_resource_and_its_permissions(scope: str, parsed: ScopeRequest) -> None:
    assert protocol.parse_scope(scope) == parsed


@pytest.mark.parametrize(
    ("scope", "number"),
    [
        (f"{GRAPH}/User.Read https://api.partnercenter.microsoft.com/user_impersonation", 28000),
        (f"{GRAPH}/.default {GRAPH}/User.Read", 70011),
        (f"{GRAPH}/", 70011),
        ('x"y', 70011),
    ],
)
def test_a_scope_that_cannot_be_read_is_refused(scope: str, number: int) -> None:
    with pytest.raises(OAuthError) as refused:
        protocol.parse_scope(scope)
    assert refused.value.number == number


@pytest.mark.parametrize(
    ("resource", "own"),
    [
        ("https://localhost", True),
        ("https://localhost/", True),
        ("https://localhost:8443", True),
        ("https://partner.example.com", True),
        ("https://partner.example.com:444/", True),
        ("https://graph.microsoft.com", False),
        ("https://localhost/api", False),
        ("api://localhost", False),
    ],
)
def test_the_own_host_means_graph(resource: str, own: bool) -> None:
    assert protocol.own_host_resource(resource, ["partner.example.com:8443"]) is own


REGISTERED = [
    ("web", "https://app.example.com/cb"),
    ("web", "http://localhost:5000/cb"),
    ("spa", "https://spa.example.com/"),
    ("publicClient", "http://localhost"),
    ("publicClient", "http://localhost/auth"),
    ("publicClient", "urn:ietf:wg:oauth:2.0:oob"),
]


@pytest.mark.parametrize(
    ("uri", "platform"),
    [
        ("https://app.example.com/cb", Platform.WEB),
        ("https://spa.example.com/", Platform.SPA),
        ("http://localhost:5000/cb", Platform.WEB),
        ("http://localhost:51234", Platform.PUBLIC_CLIENT),
        ("http://localhost:51234/", Platform.PUBLIC_CLIENT),
        ("http://localhost:51234/auth", Platform.PUBLIC_CLIENT),
        ("urn:ietf:wg:oauth:2.0:oob", Platform.PUBLIC_CLIENT),
        # attacks: nothing but the registered address will do
        ("https://app.example.com/cb/", None),
        ("https://app.example.com/cb?x=1", None),
        ("https://app.example.com/cb/../evil", None),
        ("https://app.example.com.evil.com/cb", None),
        ("https://app.example.com@evil.com/cb", None),
        ("https://APP.example.com/cb", None),
        ("http://localhost:5001/cb", None),
        ("http://localhost:1@evil.com/", None),
        ("http://localhost.evil.com", None),
        ("http://evil.com", None),
        ("http://localhost:80/other", None),
        ("http://user@localhost:80", None),
        ("https://localhost:51234", None),
        ("//evil.com", None),
        ("", None),
    ],
)
def test_a_redirect_address_must_be_the_registered_one(uri: str, platform: Platform | None) -> None:
    assert protocol.match_redirect_uri(uri, REGISTERED) is platform


@pytest.mark.parametrize(
    ("uri", "platform", "allowed"),
    [
        ("https://app.example.com/cb", Platform.WEB, True),
        ("http://localhost:5000/cb", Platform.WEB, True),
        ("http://app.example.com/cb", Platform.WEB, False),
        ("https://app.example.com/#x", Platform.WEB, False),
        ("https://*.example.com/", Platform.WEB, False),
        ("https://app.example.com/" + "x" * 240, Platform.WEB, False),
        ("https://user@app.example.com/", Platform.WEB, False),
        ("https://[", Platform.WEB, False),
        ("javascript:alert(1)", Platform.PUBLIC_CLIENT, False),
        ("myapp://auth", Platform.PUBLIC_CLIENT, True),
        ("myapp://auth", Platform.SPA, False),
        ("data:text/html,x", Platform.PUBLIC_CLIENT, False),
    ],
)
def test_what_may_be_registered_as_a_redirect_address(uri: str, platform: Platform, allowed: bool) -> None:
    if allowed:
        protocol.check_redirect_uri(uri, platform)
        return
    with pytest.raises(protocol.RedirectUriRefused):
        protocol.check_redirect_uri(uri, platform)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("COMMON", "common"),
        ("Contoso.OnMicrosoft.com", "contoso.onmicrosoft.com"),
        ("00000000-0000-0000-0000-000000000009", CLIENT),
    ],
)
def test_a_tenant_is_a_guid_a_domain_or_a_shared_word(text: str, key: UUID | str) -> None:
    assert protocol.tenant_key(text) == key


@pytest.mark.parametrize("text", ["contoso", "", "a/b", "x y.com", "'; --"])
def test_what_is_no_tenant_is_refused(text: str) -> None:
    with pytest.raises(OAuthError) as refused:
        protocol.tenant_key(text)
    assert refused.value.number == 900023


PARAMS = {
    "client_id": str(CLIENT),
    "redirect_uri": "https://app.example.com/cb",
    "response_type": "code",
    "scope": "openid profile User.Read",
    "state": "s t&ate",
    "nonce": "n",
}


def parsed(platform: Platform = Platform.WEB, *, is_v1: bool = False, **changes: Any) -> protocol.AuthorizationRequest:
    return protocol.parse_authorization_request({**PARAMS, **changes}, CLIENT, platform, is_v1=is_v1)


def test_an_authorization_request_is_read() -> None:
    request = parsed(
        max_age="60", login_hint="ana@contoso.com", client_info="1", acr_values="urn:microsoft:policies:mfa"
    )
    assert (request.state, request.nonce, request.response_mode) == ("s t&ate", "n", "query")
    assert (request.max_age, request.login_hint, request.client_info) == (
        timedelta(seconds=60),
        "ana@contoso.com",
        True,
    )
    assert request.forces_mfa
    assert not parsed().forces_mfa


@pytest.mark.parametrize(
    "extra", [{"amr_values": "mfa"}, {"claims": '{"id_token":{"amr":{"essential":true,"values":["mfa"]}}}'}]
)
def test_mfa_can_be_asked_for_in_several_ways(extra: dict[str, Any]) -> None:
    assert parsed(**extra).forces_mfa


def test_a_v1_request_names_its_resource() -> None:
    request = parsed(is_v1=True, resource="https://api.partnercenter.microsoft.com", scope="openid profile")
    assert protocol.parse_scope(request.scope).resource == "https://api.partnercenter.microsoft.com"
    assert protocol.parse_scope(request.scope).is_default


CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("changes", "platform", "number"),
    [
        ({"response_type": ""}, Platform.WEB, 900144),
        ({"response_type": "banana"}, Platform.WEB, 70005),
        ({"response_type": "token"}, Platform.WEB, 70005),
        ({"response_mode": "pigeon"}, Platform.WEB, 9002313),
        ({"response_type": "id_token", "response_mode": "query"}, Platform.WEB, 70007),
        ({"scope": " "}, Platform.WEB, 900144),
        ({"response_type": "id_token", "scope": "User.Read"}, Platform.WEB, 70011),
        ({"response_type": "id_token", "nonce": ""}, Platform.WEB, 900144),
        ({"prompt": "dance"}, Platform.WEB, 9002313),
        ({"max_age": "soon"}, Platform.WEB, 9002313),
        ({"claims": "{"}, Platform.WEB, 9002313),
        ({"claims": "[]"}, Platform.WEB, 9002313),
        ({"code_challenge": "short"}, Platform.WEB, 9002313),
        ({"code_challenge_method": "S256"}, Platform.WEB, 9002313),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, Platform.WEB, 9002313),
        ({}, Platform.SPA, 9002325),
    ],
)
def test_a_wrong_authorization_request_is_refused(changes: dict[str, Any], platform: Platform, number: int) -> None:
    with pytest.raises(OAuthError) as refused:
        parsed(platform, **changes)
    assert refused.value.number == number


@pytest.mark.parametrize(
    ("params", "mode"),
    [
        ({}, "query"),
        ({"response_type": "code id_token"}, "fragment"),
        ({"response_type": "code id_token", "response_mode": "query"}, "fragment"),
        ({"response_type": "code", "response_mode": "form_post"}, "form_post"),
        ({"response_mode": "pigeon"}, "query"),
    ],
)
def test_a_refusal_travels_as_the_answer_would(params: dict[str, str], mode: str) -> None:
    assert protocol.response_mode_of(params) == mode


def test_an_answer_keeps_the_addresss_own_query() -> None:
    fields = [("code", "a b"), ("state", "x&y")]
    assert (
        protocol.answer_address("https://a.com/cb?k=1", "query", fields) == "https://a.com/cb?k=1&code=a+b&state=x%26y"
    )
    assert (
        protocol.answer_address("https://a.com/cb?k=1", "fragment", fields)
        == "https://a.com/cb?k=1#code=a+b&state=x%26y"
    )


@pytest.mark.parametrize(
    ("claims", "continuous"),
    [
        ('{"access_token":{"xms_cc":{"values":["CP1"]}}}', True),
        ('{"access_token":{"xms_cc":{"values":["cp1"]}}}', True),
        ('{"access_token":{"xms_cc":{"values":["other"]}}}', False),
        ('{"access_token":{"xms_cc":5}}', False),
        ("", False),
    ],
)
def test_a_client_says_that_it_can_answer_a_claims_challenge(claims: str, continuous: bool) -> None:
    assert protocol.is_continuous(protocol.parse_claims(claims)) is continuous


def test_a_user_code_is_typed_in_any_case_with_blanks_and_hyphens() -> None:
    assert protocol.typed_user_code(" abc-def 23g ") == "ABCDEF23G"


def test_the_old_name_of_the_device_grant_is_known_and_others_are_not() -> None:
    assert protocol.grant_named("device_code").name == "urn:ietf:params:oauth:grant-type:device_code"
    with pytest.raises(OAuthError) as refused:
        protocol.grant_named("implicit")
    assert refused.value.number == 70003
