"""The keys that sign deliveries: the operator's from the settings, else the world's own; and their certificates."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from sqlalchemy import func, select

from openpartner.edge.authority import open_authority, signing_certificate
from openpartner.platform import vault
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.rsa_keys import KEY_BITS, random_private_key, seeded_private_key
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.settings import Settings
from openpartner.webhooks.events import WebhookKeyRotated
from openpartner.webhooks.models import WebhookKey

SANDBOX_ORGANIZATION = "Microsoft Corporation"
"""What receivers of the original look for; it convinces nobody who does not trust our root."""
ORGANIZATION = "OpenPartner"


@dataclass(frozen=True)
class Signer:
    """The key that signs now."""

    key_id: str
    key: RSAPrivateKey


@dataclass(frozen=True)
class _Given:
    """The operator's certificate and key."""

    key_id: str
    certificate: bytes
    key: RSAPrivateKey


def check_settings(settings: Settings) -> None:
    """Read the operator's certificate and key, if they are named. Raises Invalid: better at the start than at night."""
    _given(settings)


def present_signer(uow: UnitOfWork) -> Signer:
    """The key that signs now. Raises NotFound before the first registration."""
    given = _given(uow.world.settings)
    if given is not None:
        return Signer(given.key_id, given.key)
    row = uow.db.scalar(select(WebhookKey).order_by(WebhookKey.serial.desc()).limit(1))
    if row is None:
        raise NotFound("Webhook key")
    return Signer(row.id, _private_key(vault.unseal(row.private_pem, uow.world.settings.secret_key)))


def ensure_webhook_key(uow: UnitOfWork) -> None:
    """See to it that there is a key to sign with. Emits WebhookKeyRotated for the world's first."""
    if _given(uow.world.settings) is None and uow.db.scalar(select(WebhookKey.id).limit(1)) is None:
        _make_key(uow)


def rotate_webhook_key(uow: UnitOfWork) -> str:
    """Sign with a new key from now on; the certificates of the earlier ones stay where they are. Gives the key's id.

    For the operator's command. Raises Invalid where the settings give the key. Emits WebhookKeyRotated.
    """
    if _given(uow.world.settings) is not None:
        raise Invalid(
            "The key is that of OPENPARTNER_WEBHOOK_KEY. Put another key and certificate into the files and start anew."
        )
    return _make_key(uow)


def _make_key(uow: UnitOfWork) -> str:
    settings = uow.world.settings
    serial = (uow.db.scalar(select(func.max(WebhookKey.serial))) or 0) + 1
    pem = (
        random_private_key(uow.ids.octets)
        if settings.seed is None
        else seeded_private_key(f"{settings.seed}/webhook-key/{serial}")
    )
    key_id = _id_of(_private_key(pem).public_key())
    uow.db.add(
        WebhookKey(id=key_id, serial=serial, private_pem=vault.seal(pem, settings.secret_key), created_at=uow.now)
    )
    uow.db.flush()
    uow.emit(WebhookKeyRotated(partner_id=None, key_id=key_id, after={"serial": serial}))
    return key_id


def certificate_of(uow: UnitOfWork, key_id: str) -> "Certificate":
    """What the certificate of a key is made of. Raises NotFound for a key that never signed here."""
    given = _given(uow.world.settings)
    if given is not None and given.key_id == key_id:
        return Certificate(given.certificate, None)
    row = uow.db.get(WebhookKey, key_id)
    if row is None:
        raise NotFound("Certificate", key_id)
    key = _private_key(vault.unseal(row.private_pem, uow.world.settings.secret_key))
    return Certificate(None, key.public_key())


@dataclass(frozen=True)
class Certificate:
    """A certificate that was given, or a key for which the world's authority writes one."""

    given: bytes | None
    public_key: RSAPublicKey | None

    def der(self, world: World) -> bytes:
        """Its bytes. Reads files: call it outside of a unit."""
        if self.given is not None:
            return self.given
        if self.public_key is None:
            raise NotFound("Certificate")
        authority = open_authority(world.settings.data / "authority")
        return signing_certificate(authority, self.public_key, organization(world.settings))


def organization(settings: Settings) -> str:
    """The organisation in the world's own certificate."""
    return settings.webhook_organization or (SANDBOX_ORGANIZATION if settings.is_sandbox else ORGANIZATION)


def _id_of(key: RSAPublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()[:32]


@lru_cache(maxsize=32)
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS:
        raise Invalid(f"The key that signs webhooks must be RSA with {KEY_BITS} bits or more.")
    return key


def _given(settings: Settings) -> _Given | None:
    if not settings.webhook_certificate and not settings.webhook_key:
        return None
    if not settings.webhook_certificate or not settings.webhook_key:
        raise Invalid("OPENPARTNER_WEBHOOK_CERTIFICATE and OPENPARTNER_WEBHOOK_KEY go together: set both or none.")
    return _read(settings.webhook_certificate, settings.webhook_key)


@lru_cache(maxsize=4)
def _read(certificate_file: str, key_file: str) -> _Given:
    try:
        certificate = x509.load_pem_x509_certificate(Path(certificate_file).read_bytes())
        key = _private_key(Path(key_file).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise Invalid(f"The webhook certificate or key cannot be read: {error}") from error
    if certificate.public_key() != key.public_key():
        raise Invalid(f"The certificate in {certificate_file} is not for the key in {key_file}.")
    return _Given(_id_of(key.public_key()), certificate.public_bytes(Encoding.DER), key)
