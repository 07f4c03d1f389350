"""Signing keys from a seed, tokens signed and verified, client assertions checked and attacked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from openpartner.identity import keys
from openpartner.identity.errors import OAuthError
from openpartner.identity.keys import Credential, PublicKey, Signer
from openpartner.platform.errors import Invalid
from openpartner.platform.rsa_keys import seeded_private_key

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
CLIENT = UUID("11111111-2222-3333-4444-555555555555")
TOKEN_URL = "https://localhost/common/oauth2/v2.0/token"


def made(seed: str) -> tuple[Signer, PublicKey]:
    pem = seeded_private_key(seed)
    certificate = keys.self_signed(pem, "test", AT)
    kid = keys.thumbprint(certificate)
    return Signer(kid, pem), PublicKey(kid, certificate)


def test_a_seed_fixes_the_key_and_its_certificate() -> None:
    seeded_private_key.cache_clear()
    first = made("a")
    seeded_private_key.cache_clear()
    assert made("a") == first
    assert made("b")[0].kid != first[0].kid
    certificate = x509.load_der_x509_certificate(first[1].certificate)
    assert certificate.not_valid_before_utc == AT
    assert (certificate.public_key().key_size, len(first[0].kid)) == (2048, 27)  # type: ignore[union-attr]


def test_the_key_set_is_published_as_clients_read_it() -> None:
    _, public = made("a")
    document = keys.jwks([public], "https://localhost/{tenantid}/v2.0")
    (key,) = document["keys"]
    assert set(key) == {"kty", "use", "kid", "x5t", "n", "e", "x5c", "issuer"}
    assert (key["kid"], key["x5t"], key["e"], key["use"]) == (public.kid, public.kid, "AQAB", "sig")
    assert key["issuer"] == "https://localhost/{tenantid}/v2.0"


@pytest.mark.parametrize(("is_v1", "members"), [(True, {"typ", "alg", "kid", "x5t"}), (False, {"typ", "alg", "kid"})])
def test_a_token_is_signed_and_verified(is_v1: bool, members: set[str]) -> None:
    signer, public = made("a")
    token = keys.sign(signer, {"sub": "x", "exp": 1}, is_v1=is_v1)
    assert set(jwt.decode(token, RSAKey.import_key(seeded_private_key("a"))).header) == members
    assert keys.verified_claims(token, {public.kid: public}) == {"sub": "x", "exp": 1}


def test_a_forged_token_is_not_verified() -> None:
    signer, public = made("a")
    other, _ = made("b")
    published = {public.kid: public}
    token = keys.sign(signer, {"sub": "x"}, is_v1=True)
    head, body, signature = token.split(".")
    none = keys.base64url(b'{"alg":"none","kid":"' + public.kid.encode() + b'"}')
    secret = keys.jwks([public], "")["keys"][0]["n"]
    confused = jwt.encode({"alg": "HS256", "kid": public.kid}, {"sub": "x"}, OctKey.import_key(secret), ["HS256"])
    forgeries = [
        keys.sign(Signer(signer.kid, other.private_pem), {"sub": "x"}, is_v1=True),
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        confused,
        f"{head}.{keys.base64url(b'{}')}.{signature}",
        f"{head}.{body}.",
        "not a token",
        "",
        "é.é.é",
    ]
    assert [keys.verified_claims(forged, published) for forged in forgeries] == [None] * len(forgeries)


CREDENTIAL = Credential(
    UUID(int=1), keys.self_signed(seeded_private_key("client"), "app", AT), AT, AT + timedelta(days=100)
)
CLIENT_KEY = RSAKey.import_key(seeded_private_key("client"))


def asserted(header: dict[str, Any] | None = None, key: RSAKey = CLIENT_KEY, **claims: Any) -> str:
    said = {
        "iss": str(CLIENT),
        "sub": str(CLIENT),
        "aud": TOKEN_URL,
        "jti": "one",
        "nbf": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 600,
        **claims,
    }
    head = header or {"alg": "PS256", "x5t#S256": keys.thumbprint_s256(CREDENTIAL.certificate)}
    return jwt.encode(head, {k: v for k, v in said.items() if v is not None}, key, algorithms=["PS256", "RS256"])


def verify(assertion: str, at: datetime = AT) -> UUID:
    return keys.verify_client_assertion(assertion, CLIENT, [CREDENTIAL], {TOKEN_URL.lower()}, at)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "PS256", "x5t#S256": keys.thumbprint_s256(CREDENTIAL.certificate)},
        {"alg": "RS256", "x5t": keys.thumbprint(CREDENTIAL.certificate)},
        {"alg": "RS256", "x5t": keys.thumbprint(CREDENTIAL.certificate), "typ": "JWT", "x5c": ["MIIB"]},
    ],
)
def test_both_kinds_of_assertion_are_accepted(header: dict[str, Any]) -> None:
    assert verify(asserted(header)) == UUID(int=1)


NOW = int(AT.timestamp())


@pytest.mark.parametrize(
    ("assertion", "number"),
    [
        (asserted(key=RSAKey.import_key(seeded_private_key("thief"))), 700027),
        (asserted({"alg": "RS256", "x5t": "AAAAAAAAAAAAAAAAAAAAAAAAAAA"}), 700027),
        (asserted({"alg": "RS256"}), 700027),
        (jwt.encode({"alg": "HS256"}, {"sub": "x"}, OctKey.import_key("k" * 32), ["HS256"]), 700027),
        ("rubbish", 700027),
        (asserted(iss="someone"), 700027),
        (asserted(sub=str(UUID(int=4))), 700027),
        (asserted(aud="https://evil.com/token"), 700023),
        (asserted(aud=None), 700023),
        (asserted(exp=NOW - 301, nbf=NOW - 900), 700021),
        (asserted(exp=None), 700021),
        (asserted(nbf=NOW + 301), 700021),
        (asserted(exp=NOW + 90000), 700021),
        (asserted(exp="soon"), 700021),
    ],
)
def test_a_wrong_assertion_is_refused(assertion: str, number: int) -> None:
    with pytest.raises(OAuthError) as refused:
        verify(assertion)
    assert (refused.value.number, refused.value.status, refused.value.error) == (number, 401, "invalid_client")


def test_an_assertion_of_an_expired_certificate_is_refused() -> None:
    later = AT + timedelta(days=100)
    stamp = int(later.timestamp())
    with pytest.raises(OAuthError) as refused:
        verify(asserted(nbf=stamp, exp=stamp + 60), later)
    assert refused.value.number == 700027


def test_the_audience_may_be_a_list_and_in_any_case() -> None:
    assert verify(asserted(aud=[TOKEN_URL.upper()])) == UUID(int=1)


def test_only_a_certificate_with_a_strong_rsa_key_can_be_uploaded() -> None:
    der, starts_at, _ = keys.certificate_facts(CREDENTIAL.certificate)
    assert (der, starts_at) == (CREDENTIAL.certificate, AT)
    with pytest.raises(Invalid):
        keys.certificate_facts(b"rubbish")
