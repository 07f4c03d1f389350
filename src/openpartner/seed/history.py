"""What customers bought in the year, and what became of it: orders, more seats, fewer, pauses, cancellations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.queries import Offered, Showcase
from openpartner.catalogue.rules import MONTH, YEAR, BillingCycle, Duration, Plan, ProductKind, Segment
from openpartner.orders import service as orders
from openpartner.orders.rules import LineRequest
from openpartner.platform.actor import Actor
from openpartner.platform.world import World
from openpartner.subscriptions import queries as held
from openpartner.subscriptions import service as subscriptions
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service import SubscriptionChange

LICENCE_PLANS = (Plan(YEAR, BillingCycle.MONTHLY), Plan(YEAR, BillingCycle.ANNUAL), Plan(MONTH, BillingCycle.MONTHLY))


@dataclass(frozen=True)
class Buyer:
    """A customer in a seller's hands. number: its place in the cast; everything it does follows from it."""

    number: int
    seller: Actor
    customer_id: UUID
    country: str
    mpn_id: str = ""


@dataclass(frozen=True)
class Deed:
    """Something done at an instant."""

    at: datetime
    do: Callable[[], None]


def deeds_of(world: World, buyer: Buyer, since: datetime) -> Iterator[Deed]:
    """A customer's year from the day after it came."""

    def at(days: int) -> datetime:
        return since + timedelta(days=days, hours=buyer.number % 9, minutes=7 * (buyer.number % 8))

    n = buyer.number
    yield Deed(
        at(1), lambda: _buy(world, buyer, ProductKind.LICENSE, pick=n * 5, plan=n % 2, quantity=5 + 3 * (n % 12))
    )
    if n % 2 == 0:
        yield Deed(at(20), lambda: _buy(world, buyer, ProductKind.LICENSE, pick=n * 3 + 7, plan=2, quantity=2 + n % 5))
    if n % 3 == 0:
        yield Deed(at(40), lambda: _more_seats(world, buyer, 1 + n % 4))
    if n % 5 == 0:
        yield Deed(at(30), lambda: _buy(world, buyer, ProductKind.AZURE_PLAN, pick=0, plan=0, quantity=1))
    if n % 7 == 1:
        yield Deed(
            at(50), lambda: _buy(world, buyer, ProductKind.PERPETUAL_SOFTWARE, pick=n, plan=0, quantity=1 + n % 3)
        )
    if n % 6 == 2:
        yield Deed(at(60), lambda: _buy(world, buyer, ProductKind.LICENSE, pick=n * 11 + 3, plan=2, quantity=3))
        yield Deed(at(63), lambda: _change_latest(world, buyer, SubscriptionChange(status=Status.DELETED)))
    if n % 8 == 3:
        yield Deed(at(70), lambda: _change_latest(world, buyer, SubscriptionChange(auto_renew_enabled=False)))
    if n % 11 == 4:
        yield Deed(at(80), lambda: _change_latest(world, buyer, SubscriptionChange(status=Status.SUSPENDED)))


def _choice(offers: list[Offered], kind: ProductKind, pick: int, plan: int) -> tuple[Offered, Plan] | None:
    """The offer that ``pick`` falls on among those sold with the plan; base products only."""
    wanted = LICENCE_PLANS[plan] if kind is ProductKind.LICENSE else None
    fitting = [
        offer
        for offer in offers
        if not offer.item.is_trial
        and not offer.item.is_addon
        and not offer.item.enforces_attestation
        and offer.item.minimum_quantity == 1
        and (wanted in offer.plans if wanted is not None else offer.plans)
    ]
    if not fitting:
        return None
    offer = fitting[pick % len(fitting)]
    return offer, wanted or offer.plans[0]


def _buy(world: World, buyer: Buyer, kind: ProductKind, *, pick: int, plan: int, quantity: int) -> None:
    with world.begin(buyer.seller) as uow:
        showcase = Showcase(market=buyer.country, segments=frozenset({Segment.COMMERCIAL}))
        choice = _choice(catalogue.offered_in(uow, showcase, {kind}), kind, pick, plan)
        if choice is None:
            return
        offer, wanted = choice
        line = LineRequest(
            catalog_item_id=str(offer.item.id),
            quantity=min(quantity, offer.item.maximum_quantity),
            billing_cycle=wanted.billing_cycle,
            duration=_duration(wanted),
        )
        orders.place_order(uow, buyer.customer_id, [line])


def _duration(plan: Plan) -> Duration | None:
    return plan.duration


def _more_seats(world: World, buyer: Buyer, more: int) -> None:
    with world.begin(buyer.seller) as uow:
        for row in held.subscriptions_of(uow, buyer.customer_id, whole=True):
            if row.kind is ProductKind.LICENSE and row.status is Status.ACTIVE:
                change = SubscriptionChange(quantity=min(row.quantity + more, row.maximum_quantity))
                subscriptions.update_subscription(uow, buyer.customer_id, row.id, change)
                return


def _change_latest(world: World, buyer: Buyer, change: SubscriptionChange) -> None:
    with world.begin(buyer.seller) as uow:
        rows = [
            row
            for row in held.subscriptions_of(uow, buyer.customer_id)
            if row.kind is ProductKind.LICENSE and row.status is Status.ACTIVE
        ]
        if rows:
            subscriptions.update_subscription(uow, buyer.customer_id, rows[-1].id, change)
