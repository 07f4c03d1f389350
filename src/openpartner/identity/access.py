"""Which access tokens a surface takes, and what they say: the API's side of the provider."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from openpartner.identity import claims, keys, queries, resources
from openpartner.identity.claims import v1_issuer
from openpartner.identity.rules import instant
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.http.authentication import Authenticate, Principal
from openpartner.platform.http.surfaces import Surface
from openpartner.platform.world import World

GRAPH_AUDIENCES = frozenset({resources.GRAPH_URI, str(resources.GRAPH)})
PARTNER_CENTER_AUDIENCES = frozenset({resources.PARTNER_CENTER_URI, str(resources.PARTNER_CENTER)})
LEGACY_AUDIENCES = frozenset({resources.LEGACY_GRAPH_URI, str(resources.LEGACY_GRAPH)})
MARKETPLACE_AUDIENCES = frozenset({str(resources.MARKETPLACE), "62d94f6c-d599-489b-a797-3e10e42fbe22"})
PUBLISHING_AUDIENCES = frozenset({*resources.PUBLISHING_URIS, str(resources.PUBLISHING)})


class WrongAudience(Unauthenticated):
    """A good token for another resource. Source: partner-center-conventions §14, 900420."""

    code = 900420


def audiences_of(surface: Surface, *, legacy: bool) -> frozenset[str]:
    """The ``aud`` values a surface takes. legacy: Partner Center also takes the old directory graph's tokens."""
    own = {
        Surface.GRAPH: GRAPH_AUDIENCES,
        Surface.SAAS: MARKETPLACE_AUDIENCES | PARTNER_CENTER_AUDIENCES,
        Surface.INGESTION: GRAPH_AUDIENCES | PARTNER_CENTER_AUDIENCES | PUBLISHING_AUDIENCES,
    }.get(surface, PARTNER_CENTER_AUDIENCES)
    return own | LEGACY_AUDIENCES if legacy and surface is Surface.PARTNER_CENTER else own


def verify_access_token(world: World, token: str, audiences: frozenset[str]) -> dict[str, Any]:
    """The claims of a living access token of ours for one of ``audiences``. Raises Unauthenticated, WrongAudience.

    Its caller may remember the answer until ``exp``; whether the user was blocked since is asked in each unit.
    """
    with world.begin.read(SYSTEM) as uow:
        said = keys.verified_claims(token, queries.published_keys(uow.db, uow.now))
        now = uow.now.timestamp()
    if said is None or "tid" not in said or "aud" not in said:
        raise Unauthenticated("The access token is not one of this provider's. Get a new one from the token endpoint.")
    if not _is_access_token(said):
        raise Unauthenticated("This is not an access token. Send the access token, not the id token.")
    if float(said.get("exp", 0)) <= now:
        raise Unauthenticated("The access token has expired. Get a new one with the refresh token.")
    if float(said.get("nbf", 0)) > now + 300:
        raise Unauthenticated("The access token is not valid yet. Check the clock of the machine.")
    if str(said["aud"]).rstrip("/").lower() not in audiences:
        wanted = ", ".join(sorted(audiences))
        raise WrongAudience(f"The access token is for '{said['aud']}'. Ask the token endpoint for one of: {wanted}.")
    return said


def _is_access_token(said: Mapping[str, Any]) -> bool:
    tenant = UUID(str(said["tid"]))
    issuer = str(said.get("iss", ""))
    has_issuer = issuer == v1_issuer(tenant) or issuer.endswith(f"/{tenant}/v2.0")
    return has_issuer and said.get("idtyp") in {"user", "app"} and bool(said.get("appid") or said.get("azp"))


def principal_of(said: Mapping[str, Any]) -> Principal:
    """What the claims of an access token say, as the platform's middleware takes it."""
    tenant = UUID(str(said["tid"]))
    home_tenant = str(said.get("idp", "")).removeprefix("https://sts.windows.net/").rstrip("/")
    object_id = UUID(str(said["oid"])) if "oid" in said else None
    return Principal(
        tenant_id=tenant,
        object_id=object_id,
        home_tenant_id=UUID(home_tenant) if home_tenant else tenant,
        home_object_id=UUID(str(said["home_oid"])) if "home_oid" in said else object_id,
        app_id=UUID(str(said.get("appid") or said.get("azp"))),
        is_app=said.get("idtyp") == "app",
        name=str(
            said.get("upn")
            or said.get("preferred_username")
            or said.get("unique_name")
            or said.get("app_displayname", "")
        ),
        scopes=frozenset(str(said.get("scp", "")).split()),
        roles=frozenset(map(str, said.get("roles", ()))),
        wids=frozenset(map(str, said.get("wids", ()))),
        mfa=claims.holds_mfa(said),
        expires_at=instant(int(said["exp"])),
        issued_at=instant(int(said["iat"])),
    )


def authenticator(world: World) -> Authenticate:
    """The verifier of bearer tokens for ``make_app``; the platform remembers what it gives back."""

    def authenticate(token: str, surface: Surface) -> Principal:
        accepted = audiences_of(surface, legacy=world.settings.legacy_audience)
        return principal_of(verify_access_token(world, token, accepted))

    return authenticate
