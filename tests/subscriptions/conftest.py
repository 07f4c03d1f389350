"""What a customer holds, opened as an order line opens it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import MONTH, YEAR, BillingCycle, CatalogItemId, Duration, Plan
from openpartner.customers import queries as customers
from openpartner.platform.actor import SYSTEM
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.service import Purchase, open_subscription
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.shop import BASIC, BASIC_TRIAL, Shop, open_shop

Hold = Callable[..., "Held"]


class Held:
    """One subscription in a test's hands."""

    def __init__(self, shop: Shop, subscription_id: UUID) -> None:
        self.shop = shop
        self.id = subscription_id
        self.url = f"/v1/customers/{shop.customer_id}/subscriptions/{subscription_id}"

    @property
    def client(self) -> AppClient:
        return self.shop.client

    @property
    def row(self) -> Subscription:
        """As it stands in the table."""
        with self.shop.lab.read() as uow:
            return uow.db.get_one(Subscription, self.id)

    @property
    def wire(self) -> dict[str, Any]:
        """As a client reads it."""
        answer = self.client.get(self.url)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def patch(self, **members: Any) -> Any:
        """What a careful client does: read the whole resource, change members, send it back."""
        return self.client.patch(self.url, {**self.wire, **members})


@pytest.fixture
def shop(lab: Lab) -> Shop:
    return open_shop(lab)


@pytest.fixture
def hold(shop: Shop) -> Hold:
    """Opens subscriptions for the shop's customer."""
    return holder_of(shop)


def holder_of(shop: Shop) -> Hold:
    """What opens subscriptions for the shop's customer."""
    orders = iter(f"{number:012x}" for number in range(1, 1000))

    def opened(
        item: str = BASIC,
        quantity: int = 10,
        duration: Duration | None = YEAR,
        cycle: BillingCycle = BillingCycle.MONTHLY,
        *,
        mpn_id: str = "",
        custom_term_end_on: date | None = None,
        promotion_id: str = "",
    ) -> Held:
        with shop.lab.begin(SYSTEM) as uow:
            offered = catalogue.offered(uow, CatalogItemId.parse(item))
            assert offered is not None
            plan = Plan(duration, cycle)
            quote = catalogue.price_of(uow, offered.item, plan, uow.now, quantity)
            assert quote is not None
            customer = customers.customer_of_commerce_id(uow, shop.customer.commerce_id)
            purchase = Purchase(
                order_id=next(orders),
                line_number=0,
                offered=offered,
                plan=plan,
                quantity=quantity,
                quote=quote,
                mpn_id=mpn_id,
                custom_term_end_on=custom_term_end_on,
                promotion_id=promotion_id,
                converts_to=BASIC if offered.item.is_trial else "",
            )
            return Held(shop, open_subscription(uow, customer, purchase).id)

    return opened


@pytest.fixture
def trial(hold: Hold) -> Held:
    """25 seats for 30 days."""
    return hold(BASIC_TRIAL, 25, MONTH, BillingCycle.MONTHLY)
