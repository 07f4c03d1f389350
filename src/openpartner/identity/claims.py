"""What a token says: access tokens of both versions and id tokens, from plain values. Source: identity §5."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from openpartner.identity.keys import base64url
from openpartner.identity.resources import WIDS_GDAP, WIDS_GUEST, WIDS_MEMBER

MOST_GROUPS = 200
"""More groups than that are told by ``_claim_sources``. Source: identity §5.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The person a token is about, as seen in the tenant the token is valid in.

    object_id: there; None for a delegated administrator, who has no object in the customer's tenant.
    roles: directory role template ids effective in that tenant. app_roles: of the resource (or the client, for an id
    token). delegation: ``gdap``, ``dap`` or empty. delegation_id: of the access assignment.
    """

    tenant_id: UUID
    object_id: UUID | None
    home_tenant_id: UUID
    home_object_id: UUID
    upn: str
    name: str
    given_name: str = ""
    family_name: str = ""
    mail: str = ""
    puid: str = ""
    is_guest: bool = False
    roles: tuple[UUID, ...] = ()
    app_roles: tuple[str, ...] = ()
    groups: tuple[UUID, ...] = ()
    delegation: str = ""
    delegation_id: UUID | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether the user's home is another tenant."""
        return self.home_tenant_id != self.tenant_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The application a token is issued to. ``proof``: 0 public, 1 secret, 2 certificate."""

    app_id: UUID
    name: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issuing.

    host: scheme and host of the v2 issuer. token_id: ``uti``. amr, signed_in_at: of the sign-in behind it.
    continuous: the client answers claims challenges.
    """

    host: str
    tenant_id: UUID
    issued_at: datetime
    expires_at: datetime
    token_id: str
    ip_address: str = ""
    amr: tuple[str, ...] = ()
    signed_in_at: datetime | None = None
    session_id: UUID | None = None
    nonce: str = ""
    continuous: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def v1_issuer(tenant_id: UUID) -> str:
    """The issuer of v1 tokens, the same on every host."""
    return f"https://sts.windows.net/{tenant_id}/"


def v2_issuer(host: str, tenant_id: UUID | str) -> str:
    """The issuer of v2 tokens; at ``common`` the tenant is the template ``{tenantid}``."""
    return f"{host}/{tenant_id}/v2.0"


def pairwise_subject(holder: Holder, app_id: UUID) -> str:
    """``sub``: one person at one application; two applications cannot tell that it is the same person."""
    text = f"{holder.home_object_id}/{holder.tenant_id}/{app_id}"
    return base64url(hashlib.sha256(text.encode()).digest())


def _times(issue: Issue) -> dict[str, int]:
    issued = int(issue.issued_at.timestamp())
    return {"iat": issued, "nbf": issued, "exp": int(issue.expires_at.timestamp())}


def wids_of(holder: Holder) -> list[str]:
    """Effective roles with the marker that says what kind of user this is. Source: identity §5.3."""
    markers = {"gdap": [WIDS_GDAP], "dap": []}.get(
        holder.delegation, [WIDS_GUEST] if holder.is_guest else [WIDS_MEMBER]
    )
    return [str(value) for value in (*sorted(holder.roles), *markers)]


def _person(holder: Holder, app_id: UUID, *, is_v1: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"sub": pairwise_subject(holder, app_id), "tid": str(holder.tenant_id)}
    if holder.is_foreign:
        said["idp"] = v1_issuer(holder.home_tenant_id)
    if holder.delegation:
        said |= {"home_oid": str(holder.home_object_id), "home_tid": str(holder.home_tenant_id)}
        said["unique_name"] = f"user_{holder.home_object_id.hex}"
        if holder.delegation == "gdap":
            said |= {"aai": str(holder.delegation_id), "home_puid": holder.puid}
        else:
            said["altsecid"] = f"5::{holder.puid}"
        return said
    said |= {"oid": str(holder.object_id), "name": holder.name, "acct": 1 if holder.is_guest else 0}
    if is_v1:
        said |= {"upn": holder.upn, "unique_name": holder.upn, "puid": holder.puid}
        said |= {name: value for name, value in _names(holder).items() if value}
    else:
        said["preferred_username"] = holder.upn
    return said


def _names(holder: Holder) -> dict[str, str]:
    return {"given_name": holder.given_name, "family_name": holder.family_name}


def _groups(holder: Holder, host: str) -> dict[str, Any]:
    if not holder.groups:
        return {}
    if len(holder.groups) > MOST_GROUPS:
        source = f"{host}/v1.0/users/{holder.object_id}/getMemberObjects"
        return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": source}}}
    return {"groups": [str(group) for group in sorted(holder.groups)]}


