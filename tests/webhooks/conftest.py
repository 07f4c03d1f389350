"""A partner with a registration at a real receiver, and facts that make events."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from openpartner.identity.models import Tenant
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.events import Event
from openpartner.platform.permissions import Role
from openpartner.webhooks import queries, service
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.receiver import Got, Receiver, receiving

ALL = [event.name for event in VENDOR_EVENTS]
APPROVED = "granular-admin-relationship-approved"
RELECLOUD = UUID(int=7)


class RelationshipApproved(Event, frozen=True, kw_only=True):
    """A fact as the relationships slice announces it, without that slice."""

    resource_type: ClassVar[str] = "granular_admin_relationship"
    operation_type: ClassVar[str] = "granular_admin_relationship_approved"
    relationship_id: str

    @property
    def resource_id(self) -> str:
        return self.relationship_id


@dataclass
class Subscriber:
    """A partner with a webhook at ``receiver``."""

    lab: Lab
    tenant: Tenant
    actor: Actor
    client: AppClient
    receiver: Receiver
    secret: str = ""

    def approve(self, *names: str, of: UUID = RELECLOUD) -> None:
        """Announce that a customer approved relationships of these names, in one unit."""
        with self.lab.begin() as uow:
            for name in names:
                uow.emit(RelationshipApproved(partner_id=self.tenant.id, customer_id=of, relationship_id=name))

    def approved(self) -> list[str]:
        """Which relationships the receiver has heard of, in order."""
        return [json.loads(got.body)["ResourceUri"].rpartition("/")[2] for got in self.receiver.got]

    def go(self, by: timedelta = timedelta()) -> int:
        """Do what is due, after so long."""
        return self.lab.advance(by)

    def deliveries(self) -> list[WebhookDelivery]:
        """All of them in the order of the line."""
        with self.lab.read() as uow:
            return list(uow.db.query(WebhookDelivery).order_by(WebhookDelivery.number))

    def tries(self, delivery: WebhookDelivery) -> list[WebhookAttempt]:
        """The tries of one."""
        with self.lab.read(self.actor) as uow:
            return queries.tries_of(uow, delivery)


MakeSubscriber = Callable[..., Subscriber]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def make_subscriber(lab: Lab, receiver: Receiver) -> MakeSubscriber:
    """Makes a partner that hears of all events, or of some."""

    def make(name: str = "Contoso Partner", *, events: list[str] | None = None, **options: Any) -> Subscriber:
        tenant = lab.partner(name)
        actor = lab.user(tenant, Role.ADMIN_AGENT)
        made = Subscriber(lab, tenant, actor, lab.client(actor), receiver)
        with lab.begin(actor) as uow:
            wanted = service.Wanted(
                options.pop("url", f"{receiver.url}/hook"), events or ALL, "https://localhost", **options
            )
            made.secret = service.register_webhook(uow, wanted).secret
        return made

    return make


@pytest.fixture
def subscriber(make_subscriber: MakeSubscriber) -> Subscriber:
    """A partner that hears of all events."""
    return make_subscriber()


def customer(lab: Lab, name: str = "Relecloud") -> Tenant:
    """A customer's directory."""
    return lab.tenant(TenantKind.CUSTOMER, name)


def certificate_for(lab: Lab, got: Got) -> x509.Certificate:
    """The certificate that a delivery names, fetched without any credentials."""
    url = got.headers["x-ms-certificate-url"]
    answer = lab.client().get(url.removeprefix("https://localhost"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pkix-cert")
    return x509.load_der_x509_certificate(answer.content)


def check_signature(certificate: x509.Certificate, got: Got) -> None:
    """As a receiver of the original does. Raises InvalidSignature."""
    scheme, _, signature = got.headers.get("authorization", f"Signature {got.headers.get('x-ms-signature')}").partition(
        " "
    )
    assert (scheme, got.headers["x-ms-signature-algorithm"]) == ("Signature", "rsa-sha256")
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(signature, validate=True), got.body, padding.PKCS1v15(), hashes.SHA256())
