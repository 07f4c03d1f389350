"""``azure-identity`` for Python, unmodified, against a real server."""

import threading
from urllib.parse import parse_qsl, urlsplit

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.clients.conftest import BEA, CALLBACK, NOT_STAYING, Provider, go_through_pages

pytestmark = pytest.mark.clients

GRAPH = "https://graph.microsoft.com/.default"
CENTER = "https://api.partnercenter.microsoft.com/.default"


def test_client_secret_credential(provider: Provider) -> None:
    with ClientSecretCredential(
        provider.tenant, provider.client_id, provider.secret, authority=provider.url, disable_instance_discovery=True
    ) as credential:
        first = credential.get_token(GRAPH)
        assert first.token.count(".") == 2
        assert credential.get_token(GRAPH).token == first.token
        assert credential.get_token("https://localhost/.default").token != first.token


def test_client_secret_credential_by_domain_and_environment(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", provider.url)
    with ClientSecretCredential(
        "contoso.onmicrosoft.com", provider.client_id, provider.secret, disable_instance_discovery=True
    ) as credential:
        assert credential.get_token(CENTER).token.count(".") == 2


def test_certificate_credential(provider: Provider) -> None:
    certificate = x509.load_der_x509_certificate(provider.certificate).public_bytes(Encoding.PEM)
    with CertificateCredential(
        provider.tenant,
        provider.client_id,
        certificate_data=provider.private_key.encode() + b"\n" + certificate,
        authority=provider.url,
        disable_instance_discovery=True,
    ) as credential:
        assert credential.get_token(GRAPH).token.count(".") == 2


def test_a_wrong_secret_raises_with_the_number(provider: Provider) -> None:
    with (
        ClientSecretCredential(
            provider.tenant, provider.client_id, "wrong", authority=provider.url, disable_instance_discovery=True
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(GRAPH)


def test_authorization_code_credential(provider: Provider) -> None:
    url = (
        f"{provider.url}/{provider.tenant}/oauth2/v2.0/authorize?client_id={provider.client_id}&response_type=code"
        f"&redirect_uri={CALLBACK}&scope={GRAPH} offline_access openid"
    )
    landed = go_through_pages(provider, url, [BEA, NOT_STAYING])
    code = dict(parse_qsl(urlsplit(landed).query))["code"]
    with AuthorizationCodeCredential(
        provider.tenant,
        provider.client_id,
        code,
        CALLBACK,
        client_secret=provider.secret,
        authority=provider.url,
        disable_instance_discovery=True,
    ) as credential:
        first = credential.get_token(GRAPH)
        assert first.token.count(".") == 2
        assert credential.get_token(GRAPH).token == first.token


def test_device_code_credential_with_its_own_default_client(provider: Provider) -> None:
    """Without a client id it is the Azure command line's, which every world knows."""
    pages: list[threading.Thread] = []

    def prompt(uri: str, user_code: str, _expires_on: object) -> None:
        steps = [BEA, NOT_STAYING, {"answer": "continue"}]
        pages.append(threading.Thread(target=go_through_pages, args=(provider, f"{uri}?user_code={user_code}", steps)))
        pages[-1].start()

    with DeviceCodeCredential(
        authority=provider.url, disable_instance_discovery=True, prompt_callback=prompt, timeout=60
    ) as credential:
        assert credential.get_token(GRAPH).token.count(".") == 2
    pages[0].join(timeout=10)
