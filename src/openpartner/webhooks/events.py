"""Facts about webhooks. The log's reader queues what ``WebhookTestCreated``, ``WebhookEventFired`` and
``WebhookDeliveryRepeated`` name, as it queues what it tells of the facts of others.
"""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfRegistration(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "webhook_registration"
    subscriber_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.subscriber_id)


class WebhookRegistered(_OfRegistration, frozen=True, kw_only=True):
    """A partner hears of events from now on."""

    operation_type: ClassVar[str] = "create_webhook_registration"


class WebhookRegistrationChanged(_OfRegistration, frozen=True, kw_only=True):
    """Another address, other events, another header."""

    operation_type: ClassVar[str] = "update_webhook_registration"


class WebhookSecretRotated(_OfRegistration, frozen=True, kw_only=True):
    """Deliveries are signed with a new secret, and for a day with the one before as well."""

    operation_type: ClassVar[str] = "rotate_webhook_secret"


class WebhookTestCreated(Event, frozen=True, kw_only=True):
    """Somebody asked for a test event; ``test_id`` is what its result is asked for by."""

    resource_type: ClassVar[str] = "webhook_test"
    operation_type: ClassVar[str] = "create_webhook_test"
    test_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.test_id)


class _OfDelivery(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "webhook_delivery"
    delivery_id: UUID
    event_name: str

    @property
    def resource_id(self) -> str:
        return str(self.delivery_id)


class WebhookEventFired(_OfDelivery, frozen=True, kw_only=True):
    """A person sent an event of their own making to an address."""

    operation_type: ClassVar[str] = "fire_webhook_event"


class WebhookDeliveryRepeated(_OfDelivery, frozen=True, kw_only=True):
    """A delivery that had ended is sent again, as ``delivery_id``."""

    operation_type: ClassVar[str] = "repeat_webhook_delivery"
    repeats: UUID


class WebhookKeyRotated(Event, frozen=True, kw_only=True):
    """Deliveries are signed with a new key; receivers find its certificate at the address they are given."""

    resource_type: ClassVar[str] = "webhook_key"
    operation_type: ClassVar[str] = "rotate_webhook_key"
    key_id: str

    @property
    def resource_id(self) -> str:
        return self.key_id
