"""Signing keys: made, published, rotated; tokens signed and verified with them; client assertions checked.

RS256, 2048 bits; ``kid`` is the base64url SHA-1 of the key's self-signed certificate. Source: identity §2, §4.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import NameOID
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from openpartner.identity.errors import OAuthError
from openpartner.identity.rules import CLIENT_ASSERTION, CLOCK_SKEW, KEY_ACTIVE, KEY_OVERLAP
from openpartner.platform.errors import Invalid
from openpartner.platform.rsa_keys import KEY_BITS

CERTIFICATE_VALIDITY = timedelta(days=5 * 365)


def base64url(octets: bytes) -> str:
    """Base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def thumbprint(certificate_der: bytes) -> str:
    """``x5t``: base64url of the certificate's SHA-1, which the format prescribes; nothing is trusted by it."""
    return base64url(hashlib.sha1(certificate_der, usedforsecurity=False).digest())


def thumbprint_s256(certificate_der: bytes) -> str:
    """``x5t#S256``."""
    return base64url(hashlib.sha256(certificate_der).digest())


# --- making -------------------------------------------------------------------------------------------------------


def self_signed(private_pem: str, common_name: str, not_before: datetime) -> bytes:
    """A certificate (DER) over the key, signed with itself; the same input gives the same bytes."""
    key = _private_key(private_pem)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    serial = int.from_bytes(hashlib.sha256(public).digest()[:16], "big") | 1
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(not_before.replace(microsecond=0))
        .not_valid_after(not_before.replace(microsecond=0) + CERTIFICATE_VALIDITY)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@lru_cache(maxsize=64)
def _private_key(private_pem: str) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("A signing key must be RSA.")
    return key


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """When a key signs, and until when it is published."""

    active_from: datetime
    retires_at: datetime
    removed_at: datetime


def key_times(active_from: datetime) -> KeyTimes:
    """A key signs for six weeks and stays published while a token it signed can live. Source: identity §2."""
    retires_at = active_from + KEY_ACTIVE
    return KeyTimes(active_from, retires_at, retires_at + KEY_OVERLAP)


# --- signing and publishing ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: str
    private_pem: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key, as its certificate."""

    kid: str
    certificate: bytes


@lru_cache(maxsize=64)
def _signing_key(private_pem: str) -> RSAKey:
    return RSAKey.import_key(private_pem)


@lru_cache(maxsize=256)
def _certificate_key(certificate_der: bytes) -> RSAKey:
    public = x509.load_der_x509_certificate(certificate_der).public_key()
    if not isinstance(public, RSAPublicKey):
        raise Invalid("The certificate's key is not RSA. Create one with an RSA key of 2048 bits or more.")
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return RSAKey.import_key(pem)


def sign(signer: Signer, claims: Mapping[str, Any], *, is_v1: bool) -> str:
    """A JWT. v1 tokens carry ``x5t`` and ``kid`` in the header, v2 only ``kid``."""
    header = {"typ": "JWT", "alg": "RS256", "kid": signer.kid}
    if is_v1:
        header["x5t"] = signer.kid
    return jwt.encode(header, dict(claims), _signing_key(signer.private_pem), algorithms=["RS256"])


def jwks(keys: Iterable[PublicKey], issuer: str) -> dict[str, Any]:
    """The key set document. issuer: the v2 issuer, or the template at ``common``."""
    return {
        "keys": [
            {
                "kty": "RSA",
                "use": "sig",
                "kid": key.kid,
                "x5t": key.kid,
                "n": public["n"],
                "e": public["e"],
                "x5c": [base64.b64encode(key.certificate).decode()],
                "issuer": issuer,
            }
            for key in keys
            for public in [_certificate_key(key.certificate).as_dict(private=False)]
        ]
    }


def peek_kid(token: str) -> str:
    """The key id a token's header names; empty when the token is not a JWS. Nothing is verified."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        return ""
    kid = header.get("kid")
    return kid if isinstance(kid, str) else ""


def verified_claims(token: str, keys: Mapping[str, PublicKey]) -> dict[str, Any] | None:
    """The claims of a token that one of our keys signed; None for anything else. Times are not looked at."""
    key = keys.get(peek_kid(token))
    if key is None:
        return None
    try:
        return dict(jwt.decode(token, _certificate_key(key.certificate), algorithms=["RS256"]).claims)
    except (JoseError, ValueError):
        return None


# --- client assertions --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate an application registered."""

    key_id: UUID
    certificate: bytes
    starts_at: datetime
    ends_at: datetime


def certificate_facts(certificate: bytes) -> tuple[bytes, datetime, datetime]:
    """DER, not before, not after of a certificate given as PEM or DER. Raises Invalid; for a weak or no RSA key too."""
    try:
        loaded = (
            x509.load_pem_x509_certificate(certificate)
            if certificate.lstrip().startswith(b"-----")
            else x509.load_der_x509_certificate(certificate)
        )
    except ValueError:
        raise Invalid("This is not an X.509 certificate. Upload one as PEM or DER (.cer, .crt, .pem).") from None
    public = loaded.public_key()
    if not isinstance(public, RSAPublicKey) or public.key_size < KEY_BITS:
        raise Invalid("The certificate's key must be RSA with 2048 bits or more.")
    der = loaded.public_bytes(serialization.Encoding.DER)
    return der, loaded.not_valid_before_utc, loaded.not_valid_after_utc


