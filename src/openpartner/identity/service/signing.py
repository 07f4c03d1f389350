"""The provider's signing keys: two are always published, the present one and the next."""

from datetime import datetime, timedelta

from sqlalchemy import select

from openpartner.identity import keys, queries
from openpartner.identity.events import SigningKeyCreated
from openpartner.identity.keys import Signer
from openpartner.identity.models import SigningKey
from openpartner.identity.service.applications import install_well_known_applications
from openpartner.platform import vault
from openpartner.platform.errors import NotFound
from openpartner.platform.rsa_keys import random_private_key, seeded_private_key
from openpartner.platform.work import UnitOfWork

ROTATE = "identity.rotate_signing_keys"
SWEEP = "identity.sweep"


def present_signer(uow: UnitOfWork) -> Signer:
    """The key that signs now; the world's first is made at the first token."""
    try:
        key = queries.signing_key(uow.db, uow.now)
    except NotFound:
        open_identity(uow)
        key = queries.signing_key(uow.db, uow.now)
    return Signer(key.kid, vault.unseal(key.private_pem, uow.world.settings.secret_key))


def open_identity(uow: UnitOfWork) -> None:
    """Make what a world needs before anybody can sign in: the vendor's applications and the first two keys.

    Safe to call at every start: what is there stays.
    """
    install_well_known_applications(uow)
    if uow.db.scalar(select(SigningKey.kid).limit(1)) is None:
        rotate_signing_keys(uow)
        uow.schedule(uow.now + timedelta(days=1), SWEEP, {}, key=SWEEP)


def rotate_signing_keys(uow: UnitOfWork) -> None:
    """See to it that a key signs now and the next one is published, and come back when the next one's turn begins.

    Emits SigningKeyCreated for each new key. Source: identity §2.
    """
    last = uow.db.scalar(select(SigningKey).order_by(SigningKey.serial.desc()).limit(1))
    while last is None or last.active_from <= uow.now:
        begins = uow.now if last is None else max(last.retires_at, uow.now)
        last = _create(uow, 1 if last is None else last.serial + 1, begins)
    uow.schedule(last.active_from, ROTATE, {}, key=ROTATE)


def _create(uow: UnitOfWork, serial: int, active_from: datetime) -> SigningKey:
    settings = uow.world.settings
    private_pem = (
        random_private_key(uow.ids.octets)
        if settings.seed is None
        else seeded_private_key(f"{settings.seed}/signing-key/{serial}")
    )
    certificate = keys.self_signed(private_pem, "accounts.accesscontrol.windows.net", uow.now)
    times = keys.key_times(active_from)
    key = SigningKey(
        kid=keys.thumbprint(certificate),
        serial=serial,
        private_pem=vault.seal(private_pem, settings.secret_key),
        certificate=certificate,
        created_at=uow.now,
        active_from=times.active_from,
        retires_at=times.retires_at,
        removed_at=times.removed_at,
    )
    uow.db.add(key)
    uow.db.flush()
    uow.emit(SigningKeyCreated(partner_id=None, kid=key.kid, after={"activeFrom": active_from.isoformat()}))
    return key
