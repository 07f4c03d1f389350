"""A browser that signs in to the portal, and a provider on loopback whose every answer a test decides."""

import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import httpx
import msgspec
import pyotp
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from openpartner.identity import resources, service
from openpartner.identity.service.signing_in import set_authenticator
from openpartner.partner.queries import resolve_actor
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.http.authentication import Principal
from openpartner.platform.web.page import SESSION_COOKIE
from openpartner.platform.work import UnitOfWork
from openpartner.portal import service as portal
from openpartner.portal.models import PortalSession, SignInAttempt
from openpartner.portal.queries import cookie_hash
from tests.support import scene
from tests.support.client import AppClient
from tests.support.lab import Lab

PASSWORD = "Correct-Horse-7"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ORIGIN = "https://localhost"


@dataclass
class Contoso:
    """A partner with Ana, its Global admin who has an authenticator, and Bea, who has no role."""

    lab: Lab
    tenant: UUID
    ana: UUID
    bea: UUID

    def browser(self) -> "Browser":
        return Browser(self.lab, self.lab.client(user_agent="a test's browser"))

    def signed_in(self, name: str = "ana") -> "Browser":
        """A browser on the portal's home, signed in through the provider's pages."""
        return self.browser().open("/signin").sign_in(name)

    def actor(self, user: UUID) -> Actor:
        with self.lab.read() as uow:
            principal = Principal(
                tenant_id=self.tenant,
                object_id=user,
                home_tenant_id=self.tenant,
                home_object_id=user,
                app_id=portal.PORTAL_APP_ID,
                is_app=False,
                name="",
                scopes=frozenset(),
                roles=frozenset(),
                wids=frozenset(),
                mfa=True,
                expires_at=datetime(9999, 1, 1, tzinfo=UTC),
            )
            return resolve_actor(uow.db, uow.now, principal)


def contoso(lab: Lab) -> Contoso:
    """The scene, with the portal registered at the operator's tenant as on a first start."""
    with lab.begin() as uow:
        operator = scene.tenant(uow, TenantKind.OPERATOR, "Programme")
        portal.ensure_portal_application(uow, operator.id)
        tenant = scene.tenant(uow, TenantKind.PARTNER, "Contoso")
        scene.account(uow, tenant)
        people = [_person(uow, tenant.id, name) for name in ("ana", "bea")]
        service.assign_directory_role(uow, tenant.id, resources.GLOBAL_ADMINISTRATOR, people[0])
        return Contoso(lab, tenant.id, people[0], people[1])


def _person(uow: UnitOfWork, tenant_id: UUID, name: str) -> UUID:
    upn = f"{name}@contoso.onmicrosoft.com"
    made = service.create_user(
        uow, tenant_id, upn=upn, display_name=name.title(), mail=upn, password=PASSWORD, force_change=False
    )
    set_authenticator(uow, made.user.id, SEED)
    return made.user.id


