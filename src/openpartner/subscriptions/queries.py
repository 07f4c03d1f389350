"""Reads of subscriptions, always from the customer the actor may see."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, func, or_, select

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import CatalogItemId, Duration, ProductKind, PromotionBuyer, Segment
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.events import LogEntry
from openpartner.platform.permissions import CUSTOMER_SUBSCRIPTIONS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.models import (
    SHOWN,
    AzureEntitlement,
    LicenseAssignment,
    Subscription,
    SubscriptionTransition,
)
from openpartner.subscriptions.rules import BILLED, CotermTarget, Status, charge_cycles, cycle_of
from openpartner.subscriptions.rules.terms import Cycle

HOLDS_SEATS = frozenset({Status.ACTIVE, Status.EXPIRED})
"""States in which users may use their licences. Source: commerce-rules §10."""

ALL_COLUMNS = tuple(Subscription.__table__.columns)
_EVERY = select(*ALL_COLUMNS)
_SHOWN = select(*(Subscription.__table__.c[name] for name in SHOWN))
"""Made once: putting a select together costs as much as twenty rows."""


class SubscriptionUnknown(NotFound):
    """Source: partner-center-conventions §19, 20003."""

    code = 20003

    def __init__(self, subscription_id: object) -> None:
        super().__init__("Subscription", subscription_id)


def require_reading(actor: Actor) -> None:
    """Refuse who may not look at subscriptions: first line of every use case that reads them."""
    customer = actor.tenant_kind is TenantKind.CUSTOMER
    actor.require(CUSTOMER_SUBSCRIPTIONS.read if customer else SUBSCRIPTIONS_MANAGE.read)


def relationships(uow: UnitOfWork, customer_id: UUID) -> list[UUID]:
    """The keys of the relationships through which the actor sees this customer: one for who sells to it.

    The customer itself, and a reseller with two providers, see what was bought through each; a customer without a
    partner sees nothing. Raises CustomerUnknown, RelationshipNeeded.
    """
    found = customers.relationships_of(uow, customer_id)
    if uow.actor.tenant_kind is TenantKind.CUSTOMER and uow.actor.tenant_id == customer_id:
        return [customer.commerce_id for customer in found]
    return [customer.commerce_id for customer in found] or [customers.one_customer(uow, customer_id).commerce_id]


def subscriptions_of(
    uow: UnitOfWork,
    customer_id: UUID,
    *,
    order_id: str = "",
    mpn_id: str = "",
    offset: int = 0,
    size: int = 0,
    whole: bool = False,
) -> list[Row[Any]]:
    """The subscriptions of the customer as plain rows, the oldest first: the hot list.

    order_id, mpn_id: only those of an order, or with that partner on record. size: 0 for all. whole: every column, not
    only ``models.SHOWN``.
    Raises what ``relationships`` raises.
    """
    require_reading(uow.actor)
    statement = (_EVERY if whole else _SHOWN).where(Subscription.commerce_id.in_(relationships(uow, customer_id)))
    if order_id:
        statement = statement.where(Subscription.order_id == order_id.lower())
    if mpn_id:
        statement = statement.where(Subscription.mpn_id == mpn_id)
    statement = statement.order_by(Subscription.created_at, Subscription.id).offset(offset or None)
    return list(uow.db.execute(statement.limit(size or None)))


def every_subscription(uow: UnitOfWork, customer_id: UUID) -> Sequence[Subscription]:
    """The same as entities, for what needs more of them than a list shows."""
    require_reading(uow.actor)
    statement = select(Subscription).where(Subscription.commerce_id.in_(relationships(uow, customer_id)))
    return uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)).all()


def awaits_activation(subscription: Subscription) -> bool:
    """Whether it is a marketplace product that the customer has not set up yet."""
    is_saas = subscription.kind is ProductKind.SAAS and subscription.status in BILLED
    return is_saas and subscription.activated_at is None


def one_subscription(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> Subscription:
    """One subscription of a customer, to read. Raises SubscriptionUnknown (another customer's too)."""
    require_reading(uow.actor)
    found = uow.db.get(Subscription, subscription_id)
    if found is None or found.commerce_id not in relationships(uow, customer_id):
        raise SubscriptionUnknown(subscription_id)
    return found


def subscription_to_change(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> Subscription:
    """One subscription and its customer, both held until the unit ends: seats of one customer change one by one.

    Raises SubscriptionUnknown, CustomerUnknown, RelationshipNeeded, ProviderNeeded (an indirect reseller only reads).
    """
    customer = customers.customer_to_change(uow, customer_id)
    found = uow.db.get(Subscription, subscription_id, with_for_update=True, populate_existing=True)
    if found is None or found.commerce_id != customer.commerce_id:
        raise SubscriptionUnknown(subscription_id)
    return found


class HeldTally(msgspec.Struct, frozen=True):
    """How many subscriptions of one SKU a relationship has in one state with one promotion, and the seats of them."""

    product_id: str
    sku_id: str
    status: Status
    promotion_id: str
    count: int
    seats: int

    @property
    def sku(self) -> str:
        """``product:sku``."""
        return f"{self.product_id}:{self.sku_id}"


def held_tallies(uow: UnitOfWork, commerce_id: UUID, *, but: UUID | None = None) -> list[HeldTally]:
    """Everything one relationship ever held, counted: what order rules ask. but: a subscription that does not count."""
    key = (Subscription.product_id, Subscription.sku_id, Subscription.status, Subscription.promotion_id)
    statement = select(*key, func.count(), func.sum(Subscription.quantity)).where(
        Subscription.commerce_id == commerce_id
    )
    if but is not None:
        statement = statement.where(Subscription.id != but)
    return [HeldTally(*row[:5], seats=int(row[5])) for row in uow.db.execute(statement.group_by(*key).order_by(*key))]


def promotion_buyer_of(market: str, segments: frozenset[Segment], held: Sequence[HeldTally]) -> PromotionBuyer:
    """What promotions ask of a customer that holds these."""
    seats: dict[str, int] = {}
    redemptions: dict[str, int] = {}
    for each in held:
        if each.status is Status.ACTIVE:
            seats[each.product_id] = seats.get(each.product_id, 0) + each.seats
        if each.promotion_id:
            redemptions[each.promotion_id] = redemptions.get(each.promotion_id, 0) + each.count
    return PromotionBuyer(
        market=market,
        segments=segments,
        seats=seats,
        bought_before=frozenset(each.sku for each in held),
        redemptions=redemptions,
    )


def held_by_id(uow: UnitOfWork, commerce_id: UUID, ids: Collection[UUID]) -> dict[UUID, Subscription]:
    """Those of these subscriptions that the relationship holds."""
    if not ids:
        return {}
    statement = select(Subscription).where(Subscription.commerce_id == commerce_id, Subscription.id.in_(ids))
    return {row.id: row for row in uow.db.scalars(statement)}


def azure_plans(uow: UnitOfWork, commerce_id: UUID) -> Sequence[Subscription]:
    """The Azure plans of one relationship, ended ones too, the oldest first."""
    statement = select(Subscription).where(
        Subscription.commerce_id == commerce_id, Subscription.kind == ProductKind.AZURE_PLAN
    )
    return uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)).all()