def _access(issue: Issue, client: Client, audience: str, *, is_v1: bool) -> dict[str, Any]:
    issuer = v1_issuer(issue.tenant_id) if is_v1 else v2_issuer(issue.host, issue.tenant_id)
    said: dict[str, Any] = {"aud": audience, "iss": issuer, **_times(issue)}
    if is_v1:
        said |= {"appid": str(client.app_id), "appidacr": client.proof, "app_displayname": client.name}
    else:
        said |= {"azp": str(client.app_id), "azpacr": client.proof}
    said |= {"uti": issue.token_id, "ver": "1.0" if is_v1 else "2.0"}
    if issue.continuous:
        said["xms_cc"] = ["CP1"]
    return said


def delegated_access_token(
    issue: Issue, client: Client, holder: Holder, resource: UUID, audience: str, *, scopes: tuple[str, ...], is_v1: bool
) -> dict[str, Any]:
    """The claims of an access token for a user (app+user)."""
    said = _access(issue, client, audience, is_v1=is_v1) | _person(holder, resource, is_v1=is_v1)
    said |= {"scp": " ".join(scopes), "wids": wids_of(holder), "idtyp": "user"}
    if holder.app_roles:
        said["roles"] = list(holder.app_roles)
    said |= _groups(holder, issue.host)
    if issue.session_id is not None:
        said["sid"] = str(issue.session_id)
    if is_v1:
        said |= {"acr": "1", "amr": list(issue.amr), "tenant_region_scope": "WW"}
        if issue.ip_address:
            said["ipaddr"] = issue.ip_address
    return said | dict(issue.extra)


def app_access_token(
    issue: Issue, client: Client, principal_id: UUID, audience: str, roles: tuple[str, ...], *, is_v1: bool
) -> dict[str, Any]:
    """The claims of an access token for the application itself. ``oid`` is its service principal in the tenant."""
    said = _access(issue, client, audience, is_v1=is_v1)
    said |= {"oid": str(principal_id), "sub": str(principal_id), "tid": str(issue.tenant_id), "idtyp": "app"}
    if roles:
        said["roles"] = list(roles)
    if is_v1:
        said |= {"idp": v1_issuer(issue.tenant_id), "tenant_region_scope": "WW"}
    return said


def id_token(
    issue: Issue, client: Client, holder: Holder, scopes: frozenset[str], hashes: Mapping[str, str], *, is_v1: bool
) -> dict[str, Any]:
    """The claims of an id token. hashes: ``at_hash`` and ``c_hash`` where tokens travel beside it."""
    issuer = v1_issuer(issue.tenant_id) if is_v1 else v2_issuer(issue.host, issue.tenant_id)
    said: dict[str, Any] = {"aud": str(client.app_id), "iss": issuer, **_times(issue)}
    said |= _person(holder, client.app_id, is_v1=is_v1)
    if not is_v1 and "profile" not in scopes:
        said.pop("name", None)
        said.pop("preferred_username", None)
    if "email" in scopes and holder.mail and not holder.delegation:
        said["email"] = holder.mail
    if not is_v1 and holder.delegation:
        said |= {"preferred_username": holder.upn, "name": holder.name}
    if issue.nonce:
        said["nonce"] = issue.nonce
    if issue.signed_in_at is not None:
        said["auth_time"] = int(issue.signed_in_at.timestamp())
    if issue.session_id is not None:
        said["sid"] = str(issue.session_id)
    if issue.amr:
        said["amr"] = list(issue.amr)
    if holder.app_roles:
        said["roles"] = list(holder.app_roles)
    said |= _groups(holder, issue.host)
    if is_v1 and issue.ip_address:
        said["ipaddr"] = issue.ip_address
    said |= {"uti": issue.token_id, "rh": f"0.{issue.token_id}", "ver": "1.0" if is_v1 else "2.0"}
    return said | dict(hashes)


def token_hash(text: str) -> str:
    """``at_hash`` and ``c_hash``: base64url of the left half of the SHA-256. Source: OpenID Connect Core 3.1.3.6."""
    return base64url(hashlib.sha256(text.encode("ascii")).digest()[:16])


def client_info(holder: Holder) -> str:
    """What MSAL keys its cache with: the user's object and tenant at home, as base64url JSON."""
    return base64url(f'{{"uid":"{holder.home_object_id}","utid":"{holder.home_tenant_id}"}}'.encode())


def holds_mfa(claims: Mapping[str, Any]) -> bool:
    """Whether the sign-in behind a token showed a second factor: what Partner Center looks for. Source: identity §9."""
    amr = claims.get("amr")
    return isinstance(amr, list) and "mfa" in amr
