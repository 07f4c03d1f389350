"""A world behind a real HTTPS server on localhost, and what its clients need: a user, an application, the authority."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pyotp
import pytest

from openpartner.app import open_world
from openpartner.identity import keys, resources, service
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.service.applications import Access
from openpartner.identity.service.signing_in import set_authenticator
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.rsa_keys import seeded_private_key
from openpartner.settings import Settings
from tests.support.served import Server, serving

PASSWORD = "Correct-Horse-7"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
USER = "ana@contoso.onmicrosoft.com"
CALLBACK = "https://app.example.com/cb"


@dataclass(frozen=True)
class Provider:
    """Where the provider listens, and who is known there."""

    server: Server
    tenant: str
    client_id: str
    secret: str
    private_key: str
    certificate: bytes

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.server.url

    @property
    def authority_file(self) -> Path:
        """What clients must trust."""
        return self.server.data / "authority" / "ca.pem"


def _fill(data: Path) -> tuple[str, str, str, str, bytes]:
    world = open_world(Settings(data=data, seed="small", demo_data=False, work_in_server=False))
    private_key = seeded_private_key("msal")
    with world.begin(SYSTEM) as uow:
        tenant = service.create_tenant(
            uow, kind=TenantKind.PARTNER, name="Contoso", country="US", domain="contoso.onmicrosoft.com"
        )
        user = service.create_user(
            uow, tenant.id, upn=USER, display_name="Ana Lima", password=PASSWORD, force_change=False
        ).user
        set_authenticator(uow, user.id, SEED)
        service.create_user(
            uow,
            tenant.id,
            upn="bea@contoso.onmicrosoft.com",
            display_name="Bea",
            password=PASSWORD,
            force_change=False,
        )
        service.assign_directory_role(uow, tenant.id, resources.GLOBAL_ADMINISTRATOR, user.id)
        app = service.register_application(
            uow,
            tenant.id,
            display_name="Sync tool",
            audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
            redirect_uris=[(Platform.WEB, CALLBACK), (Platform.PUBLIC_CLIENT, "http://localhost")],
            required_access=[
                Access(resource=resources.PARTNER_CENTER, scopes=["user_impersonation"]),
                Access(resource=resources.GRAPH, scopes=["User.Read"], roles=["User.Read.All"]),
            ],
            allow_public_client=True,
        )
        secret = service.add_application_secret(uow, app).secret
        certificate = keys.self_signed(private_key, "msal", uow.now)
        service.add_application_certificate(uow, app, certificate)
        service.grant_admin_consent(uow, tenant.id, app.app_id)
        found = (str(tenant.id), str(app.app_id), secret, private_key, certificate)
    world.close()
    return found


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    data = tmp_path_factory.mktemp("clients")
    known = _fill(data)
    with serving(data, tls=True, settings={"demo_data": "false"}) as server:
        yield Provider(server, *known)


@pytest.fixture(autouse=True)
def _trust(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the documentation tells a user to set: the authority, for requests and for everything else."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(provider.authority_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(provider.authority_file))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def fields_of(page: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of a page's first form."""
    form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form is not None, page
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form.group(2)):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
    return html.unescape(form.group(1)), fields


def go_through_pages(provider: Provider, url: str, answers: list[dict[str, str]]) -> str:
    """What a person does in a browser: answer each page in turn. Gives the address of the client, or the last page."""
    with provider.server.client() as browser:
        response = browser.get(url)
        for answer in [*answers, None]:
            while response.is_redirect:
                target = urljoin(str(response.url), response.headers["location"])
                if not target.startswith(provider.url):
                    return target
                response = browser.get(target)
            if answer is None:
                break
            assert response.status_code == httpx.codes.OK, response.text
            action, fields = fields_of(response.text)
            response = browser.post(action, data={**fields, **answer})
        return response.text


def one_time_code() -> str:
    """What Ana's authenticator shows."""
    return pyotp.TOTP(SEED).now()


SIGN_IN = {"username": USER, "password": PASSWORD}
BEA = {"username": "bea@contoso.onmicrosoft.com", "password": PASSWORD}
NOT_STAYING = {"stay": "no"}
