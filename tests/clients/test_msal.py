"""``msal`` for Python, unmodified, against a real server: every flow it has that needs no window."""

import base64
import threading
from typing import Any

import msal
import pytest

from openpartner.identity import keys
from tests.clients.conftest import (
    BEA,
    CALLBACK,
    NOT_STAYING,
    SIGN_IN,
    USER,
    Provider,
    fields_of,
    go_through_pages,
    one_time_code,
)

pytestmark = pytest.mark.clients

CENTER = "https://api.partnercenter.microsoft.com/user_impersonation"
GRAPH = "https://graph.microsoft.com/.default"


def confidential(provider: Provider, credential: Any, **how: Any) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        provider.client_id, credential, authority=f"{provider.url}/{provider.tenant}", **how
    )


def public(provider: Provider, client_id: str | None = None) -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        client_id or provider.client_id, authority=f"{provider.url}/organizations", instance_discovery=False
    )


@pytest.mark.parametrize("how", ["off", "ours", "oidc"])
def test_a_secret_gets_an_app_only_token(provider: Provider, how: str) -> None:
    ways: dict[str, dict[str, Any]] = {
        "off": {"instance_discovery": False},
        "ours": {"instance_discovery": f"{provider.url}/common/discovery/instance"},
        "oidc": {},
    }
    if how == "oidc":
        app = msal.ConfidentialClientApplication(
            provider.client_id, provider.secret, oidc_authority=f"{provider.url}/{provider.tenant}/v2.0"
        )
    else:
        app = confidential(provider, provider.secret, **ways[how])
    first = app.acquire_token_for_client([GRAPH])
    assert (first.get("error"), first.get("token_source")) == (None, "identity_provider")
    assert app.acquire_token_for_client([GRAPH])["token_source"] == "cache"


def test_a_certificate_gets_one_too(provider: Provider) -> None:
    hexadecimal = base64.urlsafe_b64decode(keys.thumbprint(provider.certificate) + "=").hex()
    app = confidential(
        provider, {"private_key": provider.private_key, "thumbprint": hexadecimal}, instance_discovery=False
    )
    assert app.acquire_token_for_client([GRAPH])["token_type"] == "Bearer"


def test_a_wrong_secret_is_told_as_the_original_tells_it(provider: Provider) -> None:
    answer = confidential(provider, "wrong", instance_discovery=False).acquire_token_for_client([GRAPH])
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert answer["error_description"].startswith("AADSTS7000215: ")


def test_the_code_flow_with_proof_key_and_nonce_then_silently(provider: Provider) -> None:
    app = confidential(provider, provider.secret, instance_discovery=False)
    flow = app.initiate_auth_code_flow([CENTER], redirect_uri=CALLBACK, response_mode="form_post")
    page = go_through_pages(provider, flow["auth_uri"], [SIGN_IN, {"code": one_time_code()}, NOT_STAYING])
    address, posted = fields_of(page)
    assert address == CALLBACK
    answer = app.acquire_token_by_auth_code_flow(flow, posted)
    assert answer.get("error_description") is None
    assert answer["id_token_claims"]["preferred_username"] == USER
    (account,) = app.get_accounts()
    assert account["username"] == USER
    silent = app.acquire_token_silent([GRAPH], account=account, force_refresh=True)
    assert silent["token_source"] == "identity_provider"
    assert app.acquire_token_silent([CENTER], account=account)["token_source"] == "cache"


def test_the_device_flow(provider: Provider) -> None:
    app = public(provider)
    flow = app.initiate_device_flow([CENTER])
    url = f"{flow['verification_uri']}?user_code={flow['user_code']}"
    flow["interval"] = 1
    found: dict[str, Any] = {}
    waiting = threading.Thread(target=lambda: found.update(app.acquire_token_by_device_flow(flow)))
    waiting.start()
    page = go_through_pages(provider, url, [BEA, NOT_STAYING, {"answer": "continue"}])
    waiting.join(timeout=30)
    assert "You have signed in to Sync tool" in page
    assert found["id_token_claims"]["preferred_username"] == "bea@contoso.onmicrosoft.com"


def test_a_continuous_client_gets_a_long_token_for_graph(provider: Provider) -> None:
    app = confidential(provider, provider.secret, instance_discovery=False, client_capabilities=["CP1"])
    assert app.acquire_token_for_client([GRAPH])["expires_in"] >= 24 * 3600 - 1


def test_on_behalf_of_refuses_a_token_for_someone_else(provider: Provider) -> None:
    app = confidential(provider, provider.secret, instance_discovery=False)
    token = app.acquire_token_for_client([GRAPH])["access_token"]
    answer = app.acquire_token_on_behalf_of(token, [GRAPH])
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [50013])