def held_of_sku(uow: UnitOfWork, commerce_id: UUID, sku: str) -> Sequence[Subscription]:
    """The subscriptions of one ``product:sku`` that are not deleted, the oldest first."""
    product_id, _, sku_id = sku.partition(":")
    statement = select(Subscription).where(
        Subscription.commerce_id == commerce_id,
        Subscription.product_id == product_id,
        Subscription.sku_id == sku_id,
        Subscription.status != Status.DELETED,
    )
    return uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)).all()


def of_order(uow: UnitOfWork, order_id: str) -> Sequence[Subscription]:
    """The subscriptions that an order opened, by line. The caller has checked the order."""
    statement = select(Subscription).where(Subscription.order_id == order_id)
    return uow.db.scalars(statement.order_by(Subscription.line_number)).all()


def count_billed(uow: UnitOfWork, commerce_id: UUID) -> int:
    """How many subscriptions still cost something: what keeps a relationship from ending."""
    statement = select(func.count()).select_from(Subscription)
    return (
        uow.db.scalar(statement.where(Subscription.commerce_id == commerce_id, Subscription.status.in_(sorted(BILLED))))
        or 0
    )


def coterm_targets(uow: UnitOfWork, commerce_id: UUID) -> list[CotermTarget]:
    """What an end date may be aligned with: everything of the relationship that has a term, the oldest first."""
    columns = (Subscription.id, Subscription.kind, Subscription.status, Subscription.is_trial)
    statement = (
        select(*columns, Subscription.duration, Subscription.term_ends_on)
        .where(
            Subscription.commerce_id == commerce_id,
            Subscription.term_ends_on.is_not(None),
            Subscription.duration != "",
        )
        .order_by(Subscription.created_at, Subscription.id)
    )
    return [
        CotermTarget(
            subscription_id=str(row.id),
            kind=row.kind,
            status=row.status,
            is_trial=row.is_trial,
            duration=Duration.parse(row.duration),
            ends_on=row.term_ends_on,
        )
        for row in uow.db.execute(statement)
    ]


