"""Whether a message bears this world's signatures: what a receiver asks, answered where the keys are."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from openpartner.platform import vault
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks.models import WebhookRegistration
from openpartner.webhooks.service.keys import certificate_of


class Verdict(StrEnum):
    """ABSENT: the message has no such signature. BROKEN: it has one that is not of this world, or of another body."""

    HOLDS = "holds"
    BROKEN = "broken"
    ABSENT = "absent"


@dataclass(frozen=True)
class Verified:
    """What became of the two signatures. tenant_id: whose secret it was."""

    by_secret: Verdict
    by_certificate: Verdict
    tenant_id: UUID | None


def verify_webhook_message(uow: UnitOfWork, headers: Mapping[str, str], body: bytes) -> Verified:
    """Judge a message by the secrets of every registration and the keys of this world: for who may see them all.

    headers: names in lower case.
    """
    uow.actor.require(WEBHOOKS.write)
    by_secret, tenant_id = _by_secret(uow, headers, body)
    return Verified(by_secret, _by_certificate(uow, headers, body), tenant_id)


def _by_secret(uow: UnitOfWork, headers: Mapping[str, str], body: bytes) -> tuple[Verdict, UUID | None]:
    """Also BROKEN: a timestamp that is minutes away from the machine's clock."""
    if not headers.get("webhook-signature"):
        return Verdict.ABSENT, None
    settings = uow.world.settings
    for row in uow.db.scalars(select(WebhookRegistration).order_by(WebhookRegistration.created_at)):
        for sealed in (row.secret, row.previous_secret):
            if sealed is not None and _opens(vault.unseal(sealed, settings.secret_key), headers, body):
                return Verdict.HOLDS, row.tenant_id
    return Verdict.BROKEN, None


def _opens(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):  # it reads the body too, which may be anything
        return False
    return True


def _by_certificate(uow: UnitOfWork, headers: Mapping[str, str], body: bytes) -> Verdict:
    scheme, _, signature = headers.get("authorization", "").partition(" ")
    signature = headers.get("x-ms-signature") or (signature if scheme.lower() == "signature" else "")
    if not signature:
        return Verdict.ABSENT
    key_id = headers.get("x-ms-certificate-url", "").rpartition("/")[2].partition(".")[0]
    try:
        certificate = certificate_of(uow, key_id.lower())
        key = certificate.public_key
        if certificate.given is not None:
            given = x509.load_der_x509_certificate(certificate.given).public_key()
            key = given if isinstance(given, RSAPublicKey) else None
        if key is None:
            return Verdict.BROKEN
        key.verify(base64.b64decode(signature, validate=True), body, padding.PKCS1v15(), hashes.SHA256())
    except (NotFound, InvalidSignature, ValueError):
        return Verdict.BROKEN
    return Verdict.HOLDS
