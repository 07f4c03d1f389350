"""The provider's JSON: discovery documents, errors, the device answer, realms. Source: identity §1, §2, §4, §6."""

from datetime import datetime
from typing import Any

from openpartner.identity import protocol, rules
from openpartner.identity.claims import v1_issuer, v2_issuer
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Tenant, User

CLAIMS = (
    "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud",
    "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
)  # fmt: skip

CLOUD = "microsoftonline.com"


def v2_discovery(host: str, tenant: str) -> dict[str, Any]:
    """The v2 document. tenant: a guid, or the shared word asked for, whose issuer is the template."""
    base = f"{host}/{tenant}"
    issuer = v2_issuer(host, "{tenantid}" if tenant in protocol.SHARED_TENANTS else tenant)
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{host}/oidc/userinfo",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "claims_supported": list(CLAIMS),
        "kerberos_endpoint": f"{base}/kerberos",
        "tenant_region_scope": None if tenant in protocol.SHARED_TENANTS else "WW",
        "cloud_instance_name": CLOUD,
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }


def v1_discovery(host: str, tenant: str) -> dict[str, Any]:
    """The v1 document; a tool learns a tenant's guid from its ``token_endpoint``."""
    base = f"{host}/{tenant}"
    known = v2_discovery(host, tenant)
    return known | {
        "issuer": v1_issuer("{tenantid}" if tenant in protocol.SHARED_TENANTS else tenant),  # type: ignore[arg-type]
        "token_endpoint": f"{base}/oauth2/token",
        "jwks_uri": f"{host}/common/discovery/keys",
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/devicecode",
        "end_session_endpoint": f"{base}/oauth2/logout",
        "check_session_iframe": f"{base}/oauth2/checksession",
        "microsoft_multi_refresh_token": True,
    }


VENDOR_ALIASES = ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net")


def instance_metadata(host: str, tenant: str) -> dict[str, Any]:
    """What clients ask before they trust an authority: the vendor's names, and our own."""
    own = host.partition("://")[2]
    metadata = [
        {
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": list(VENDOR_ALIASES),
        }
    ]
    if own not in VENDOR_ALIASES:
        metadata.append({"preferred_network": own, "preferred_cache": own, "aliases": [own]})
    return {
        "tenant_discovery_endpoint": f"{host}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": metadata,
    }


def stamp(at: datetime) -> str:
    """A time as the provider's errors write it."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def error_body(refusal: OAuthError, host: str, trace_id: str, correlation_id: str, at: datetime) -> dict[str, Any]:
    """The error of every endpoint that answers JSON. Source: identity §6."""
    body: dict[str, Any] = {
        "error": refusal.error,
        "error_description": description(refusal, trace_id, correlation_id, at),
        "error_codes": [refusal.number],
        "timestamp": stamp(at),
        "trace_id": trace_id,
        "correlation_id": correlation_id,
        "error_uri": f"{host}/error?code={refusal.number}",
    }
    if refusal.suberror:
        body["suberror"] = refusal.suberror
    if refusal.claims:
        body["claims"] = refusal.claims
    return body


def description(refusal: OAuthError, trace_id: str, correlation_id: str, at: datetime) -> str:
    """The text tools search for the number."""
    return (
        f"AADSTS{refusal.number}: {refusal.message} Trace ID: {trace_id} "
        f"Correlation ID: {correlation_id} Timestamp: {stamp(at)}"
    )


def device_answer(host: str, device_code: str, user_code: str, *, is_v1: bool) -> dict[str, Any]:
    """The start of a device flow; numbers are text at v1."""
    uri = f"{host}/common/oauth2/deviceauth"
    expires, interval = int(rules.DEVICE_CODE.total_seconds()), int(rules.DEVICE_INTERVAL.total_seconds())
    answer: dict[str, Any] = {
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": uri,
        "expires_in": str(expires) if is_v1 else expires,
        "interval": str(interval) if is_v1 else interval,
        "message": f"To sign in, open the page {uri} in a web browser and enter the code {user_code}.",
    }
    if is_v1:
        answer["verification_url"] = uri
    return answer


def user_realm(name: str, tenant: Tenant | None, version: str) -> dict[str, Any]:
    """Where a user signs in: here, or nowhere known. Both versions of the answer."""
    domain = name.rpartition("@")[2]
    if version.startswith("2"):
        return {
            "Login": name,
            "NameSpaceType": "Managed" if tenant else "Unknown",
            "DomainName": domain,
            "FederationBrandName": tenant.name if tenant else "",
            "CloudInstanceName": CLOUD,
            "CloudInstanceIssuerUri": "urn:federation:MicrosoftOnline",
        }
    return {
        "ver": "1.0",
        "account_type": "Managed" if tenant else "Unknown",
        "domain_name": domain,
        "cloud_instance_name": CLOUD,
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }


def credential_type(name: str, user: User | None) -> dict[str, Any]:
    """Whether a user exists: the original says so, and its clients build their pages on it."""
    return {
        "Username": name,
        "Display": name,
        "IfExistsResult": 0 if user is not None else 1,
        "IsUnmanaged": False,
        "ThrottleStatus": 0,
        "Credentials": {"PrefCredential": 1, "HasPassword": True, "RemoteNgcParams": None, "FidoParams": None},
        "EstsProperties": {"DomainType": 3},
        "IsSignupDisallowed": True,
    }
