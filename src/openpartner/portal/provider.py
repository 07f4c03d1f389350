"""The OpenID provider that signs people in: its description, its token endpoint, its keys, and what its id tokens say.

It is this world's own or any other that the settings name; both are asked the same way.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from litestar.types import ASGIApp

from openpartner.platform.errors import DomainError
from openpartner.platform.web.page import Portal
from openpartner.portal.service import PORTAL_APP_ID, SignInFailed

T = TypeVar("T")

EMBEDDED_TENANT = "organizations"
LEEWAY = 120
"""Seconds by which another provider's clock may differ from ours."""

SIGNED_WITH = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""Only signatures by a key that the provider alone holds: neither ``none`` nor anything with a shared key."""

_ANY_TENANT = "{tenantid}"


class ProviderUnreachable(DomainError):
    """The OpenID provider does not answer, or not with what it should."""

    status = HTTPStatus.BAD_GATEWAY
    code = "provider_unreachable"

    def __init__(self) -> None:
        super().__init__("The sign-in service does not answer. Try again in a moment.")


class ProviderMetadata(msgspec.Struct):
    """What we need of a discovery document. Source: OpenID Connect Discovery 1.0 §3, defaults included."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _TokenAnswer(msgspec.Struct):
    id_token: str


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]


def issuer_of(metadata: ProviderMetadata, claims: Mapping[str, Any]) -> str:
    """The issuer that an id token must name: where one document serves every tenant, the token's own."""
    return metadata.issuer.replace(_ANY_TENANT, str(claims.get("tid", "")))


def _describes(issuer: str, asked: str) -> bool:
    """Whether a document is the asked-for issuer's own: another's would put its own endpoints under that name."""
    pattern = re.escape(issuer.rstrip("/")).replace(re.escape(_ANY_TENANT), "[^/]+")
    return re.fullmatch(pattern, asked.rstrip("/")) is not None


def _decode(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderUnreachable from error


@dataclass
class Provider:
    """The provider that the settings name, reached from this process.

    embedded: our own surfaces, called in process and never over the network.
    """

    portal: Portal
    app: Callable[[], ASGIApp]

    @property
    def embedded(self) -> bool:
        """Whether the portal's provider is this world's own."""
        return not self.portal.world.settings.oidc_issuer

    @property
    def client_id(self) -> str:
        """Our client id there."""
        return str(PORTAL_APP_ID) if self.embedded else self.portal.world.settings.oidc_client_id

    def _client(self) -> httpx.AsyncClient:
        if self.embedded:
            return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app()), timeout=30)  # type: ignore[arg-type]
        return httpx.AsyncClient(timeout=30)

    async def _get(self, url: str) -> bytes:
        try:
            async with self._client() as client:
                return (await client.get(url)).raise_for_status().content
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnreachable from error

    async def metadata(self, origin: str) -> ProviderMetadata:
        """The discovery document. Raises ProviderUnreachable."""
        issuer = f"{origin}/{EMBEDDED_TENANT}/v2.0" if self.embedded else self.portal.world.settings.oidc_issuer
        content = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        found = _decode(content, ProviderMetadata)
        if not self.embedded and not _describes(found.issuer, issuer):
            raise ProviderUnreachable
        return found

    def _proof(self, metadata: ProviderMetadata) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and form fields that say who we are: HTTP Basic where it is taken, every client's default.

        Source: OpenID Connect Core 1.0 §9; RFC 6749 §2.3.1 for the encoding.
        """
        secret = "" if self.embedded else self.portal.world.settings.oidc_client_secret
        if secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(secret)}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}, {}
        fields = {"client_id": self.client_id}
        return {}, fields | ({"client_secret": secret} if secret else {})

    async def redeem(self, metadata: ProviderMetadata, code: str, redirect_uri: str, code_verifier: str) -> str:
        """The id token for a code. Raises SignInFailed, ProviderUnreachable."""
        headers, proof = self._proof(metadata)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
            "scope": "openid profile email",
            **proof,
        }
        try:
            async with self._client() as client:
                answer = await client.post(metadata.token_endpoint, data=form, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnreachable from error
        if answer.status_code != HTTPStatus.OK:
            raise SignInFailed("The provider did not take its own code back. Sign in again.")
        return _decode(answer.content, _TokenAnswer).id_token

    async def claims(self, metadata: ProviderMetadata, id_token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of an id token: of the provider, for us, for this sign-in, alive.

        Raises SignInFailed, ProviderUnreachable. Source: OpenID Connect Core 1.0 §3.1.3.7.
        """
        published = _decode(await self._get(metadata.jwks_uri), _Keys).keys
        usable = [key for key in published if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]
        try:
            keys = KeySet.import_key_set({"keys": usable})
            claims = jwt.decode(id_token, keys, algorithms=list(SIGNED_WITH)).claims
        except (JoseError, ValueError) as error:
            raise SignInFailed("The provider's id token does not verify. Sign in again.") from error
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer_of(metadata, claims)},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            rules.validate(claims)
        except JoseError as error:
            raise SignInFailed("The provider's id token is not for this sign-in. Sign in again.") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", self.client_id if not several else None) != self.client_id:
            raise SignInFailed("The provider's id token was made for another program. Sign in again.")
        return claims
