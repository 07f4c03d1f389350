"""Registering, changing, and the secret."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpartner.platform import vault
from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.webhooks import queries
from openpartner.webhooks.events import WebhookRegistered, WebhookRegistrationChanged, WebhookSecretRotated
from openpartner.webhooks.models import WebhookQueue, WebhookRegistration
from openpartner.webhooks.rules import registrations as rules
from openpartner.webhooks.service.keys import ensure_webhook_key

SECRET_OCTETS = 32


@dataclass(frozen=True)
class Wanted:
    """What a registration is to say. origin: what this server is to be called in deliveries."""

    url: str
    events: Sequence[str]
    origin: str
    in_own_header: bool = False
    properties: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Registered:
    """A registration, and the secret, which is never shown again."""

    registration: WebhookRegistration
    secret: str


def check_webhook_address(begin: Begin, url: str) -> None:
    """Whether deliveries may go there, and a test or a fired event. Looks names up, so call it before the unit.

    Raises Invalid for an empty address, AddressRefused for one that leads where deliveries do not go.
    """
    with begin.read() as uow:
        uow.actor.require(WEBHOOKS.write)
        world = uow.world
    if not url:
        raise Invalid("webhookUrl is missing. Give the https address that events are to be sent to.")
    world.outgoing.check(url)


def register_webhook(uow: UnitOfWork, wanted: Wanted) -> Registered:
    """Hear of events from now on. Raises RegistrationThere, Invalid. Emits WebhookRegistered.

    ``check_webhook_address`` has been asked.
    """
    uow.actor.require(WEBHOOKS.write)
    if queries.find_registration(uow, lock=True) is not None:
        raise rules.RegistrationThere
    events = rules.chosen_events(wanted.events)
    ensure_webhook_key(uow)
    secret = _new_secret(uow)
    registration = WebhookRegistration(
        tenant_id=uow.actor.tenant,
        subscriber_id=uow.ids.uuid(),
        url=wanted.url,
        events=events,
        in_own_header=wanted.in_own_header,
        properties=dict(wanted.properties or {}),
        origin=wanted.origin,
        secret=vault.seal(secret, uow.world.settings.secret_key),
        previous_secret=None,
        previous_until=None,
        created_at=uow.now,
        modified_at=uow.now,
    )
    uow.db.add(registration)
    uow.db.flush()
    uow.db.add(WebhookQueue(tenant_id=registration.tenant_id, taken_at=None, failing_since=None))
    uow.emit(
        WebhookRegistered(
            partner_id=uow.actor.tenant, subscriber_id=registration.subscriber_id, after=_shown(registration)
        )
    )
    return Registered(registration, secret)


def change_webhook_registration(uow: UnitOfWork, wanted: Wanted) -> WebhookRegistration:
    """Replace what the registration says. What waits goes to the new address. Raises RegistrationAbsent, Invalid.

    Emits WebhookRegistrationChanged when anything changed. ``check_webhook_address`` has been asked.
    """
    uow.actor.require(WEBHOOKS.write)
    registration = queries.registration(uow, lock=True)
    before = _shown(registration)
    registration.url = wanted.url
    registration.events = rules.chosen_events(wanted.events)
    registration.in_own_header = wanted.in_own_header
    registration.properties = dict(wanted.properties or {})
    registration.origin = wanted.origin
    after = _shown(registration)
    if before != after:
        registration.modified_at = uow.now
        changed = [name for name in after if before[name] != after[name]]
        uow.emit(
            WebhookRegistrationChanged(
                partner_id=uow.actor.tenant,
                subscriber_id=registration.subscriber_id,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )
        )
    uow.db.flush()
    return registration


def rotate_webhook_secret(uow: UnitOfWork) -> str:
    """A new secret; the one before signs as well for a day. Raises RegistrationAbsent. Emits WebhookSecretRotated."""
    uow.actor.require(WEBHOOKS.write)
    registration = queries.registration(uow, lock=True)
    secret = _new_secret(uow)
    registration.previous_secret = registration.secret
    registration.previous_until = uow.now + rules.SECRET_OVERLAP
    registration.secret = vault.seal(secret, uow.world.settings.secret_key)
    uow.emit(
        WebhookSecretRotated(
            partner_id=uow.actor.tenant,
            subscriber_id=registration.subscriber_id,
            after={"previousSecretUntil": registration.previous_until.isoformat()},
        )
    )
    return secret


def _new_secret(uow: UnitOfWork) -> str:
    """As Standard Webhooks writes one."""
    return f"whsec_{base64.b64encode(uow.ids.octets(SECRET_OCTETS)).decode()}"


def _shown(registration: WebhookRegistration) -> dict[str, Any]:
    """What the activity log keeps: never the secret."""
    return {
        "webhookUrl": registration.url,
        "webhookEvents": registration.events,
        "signatureTokenToMsSignatureHeader": registration.in_own_header,
        "properties": registration.properties,
        "origin": registration.origin,
    }