def coterm_targets_of(uow: UnitOfWork, customer_id: UUID) -> list[CotermTarget]:
    """What a new term of the customer may be aligned with: what the same partner sold it."""
    require_reading(uow.actor)
    return coterm_targets(uow, customers.one_customer(uow, customer_id).commerce_id)


def ending_between(uow: UnitOfWork, first: date, last: date, *, limit: int = 200) -> list[Row[Any]]:
    """Active subscriptions of the actor's customers whose term ends in these days, the soonest first."""
    require_reading(uow.actor)
    statement = (
        select(*ALL_COLUMNS, Customer.company_name)
        .join(Customer, Customer.commerce_id == Subscription.commerce_id)
        .where(
            customers.is_visible(uow.actor),
            Subscription.status == Status.ACTIVE,
            Subscription.term_ends_on >= first,
            Subscription.term_ends_on <= last,
        )
        .order_by(Subscription.term_ends_on, Subscription.id)
        .limit(limit)
    )
    return list(uow.db.execute(statement))


def promotion_buyer(uow: UnitOfWork, subscription: Subscription) -> PromotionBuyer:
    """What the customer of a subscription holds besides it, as far as promotions ask."""
    others = held_tallies(uow, subscription.commerce_id, but=subscription.id)
    return promotion_buyer_of(subscription.market, frozenset({subscription.segment}), others)


class Coming(msgspec.Struct, frozen=True):
    """Which terms that end a list shows. renews: only those that renew, or only those that do not."""

    first: date
    last: date
    text: str = ""
    renews: bool | None = None


class TermEnd(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of ending terms stops."""

    ends_on: date
    id: UUID


def ending(uow: UnitOfWork, wanted: Coming, limit: int, *, after: TermEnd | None = None) -> list[Row[Any]]:
    """Active subscriptions of every customer the actor sees whose term ends then, the soonest first."""
    require_reading(uow.actor)
    statement = (
        select(*ALL_COLUMNS, Customer.company_name)
        .join(Customer, Customer.commerce_id == Subscription.commerce_id)
        .where(
            customers.is_visible(uow.actor),
            Customer.relationship != Relationship.NONE,
            Subscription.status == Status.ACTIVE,
            Subscription.term_ends_on >= wanted.first,
            Subscription.term_ends_on <= wanted.last,
        )
    )
    if wanted.renews is not None:
        statement = statement.where(Subscription.auto_renew_enabled.is_(wanted.renews))
    if wanted.text:
        part = f"%{wanted.text.lower()}%"
        name, product = func.lower(Customer.company_name), func.lower(Subscription.friendly_name)
        statement = statement.where(or_(name.like(part), product.like(part)))
    if after is not None:
        statement = statement.where(
            or_(
                Subscription.term_ends_on > after.ends_on,
                and_(Subscription.term_ends_on == after.ends_on, Subscription.id > after.id),
            )
        )
    return list(uow.db.execute(statement.order_by(Subscription.term_ends_on, Subscription.id).limit(limit)))


class HistoryEntry(msgspec.Struct, frozen=True):
    """Something that happened to a subscription: the event's name, and what it says."""

    at: datetime
    kind: str
    actor_name: str
    body: dict[str, Any]


def history_of(uow: UnitOfWork, subscription: Subscription, *, limit: int = 100) -> list[HistoryEntry]:
    """What happened to a subscription, the newest first. The caller has seen the subscription."""
    statement = (
        select(LogEntry.at, LogEntry.kind, LogEntry.actor_name, LogEntry.body)
        .where(LogEntry.resource_type == "subscription", LogEntry.resource_id == str(subscription.id))
        .order_by(LogEntry.seq.desc())
        .limit(limit)
    )
    return [
        HistoryEntry(row.at, row.kind, row.actor_name, msgspec.json.decode(row.body))
        for row in uow.db.execute(statement)
    ]


def present_cycle(subscription: Subscription, on: date) -> Cycle | None:
    """The charge cycle a day lies in."""
    cycles = charge_cycles(subscription.term, subscription.term_duration, subscription.billing_cycle)
    return cycle_of(cycles, on)


# --- transitions


def transition_targets(uow: UnitOfWork, subscription: Subscription) -> dict[str, catalogue.Offered]:
    """What it can become, by ``product:sku``: the SKU's upgrades as they are sold to it, or the paid one of a trial."""
    row = subscription
    wanted = [] if row.is_trial else catalogue.upgrade_targets(uow, row.product_id, row.sku_id)
    if row.converts_to:
        wanted = [CatalogItemId.parse(row.converts_to).sku, *wanted]
    found = {}
    for sku in wanted:
        product_id, _, sku_id = sku.partition(":")
        offered = catalogue.offered_by_sku(uow, product_id, sku_id, row.market, row.segment)
        if offered is not None:
            found[sku] = offered
    return found


def transitions_of(uow: UnitOfWork, subscription: Subscription) -> Sequence[SubscriptionTransition]:
    """What was upgraded or converted, the oldest first."""
    statement = select(SubscriptionTransition).where(SubscriptionTransition.subscription_id == subscription.id)
    return uow.db.scalars(statement.order_by(SubscriptionTransition.made_at, SubscriptionTransition.id)).all()


# --- Azure subscriptions


class EntitlementUnknown(NotFound):
    """Source: partner-center-conventions §19, 800111."""

    code = 800111

    def __init__(self, entitlement_id: object) -> None:
        super().__init__("The Azure subscription", entitlement_id)


def entitlements_of(uow: UnitOfWork, subscription: Subscription) -> Sequence[AzureEntitlement]:
    """The Azure subscriptions under a plan, the oldest first; none under anything else."""
    statement = select(AzureEntitlement).where(AzureEntitlement.subscription_id == subscription.id)
    return uow.db.scalars(statement.order_by(AzureEntitlement.created_at, AzureEntitlement.id)).all()


def one_entitlement(uow: UnitOfWork, subscription: Subscription, entitlement_id: UUID) -> AzureEntitlement:
    """One of them. Raises EntitlementUnknown."""
    found = uow.db.get(AzureEntitlement, entitlement_id)
    if found is None or found.subscription_id != subscription.id:
        raise EntitlementUnknown(entitlement_id)
    return found


def addons_of(uow: UnitOfWork, subscription: Subscription) -> list[Subscription]:
    """The customer's add-ons that go with this subscription's product, the oldest first."""
    statement = select(Subscription).where(
        Subscription.commerce_id == subscription.commerce_id, Subscription.is_addon.is_(True)
    )
    found = uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)).all()
    bases = catalogue.prerequisites(uow, {(row.product_id, row.sku_id) for row in found})
    return [row for row in found if subscription.item_id.sku in bases.get(row.item_id.sku, frozenset())]


