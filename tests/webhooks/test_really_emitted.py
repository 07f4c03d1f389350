"""What people do in the product is told in the vendor's events: through the slices that do it, to a receiver's line."""

import json
from datetime import timedelta
from uuid import UUID

from openpartner.customers.models import Customer
from openpartner.customers.service import remove_delegated_access
from openpartner.platform.actor import Actor
from openpartner.webhooks import service
from openpartner.webhooks.models import WebhookDelivery
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS
from tests.relationships.customers import make_customer
from tests.relationships.partners import make_partner, provider_and_reseller
from tests.relationships.test_reselling import accept, combined, direct
from tests.support.lab import Lab
from tests.support.receiver import Receiver
from tests.support.shop import line, open_shop
from tests.webhooks.test_signatures import replaced

YEAR = timedelta(days=365)
UPDATED, ACTIVE, RENEWED = "subscription-updated", "subscription-active", "subscription-renewed"
ACCEPTED = "reseller-relationship-accepted-by-customer"


def subscribe(lab: Lab, actor: Actor, receiver: Receiver) -> None:
    """Let the actor's partner hear of everything."""
    with lab.begin(actor) as uow:
        wanted = service.Wanted(receiver.url, [event.name for event in VENDOR_EVENTS], "https://localhost")
        service.register_webhook(uow, wanted)


def told(lab: Lab, tenant_id: UUID) -> list[tuple[str, str]]:
    """Event and resource of all that was queued for a partner, in its order."""
    with lab.read() as uow:
        rows = uow.db.query(WebhookDelivery).filter_by(tenant_id=tenant_id).order_by(WebhookDelivery.number)
        return [(row.event_name, (json.loads(row.body)["ResourceUri"] or "").rpartition("/")[2]) for row in rows]


def test_a_subscriptions_life(lab: Lab, receiver: Receiver) -> None:
    shop = open_shop(lab)
    subscribe(lab, shop.agent, receiver)
    [made] = shop.order(line(quantity=3))["lineItems"]
    key = made["subscriptionId"]
    lab.advance(timedelta())
    expected = [(ACTIVE, key)]
    assert told(lab, shop.partner.id) == expected

    def patch(**members: object) -> None:
        address = f"{shop.url}/subscriptions/{key}"
        answer = shop.client.patch(address, {**shop.client.get(address).json(), **members})
        assert answer.status_code == 200, answer.text

    for change in (
        {"quantity": 5},
        {"friendlyName": "Their mail"},
        {"autoRenewEnabled": False},
        {"autoRenewEnabled": True},
        {"status": "suspended"},
        {"status": "active"},
    ):
        patch(**change)
        expected.append((UPDATED, key))
        assert told(lab, shop.partner.id) == expected, change
    lab.advance(YEAR)
    assert told(lab, shop.partner.id) == [(UPDATED, key), (RENEWED, key)]  # the earlier ones are forgotten by now
    assert len(receiver.got) == len(expected) + 2


def test_a_subscription_that_takes_its_time(lab: Lab, receiver: Receiver) -> None:
    lab.world.settings = replaced(lab, provisioning_seconds=60)
    shop = open_shop(lab)
    subscribe(lab, shop.agent, receiver)
    [made] = shop.order(line())["lineItems"]
    key = made["subscriptionId"]
    lab.advance(timedelta())
    assert told(lab, shop.partner.id) == [("subscription-pending", key)]
    lab.advance(timedelta(minutes=1))
    assert told(lab, shop.partner.id)[1:] == [(UPDATED, key), (ACTIVE, key)]


def test_a_customer_accepts_a_partner_and_a_reseller_with_its_provider(lab: Lab, receiver: Receiver) -> None:
    partner, customer = make_partner(lab, "Contoso"), make_customer(lab)
    provider, shop = provider_and_reseller(lab)
    for each in (partner, provider, shop):
        subscribe(lab, each.admin, receiver)
    accept(lab, customer, direct(partner))
    accept(lab, customer, combined(provider, shop))
    where = str(customer.id)
    assert told(lab, partner.id) == [(ACCEPTED, where)]
    assert told(lab, provider.id) == [(ACCEPTED, where), (f"indirect-{ACCEPTED}", where)]
    assert told(lab, shop.id) == [(f"indirect-{ACCEPTED}", where)]


def test_a_partner_gives_older_delegated_access_back(lab: Lab, receiver: Receiver) -> None:
    shop = open_shop(lab)
    subscribe(lab, shop.agent, receiver)
    with lab.begin() as uow:
        uow.db.get_one(Customer, shop.customer.commerce_id).allow_delegated_access = True
    with lab.begin(shop.agent) as uow:
        remove_delegated_access(uow, shop.customer_id)
    assert told(lab, shop.partner.id) == [("dap-admin-relationship-terminated", "")]
