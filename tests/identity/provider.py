"""A scene with a partner, a customer and an application, and a browser that fills in the provider's pages."""

import base64
import hashlib
import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import httpx
import msgspec
import pyotp

from openpartner.identity import queries, resources, service
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.service.applications import Access
from openpartner.identity.service.signing_in import set_authenticator
from openpartner.platform.actor import TenantKind
from tests.support.client import AppClient
from tests.support.lab import Lab

PASSWORD = "Correct-Horse-7"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CALLBACK = "https://app.example.com/cb"
SPA = "https://spa.example.com/"
CENTER = "https://api.partnercenter.microsoft.com"
GRAPH = "https://graph.microsoft.com"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@dataclass
class Scene:
    """Contoso (a partner) with Ana, its global administrator who has an authenticator, and Bea, an ordinary user;
    Fabrikam (a customer); a multi-tenant application of Contoso's, consented there.
    """

    lab: Lab
    partner: UUID
    customer: UUID
    ana: UUID
    bea: UUID
    client_id: str
    secret: str

    @property
    def client(self) -> AppClient:
        return self.lab.client()

    def token(self, tenant: object, **form: str) -> httpx.Response:
        """Post to the v2 token endpoint; ``origin`` goes into the header."""
        return self._post(f"/{tenant}/oauth2/v2.0/token", form)

    def token_v1(self, tenant: object, **form: str) -> httpx.Response:
        """Post to the v1 token endpoint."""
        return self._post(f"/{tenant}/oauth2/token", form)

    def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        origin = form.pop("origin", "")
        return self.client.request("POST", path, data=form, headers={"origin": origin} if origin else {})

    def app_token(self, tenant: object, **form: str) -> httpx.Response:
        given = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "scope": f"{GRAPH}/.default",
            **form,
        }
        return self.token(tenant, **{name: value for name, value in given.items() if value})

    def redeem(self, code: str, **form: str) -> httpx.Response:
        given = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "redirect_uri": CALLBACK,
            "code": code,
            **form,
        }
        tenant = given.pop("tenant", "common")
        return self.token(tenant, **{name: value for name, value in given.items() if value})

    def browser(self) -> "Browser":
        return Browser(self.lab.client())


def scene(lab: Lab) -> Scene:
    with lab.begin() as uow:
        partner = service.create_tenant(
            uow, kind=TenantKind.PARTNER, name="Contoso", country="US", domain="contoso.onmicrosoft.com"
        )
        customer = service.create_tenant(
            uow, kind=TenantKind.CUSTOMER, name="Fabrikam", country="US", domain="fabrikam.onmicrosoft.com"
        )
        people = [
            service.create_user(
                uow,
                partner.id,
                upn=f"{name}@contoso.onmicrosoft.com",
                display_name=name.title(),
                mail=f"{name}@contoso.onmicrosoft.com",
                password=PASSWORD,
                force_change=False,
            ).user
            for name in ("ana", "bea")
        ]
        service.assign_directory_role(uow, partner.id, resources.GLOBAL_ADMINISTRATOR, people[0].id)
        set_authenticator(uow, people[0].id, SEED)
        app = service.register_application(
            uow,
            partner.id,
            display_name="Sync tool",
            audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
            redirect_uris=[
                (Platform.WEB, CALLBACK),
                (Platform.SPA, SPA),
                (Platform.PUBLIC_CLIENT, "http://localhost"),
            ],
            required_access=[
                Access(resource=resources.PARTNER_CENTER, scopes=["user_impersonation"]),
                Access(resource=resources.GRAPH, scopes=["User.Read"], roles=["User.Read.All"]),
            ],
            id_token_implicit=True,
            allow_public_client=True,
        )
        secret = service.add_application_secret(uow, app, ends_at=uow.now + timedelta(days=700)).secret
        service.grant_admin_consent(uow, partner.id, app.app_id)
        return Scene(lab, partner.id, customer.id, people[0].id, people[1].id, str(app.app_id), secret)


def otp(lab: Lab) -> str:
    return pyotp.TOTP(SEED).at(int(lab.now.timestamp()))


def said(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    body = token.split(".")[1]
    claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Browser:
    """Follows redirects within the provider and fills in its forms; stops at the client's address."""

    def __init__(self, client: AppClient) -> None:
        self.client = client
        self.page = httpx.Response(200)
        self.landed = ""

    def open(self, url: str, **headers: str) -> "Browser":
        self._follow(self.client.request("GET", url, headers=headers))
        return self

    def _follow(self, response: httpx.Response) -> None:
        self.landed = ""
        for _ in range(10):
            if response.status_code not in {302, 303}:
                self.page = response
                return
            location = response.headers["location"]
            if not location.startswith("/"):
                self.landed, self.page = location, response
                return
            response = self.client.get(location)
        raise AssertionError("redirects without end")

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page.text, re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""

    def forms(self) -> list[dict[str, str]]:
        """Every form's fields, with its address as ``action``."""
        found = []
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.page.text, re.DOTALL):
            action = re.search(r'action="([^"]*)"', attributes)
            fields = {"action": html.unescape(action.group(1)) if action else ""}
            for tag in re.findall(r"<input[^>]*>", inside):
                name = re.search(r'name="([^"]*)"', tag)
                value = re.search(r'value="([^"]*)"', tag)
                if name and 'type="checkbox"' not in tag:
                    fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
            found.append(fields)
        return found

    def submit(self, **changes: str) -> "Browser":
        """Send the page's first form, or the one of ``form_number``, with these fields changed."""
        number = int(changes.pop("form_number", "0"))
        fields = {**self.forms()[number], **changes}
        action = fields.pop("action")
        self._follow(self.client.request("POST", action, data=fields))
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> "Browser":
        assert self.heading == "Sign in", self.page.text
        return self.submit(username=f"{name}@contoso.onmicrosoft.com", password=password)

    def code(self, code: str) -> "Browser":
        assert self.heading == "Enter code", self.page.text
        return self.submit(code=code)

    def stay(self, answer: str = "no") -> "Browser":
        assert self.heading == "Stay signed in?", self.page.text
        return self.submit(stay=answer)

    @property
    def answer(self) -> dict[str, str]:
        """What the client was sent, in the query or the fragment."""
        parts = urlsplit(self.landed)
        return dict(parse_qsl(parts.fragment or parts.query, keep_blank_values=True))

    def cookie(self, name: str) -> str:
        return str(self.client.cookies.get(name, ""))


def authorize_url(scene: Scene, tenant: object = "common", **changes: str) -> str:
    params = {
        "client_id": scene.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": f"{CENTER}/user_impersonation openid profile offline_access",
        "state": "s-1",
        "nonce": "n-1",
        **changes,
    }
    path = f"/{tenant}/oauth2/authorize" if "resource" in params else f"/{tenant}/oauth2/v2.0/authorize"
    return f"{path}?{urlencode({name: value for name, value in params.items() if value})}"


def signed_in(scene: Scene, name: str = "bea", tenant: object = "common", **changes: str) -> Browser:
    """A browser that has gone through the pages and holds the client's answer."""
    browser = scene.browser().open(authorize_url(scene, tenant, **changes)).sign_in(name)
    if browser.heading == "Enter code":
        browser.code(otp(scene.lab))
    return browser.stay()


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def session_count(scene: Scene, user: UUID) -> int:
    with scene.lab.read() as uow:
        return len(queries.sessions_of(uow, user))
