"""The exact JSON of the webhooks area: camelCase, as the Swagger file has it. Source: partner-center-resources §25."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Wire
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookRegistration
from openpartner.webhooks.rules import bodies
from openpartner.webhooks.rules.deliveries import TEST_STATUS
from openpartner.webhooks.service import Wanted


class RegistrationIn(msgspec.Struct, rename="camel", kw_only=True):
    """What a client sends; members in any case."""

    webhook_url: str = ""
    webhook_events: list[str] | None = None
    signature_token_to_ms_signature_header: bool = False
    properties: dict[str, str] | None = None

    def read(self, origin: str) -> Wanted:
        """What the client means. Raises Invalid."""
        if self.webhook_events is None:
            raise Invalid("webhookEvents is missing. Give the names of the events to be sent; an empty list is none.")
        return Wanted(
            self.webhook_url,
            self.webhook_events,
            origin,
            self.signature_token_to_ms_signature_header,
            self.properties,
        )


class RegistrationOut(Wire, kw_only=True):
    """A registration. ``properties`` only where some were given."""

    subscriber_id: UUID
    webhook_url: str
    webhook_events: list[str]
    signature_token_to_ms_signature_header: bool
    properties: dict[str, str] | None = None
    last_modified_timestamp: datetime

    @classmethod
    def of(cls, row: WebhookRegistration) -> "RegistrationOut":
        """As it stands."""
        return cls(
            subscriber_id=row.subscriber_id,
            webhook_url=row.url,
            webhook_events=row.events,
            signature_token_to_ms_signature_header=row.in_own_header,
            properties=row.properties or None,
            last_modified_timestamp=row.modified_at,
        )


class TestAsked(Wire, kw_only=True):
    """What a test's result is asked for by."""

    __test__ = False

    correlation_id: UUID


class ResponseOut(Wire, kw_only=True):
    """One try of a test."""

    response_code: str
    response_message: str
    system_error: bool
    date_time_utc: str

    @classmethod
    def of(cls, row: WebhookAttempt) -> "ResponseOut":
        """systemError: nothing came back, so there is no code and the message says why."""
        answered = row.status is not None
        return cls(
            response_code=bodies.status_word(row.status) if row.status is not None else "",
            response_message=row.answer_body if answered and row.status != 200 else "" if answered else row.why,
            system_error=not answered,
            date_time_utc=bodies.bare_instant(row.at),
        )


class ValidationEvent(Wire, kw_only=True):
    """How far a test is."""

    correlation_id: UUID
    partner_id: UUID
    status: str
    callback_url: str
    results: list[ResponseOut]

    @classmethod
    def of(cls, row: WebhookDelivery, url: str, tries: Sequence[WebhookAttempt]) -> "ValidationEvent":
        """A test that was asked for, with each try."""
        if row.test_id is None:
            raise ValueError("This delivery is no test.")
        return cls(
            correlation_id=row.test_id,
            partner_id=row.tenant_id,
            status=TEST_STATUS[row.state],
            callback_url=url,
            results=[ResponseOut.of(each) for each in tries],
        )