class Browser:
    """Follows redirects on our origin and fills in forms; stops where the next page is another origin's."""

    def __init__(self, lab: Lab, client: AppClient) -> None:
        self.lab = lab
        self.client = client
        self.page = httpx.Response(200)
        self.path = ""
        self.elsewhere = ""
        self.walked: list[str] = []
        self.is_stopping = False

    def open(self, url: str, *, to: int = 20) -> "Browser":
        """Go there. to: how many redirects to follow."""
        self._follow(self.client.get(url), url, to)
        return self

    def _follow(self, response: httpx.Response, url: str, to: int = 20) -> None:
        self.elsewhere, self.walked = "", [url]
        for _ in range(to):
            if response.status_code not in {302, 303}:
                break
            url = response.headers["location"].removeprefix(ORIGIN)
            if not url.startswith("/") or url.startswith("//"):
                self.elsewhere = url
                break
            self.walked.append(url)
            if self.is_stopping and url.startswith("/signin/callback"):
                break
            response = self.client.get(url)
        self.page, self.path = response, urlsplit(url).path

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page.text, re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""

    def form(self, containing: str = "") -> dict[str, str]:
        """The fields of the first form that contains a text, with its address as ``action``."""
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.page.text, re.DOTALL):
            action = re.search(r'action="([^"]*)"', attributes)
            if containing not in attributes + inside:
                continue
            fields = {"action": html.unescape(action.group(1)) if action else ""}
            for tag in re.findall(r"<input[^>]*>", inside):
                name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
                if name and 'type="checkbox"' not in tag:
                    fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
            return fields
        raise AssertionError(f"no form with {containing!r} in {self.page.text}")

    def submit(self, containing: str = "", **changes: str) -> "Browser":
        fields = {**self.form(containing), **changes}
        action = fields.pop("action")
        self._follow(self.client.submit(action, **fields), action)
        return self

    def sign_in(self, name: str) -> "Browser":
        """Through the embedded provider's pages, as far as they go."""
        assert self.heading == "Sign in", self.page.text
        self.submit("username", username=f"{name}@contoso.onmicrosoft.com", password=PASSWORD)
        if self.heading == "Enter code":
            self.submit('name="code"', code=pyotp.TOTP(SEED).at(int(self.lab.now.timestamp())))
        if self.heading == "Stay signed in?":
            self.submit("stay", stay="no")
        return self

    def sign_in_to_the_door(self, name: str) -> "Browser":
        """Through the embedded provider's pages, and no further: the last address walked to is the callback's."""
        self.is_stopping = True
        try:
            return self.sign_in(name)
        finally:
            self.is_stopping = False

    @property
    def csrf(self) -> str:
        """The token that the page's forms carry."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        assert found is not None, self.page.text
        return found.group(1)

    @property
    def session(self) -> str:
        return str(self.client.cookies.get(SESSION_COOKIE, ""))


def sessions(lab: Lab) -> list[PortalSession]:
    with lab.read() as uow:
        return uow.db.query(PortalSession).order_by(PortalSession.created_at).all()


def attempts(lab: Lab) -> int:
    with lab.read() as uow:
        return uow.db.query(SignInAttempt).count()


def session_of(lab: Lab, cookie: str) -> PortalSession | None:
    with lab.read() as uow:
        return uow.db.get(PortalSession, cookie_hash(cookie))


# --- another provider -------------------------------------------------------------------------------------------------

CLIENT_ID, CLIENT_SECRET = "portal at fabrikam", "s3cr+t/with:signs"


@dataclass
class OtherProvider:
    """An OpenID provider on loopback. ``sign`` turns the proper claims into whatever the token endpoint shall say."""

    url: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    algorithm: str = "RS256"
    sign: Callable[["OtherProvider", dict[str, Any]], str] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    def proper(self, nonce: str) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "iss": self.url,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "nonce": nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "email": "ana@contoso.onmicrosoft.com",
            "email_verified": True,
            "sid": "their-session",
            **self.claims,
        }

    def token(self, claims: dict[str, Any]) -> str:
        """Signed as it should be."""
        return jwt.encode({"alg": self.algorithm, "kid": "k1"}, claims, self.key, algorithms=[self.algorithm])

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end",
            **self.metadata,
        }


@contextmanager
def other_provider() -> Iterator[OtherProvider]:
    """One that answers on loopback until left."""
    provider = OtherProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("openid-configuration"):
                self._answer(provider.description())
            else:
                own = provider.key.as_dict(private=False)
                unknown = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AA"}
                shared = OctKey.generate_key(256, {"kid": "shared"}).as_dict(private=True)
                self._answer({"keys": [unknown, shared, own]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            provider.asked.append({**form, "authorization": self.headers.get("authorization", "")})
            claims = provider.proper(form["code"])  # a test passes the nonce as the code
            token = provider.sign(provider, claims) if provider.sign else provider.token(claims)
            self._answer({"id_token": token, "access_token": "a", "token_type": "Bearer"}, provider.status)

        def _answer(self, body: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


def use(lab: Lab, provider: OtherProvider, **settings: Any) -> None:
    """Have the portal sign people in there."""
    lab.world.settings = msgspec.structs.replace(
        lab.world.settings,
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        **settings,
    )


def begun(browser: Browser, path: str = "/signin") -> dict[str, str]:
    """What the browser was sent to the other provider with."""
    browser.open(path)
    return dict(parse_qsl(urlsplit(browser.elsewhere).query))


__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "ORIGIN",
    "Browser",
    "Contoso",
    "ECKey",
    "OKPKey",
    "OctKey",
    "OtherProvider",
    "RSAKey",
    "attempts",
    "begun",
    "contoso",
    "other_provider",
    "session_of",
    "sessions",
    "use",
]