def assertion_issuer(assertion: str) -> str:
    """The ``iss`` of an assertion, unverified: tells our own kind from a federated one."""
    return str(_peek_claims(assertion).get("iss", ""))


def assertion_subject(assertion: str) -> str:
    """The ``sub`` of an assertion, unverified: the client id, where the request does not name it."""
    return str(_peek_claims(assertion).get("sub", ""))


def _peek_claims(assertion: str) -> dict[str, Any]:
    try:
        payload = json.loads(jws.extract_compact(assertion.encode()).payload or b"{}")
    except (JoseError, ValueError):
        return {}
    return payload if isinstance(payload, dict) else {}


def verify_client_assertion(
    assertion: str, client_id: UUID, credentials: Sequence[Credential], audiences: Collection[str], at: datetime
) -> UUID:
    """Check a certificate's assertion: PS256 with ``x5t#S256``, or RS256 with ``x5t``. Source: identity §4.

    audiences: every address of the token endpoint, lower case. An assertion may be used again until it expires: the
    public clients keep one for its ten minutes. Gives back the id of the key. Raises OAuthError 700027, 700021, 700023.
    """
    try:
        header = jws.extract_compact(assertion.encode()).headers()
    except (JoseError, ValueError):
        raise OAuthError(700027, reason="it is not a signed JWT.") from None
    algorithm = header.get("alg")
    if algorithm not in {"PS256", "RS256"}:
        raise OAuthError(700027, reason=f"the algorithm {algorithm} is not accepted; use PS256 or RS256.")
    credential = _named_credential(header, credentials)
    if credential is None:
        raise OAuthError(700027, reason="the thumbprint in its header is of no certificate of this application.")
    if not credential.starts_at <= at < credential.ends_at:
        raise OAuthError(700027, reason="the certificate it names is not valid at this time.")
    try:
        claims = jwt.decode(assertion, _certificate_key(credential.certificate), algorithms=[algorithm]).claims
    except (JoseError, ValueError):
        raise OAuthError(700027, reason="its signature does not fit the certificate.") from None
    check_assertion_claims(claims, str(client_id), str(client_id), audiences, at)
    return credential.key_id


def verify_federated_assertion(assertion: str, jwks: Mapping[str, Any], audience: str, at: datetime) -> None:
    """Check an outside issuer's assertion against its key set. Raises OAuthError 700027, 700021, 700023."""
    try:
        header = jws.extract_compact(assertion.encode()).headers()
        decoded = jwt.decode(assertion, KeySet.import_key_set(dict(jwks)), algorithms=["RS256", "PS256", "ES256"])  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError):
        raise OAuthError(700027, reason="its signature does not fit the issuer's keys.") from None
    if header.get("alg") not in {"RS256", "PS256", "ES256"}:
        raise OAuthError(700027, reason="its algorithm is not accepted.")
    said = decoded.claims
    check_assertion_claims(said, str(said.get("iss")), str(said.get("sub")), {audience.lower()}, at)


def _named_credential(header: Mapping[str, Any], credentials: Sequence[Credential]) -> Credential | None:
    for name, measure in (("x5t#S256", thumbprint_s256), ("x5t", thumbprint)):
        if isinstance(wanted := header.get(name), str):
            return next((c for c in credentials if measure(c.certificate) == wanted.rstrip("=")), None)
    return None


def check_assertion_claims(
    claims: Mapping[str, Any], issuer: str, subject: str, audiences: Collection[str], at: datetime
) -> None:
    """Issuer, subject, audience and times of an assertion. Raises OAuthError."""
    if str(claims.get("iss", "")).lower() != issuer.lower() or str(claims.get("sub", "")).lower() != subject.lower():
        raise OAuthError(700027, reason="iss and sub must both be the client id.")
    given = claims.get("aud")
    named = {str(value).lower().rstrip("/") for value in (given if isinstance(given, list) else [given])}
    if named.isdisjoint(audience.rstrip("/") for audience in audiences):
        raise OAuthError(700023, audience=str(given))
    expires_at, not_before = _instant(claims.get("exp")), _instant(claims.get("nbf", claims.get("iat", 0)))
    if expires_at is None or not_before is None:
        raise OAuthError(700021, reason="exp and nbf must be numbers.")
    if at >= expires_at + CLOCK_SKEW:
        raise OAuthError(700021, reason=f"it expired at {expires_at:%Y-%m-%dT%H:%M:%SZ}.")
    if at < not_before - CLOCK_SKEW:
        raise OAuthError(700021, reason=f"it is not valid before {not_before:%Y-%m-%dT%H:%M:%SZ}.")
    if expires_at - max(not_before, at) > CLIENT_ASSERTION:
        raise OAuthError(700021, reason="it lives longer than 24 hours.")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        return None
    return datetime.fromtimestamp(value, UTC)