# --- licences


def seats_of(uow: UnitOfWork, customer_id: UUID) -> dict[UUID, list[Subscription]]:
    """The subscriptions that give licences, by the directory's product id, whichever partner sold them."""
    statement = select(Subscription).where(
        Subscription.customer_id == customer_id, Subscription.provisioning_id.is_not(None)
    )
    found: dict[UUID, list[Subscription]] = {}
    for row in uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)):
        if row.provisioning_id is not None:
            found.setdefault(row.provisioning_id, []).append(row)
    return found


def consumed(uow: UnitOfWork, customer_id: UUID) -> dict[UUID, int]:
    """How many users hold a licence of each product."""
    statement = (
        select(LicenseAssignment.provisioning_id, func.count())
        .where(LicenseAssignment.customer_id == customer_id)
        .group_by(LicenseAssignment.provisioning_id)
    )
    return {product: count for product, count in uow.db.execute(statement)}  # noqa: C416 - dict() knows no rows


def assigned(uow: UnitOfWork, customer_id: UUID) -> list[Row[tuple[UUID, UUID]]]:
    """Who holds what at a customer: user and product."""
    statement = select(LicenseAssignment.user_id, LicenseAssignment.provisioning_id)
    return list(uow.db.execute(statement.where(LicenseAssignment.customer_id == customer_id)))


def holders_of(uow: UnitOfWork, customer_id: UUID, product: UUID) -> Sequence[LicenseAssignment]:
    """The licences of one product at a customer, by user."""
    statement = select(LicenseAssignment).where(
        LicenseAssignment.customer_id == customer_id, LicenseAssignment.provisioning_id == product
    )
    return uow.db.scalars(statement.order_by(LicenseAssignment.user_id)).all()


def licenses_of(uow: UnitOfWork, customer_id: UUID, user_id: UUID) -> Sequence[LicenseAssignment]:
    """What one user holds, by product id."""
    statement = select(LicenseAssignment).where(
        LicenseAssignment.customer_id == customer_id, LicenseAssignment.user_id == user_id
    )
    return uow.db.scalars(statement.order_by(LicenseAssignment.provisioning_id)).all()
