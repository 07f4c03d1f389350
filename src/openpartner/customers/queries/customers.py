"""Reads of customers, always from what the actor may see: its own, its resellers', or those it resells for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from openpartner.customers.models import (
    BillingProfile,
    Customer,
)
from openpartner.customers.rules import Relationship, RelationshipNeeded, Review
from openpartner.identity.models import TenantState
from openpartner.identity.queries import tenant_by_domain_or_id
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.errors import Forbidden, NotFound
from openpartner.platform.paging import KeyedPage, keyed_page
from openpartner.platform.search import query as search_query
from openpartner.platform.search.text import fold
from openpartner.platform.work import UnitOfWork

_LAST = "\U0010ffff"


class CustomerUnknown(NotFound):
    """No customer tenant has this id. Source: partner-center-conventions §12, 60003."""

    code = 60003

    def __init__(self, customer_id: object) -> None:
        super().__init__("The customer tenant", customer_id, customer_id=str(customer_id))


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which ``actor`` may see a row of ``Customer``, ended relationships included.

    A partner sees its own customers and, as a reseller, those it resells to; a customer sees itself; the operator all.
    """
    if actor.kind is ActorKind.SYSTEM or actor.tenant_kind is TenantKind.OPERATOR:
        return true()
    if actor.tenant_id is None:
        return false()
    if actor.tenant_kind is TenantKind.CUSTOMER:
        return Customer.tenant_id == actor.tenant_id
    return or_(Customer.partner_id == actor.tenant_id, Customer.reseller_id == actor.tenant_id)


def visible_to(actor: Actor) -> Select[Customer]:
    """The customers ``actor`` may see and act for: the relationship is not ended."""
    return select(Customer).where(is_visible(actor), Customer.relationship != Relationship.NONE)


def one_customer(uow: UnitOfWork, customer_id: UUID, *, lock: bool = False) -> Customer:
    """The actor's relationship with the customer tenant ``customer_id``.

    lock: hold the row until the unit ends; concurrent units of the same customer then wait for each other.
    Raises CustomerUnknown (404) when there is no such customer tenant, RelationshipNeeded (403) when it is another's.
    """
    statement = visible_to(uow.actor).where(Customer.tenant_id == customer_id)
    # A reseller may have the customer through two providers: the older relationship speaks.
    statement = statement.order_by(Customer.since_at, Customer.commerce_id).limit(1)
    if lock:
        statement = statement.with_for_update()
    found = uow.db.scalar(statement)
    if found is not None:
        return found
    tenant = tenant_by_domain_or_id(uow, str(customer_id))
    if tenant is None or tenant.kind is not TenantKind.CUSTOMER or tenant.state is TenantState.DELETED:
        raise CustomerUnknown(customer_id)
    raise RelationshipNeeded(uow.actor.tenant_id, customer_id)


class ProviderNeeded(Forbidden):
    """A reseller sees the customer, its provider changes it. Source: portal-workspaces §2.8."""

    def __init__(self, customer_id: object) -> None:
        super().__init__(
            "Indirect resellers read a customer's account; only the indirect provider changes it. Ask your provider.",
            customer_id=str(customer_id),
        )


def customer_to_change(uow: UnitOfWork, customer_id: UUID) -> Customer:
    """``one_customer``, held until the unit ends, for who transacts with it. Raises ProviderNeeded for its reseller."""
    customer = one_customer(uow, customer_id, lock=True)
    if uow.actor.tenant_kind is TenantKind.PARTNER and customer.partner_id != uow.actor.tenant_id:
        raise ProviderNeeded(customer_id)
    return customer


def customer_of_commerce_id(uow: UnitOfWork, commerce_id: UUID, *, lock: bool = False) -> Customer:
    """The relationship with this key, ended ones too, if the actor may see it. Raises CustomerUnknown."""
    statement = select(Customer).where(is_visible(uow.actor), Customer.commerce_id == commerce_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise CustomerUnknown(commerce_id)
    return found


def hold_tenant(uow: UnitOfWork, customer_id: UUID) -> None:
    """Hold every relationship of a customer tenant until the unit ends: who counts its seats does so one by one."""
    rows = select(Customer.commerce_id).where(Customer.tenant_id == customer_id).order_by(Customer.commerce_id)
    uow.db.execute(rows.with_for_update()).all()


def own_relationship(uow: UnitOfWork, commerce_id: UUID, *, lock: bool = False) -> Customer:
    """A present relationship of the actor's own tenant, a customer, to a partner. Raises CustomerUnknown."""
    found = customer_of_commerce_id(uow, commerce_id, lock=lock)
    if found.tenant_id != uow.actor.tenant or not found.is_active:
        raise CustomerUnknown(commerce_id)
    return found


def relationships_of(uow: UnitOfWork, customer_id: UUID) -> Sequence[Customer]:
    """Every active relationship of a customer tenant that the actor may see, the oldest first."""
    statement = visible_to(uow.actor).where(Customer.tenant_id == customer_id)
    return uow.db.scalars(statement.order_by(Customer.since_at, Customer.commerce_id)).all()


def billing_profile(uow: UnitOfWork, customer: Customer) -> BillingProfile:
    """The customer's billing profile; each has one."""
    return uow.db.get_one(BillingProfile, customer.commerce_id)


# --- lists


class Order(StrEnum):
    """What a list of customers is sorted by."""

    NAME = "name"
    DOMAIN = "domain"


class Criteria(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a list of customers shows and in which order. A continuation token carries it.

    name_prefix, domain_prefix: compared without case and accents. reseller_id: the indirect reseller.
    provider_id: the partner that transacts. review: ``none`` means that no review was asked for.
    """

    name_prefix: str = ""
    domain_prefix: str = ""
    reseller_id: UUID | None = None
    provider_id: UUID | None = None
    review: str = ""
    country: str = ""
    order: Order = Order.NAME
    descending: bool = False


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The key of a row in its list."""

    key: str
    commerce_id: UUID


@dataclass(frozen=True)
class CustomerRow:
    """One line of a list."""

    commerce_id: UUID
    tenant_id: UUID
    partner_id: UUID
    reseller_id: UUID | None
    relationship: Relationship
    company_name: str
    name_key: str
    domain: str
    country: str
    review: Review | None
    since_at: datetime

    def position(self, criteria: Criteria) -> Position:
        """Where the row stands in a list with these criteria."""
        return Position(self.name_key if criteria.order is Order.NAME else self.domain, self.commerce_id)


CustomerPage = KeyedPage[CustomerRow]


_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Customer.commerce_id,
    Customer.tenant_id,
    Customer.partner_id,
    Customer.reseller_id,
    Customer.relationship,
    Customer.company_name,
    Customer.name_key,
    Customer.domain,
    Customer.country,
    Customer.review,
    Customer.since_at,
)


def name_key(company_name: str) -> str:
    """What customers are ordered by: the name without case and accents."""
    return fold(company_name)[:256]


def _prefix(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    return and_(column >= prefix, column < prefix + _LAST)


def _conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.name_prefix:
        conditions.append(_prefix(Customer.name_key, name_key(criteria.name_prefix)))
    if criteria.domain_prefix:
        conditions.append(_prefix(Customer.domain, criteria.domain_prefix.lower()))
    if criteria.reseller_id is not None:
        conditions.append(Customer.reseller_id == criteria.reseller_id)
    if criteria.provider_id is not None:
        conditions.append(Customer.partner_id == criteria.provider_id)
    if criteria.country:
        conditions.append(Customer.country == criteria.country)
    if criteria.review:
        asked = None if criteria.review == "none" else Review(criteria.review)
        conditions.append(Customer.review == asked)
    return conditions


def _branches(actor: Actor) -> list[Select[Any]]:
    """One statement per index that leads to the actor's customers: each is read in order, so a page reads a page."""
    listed = select(*_COLUMNS).where(Customer.relationship != Relationship.NONE)
    if actor.tenant_kind is not TenantKind.PARTNER:
        return [listed.where(is_visible(actor))]
    twin = aliased(Customer)
    seen_already = exists().where(
        twin.tenant_id == Customer.tenant_id,
        twin.commerce_id != Customer.commerce_id,
        twin.relationship != Relationship.NONE,
        or_(
            twin.partner_id == actor.tenant_id,
            and_(twin.reseller_id == actor.tenant_id, twin.commerce_id < Customer.commerce_id),
        ),
    )
    return [
        listed.where(Customer.partner_id == actor.tenant_id),
        listed.where(Customer.reseller_id == actor.tenant_id, ~seen_already),
    ]


def _read(
    uow: UnitOfWork, criteria: Criteria, start: Position | None, size: int, *, backwards: bool, inclusive: bool = False
) -> list[CustomerRow]:
    """Up to ``size`` rows from ``start`` on, in the list's order or against it."""
    column = Customer.name_key if criteria.order is Order.NAME else Customer.domain
    falling = criteria.descending is not backwards
    conditions = _conditions(criteria)
    if start is not None:
        here, there = tuple_(column, Customer.commerce_id), tuple_(start.key, start.commerce_id)
        if inclusive:
            conditions.append(here <= there if falling else here >= there)
        else:
            conditions.append(here < there if falling else here > there)
    order = [column.desc(), Customer.commerce_id.desc()] if falling else [column, Customer.commerce_id]
    pages = [
        branch.where(*conditions).order_by(*order).limit(size).subquery().select() for branch in _branches(uow.actor)
    ]
    rows = [CustomerRow(*row) for row in uow.db.execute(union_all(*pages) if len(pages) > 1 else pages[0])]
    rows.sort(key=lambda row: msgspec.structs.astuple(row.position(criteria)), reverse=falling)
    return rows[:size]


def page_of_customers(
    uow: UnitOfWork, criteria: Criteria, size: int, *, after: Position | None = None, before: Position | None = None
) -> CustomerPage:
    """``size`` rows behind ``after``, or in front of ``before``, or from the beginning."""
    read = partial(_read, uow, criteria)
    return keyed_page(read, size, after, before, is_there=lambda at: bool(read(at, 1, backwards=False, inclusive=True)))


def last_page_of_customers(uow: UnitOfWork, criteria: Criteria, size: int) -> CustomerPage:
    """The last ``size`` rows."""
    rows = _read(uow, criteria, None, size + 1, backwards=True)
    return CustomerPage(rows[:size][::-1], has_before=len(rows) > size, has_after=False)


def reseller_ids(uow: UnitOfWork, limit: int = 500) -> list[UUID]:
    """The indirect resellers that any of the actor's own customers has; found by skipping along an index."""
    found: list[UUID] = []
    while len(found) < limit:
        own = select(Customer.reseller_id).where(
            Customer.partner_id == uow.actor.tenant, Customer.reseller_id.is_not(None)
        )
        if found:
            own = own.where(Customer.reseller_id > found[-1])
        following = uow.db.scalar(own.order_by(Customer.reseller_id).limit(1))
        if following is None:
            break
        found.append(following)
    return found


# --- search

SEARCH_KIND = "customer"
RESOLD_KIND = "resold-customer"
"""The same customer as its indirect reseller finds it: a search document has one owner."""


def search_customers(uow: UnitOfWork, text: str, *, limit: int = 20) -> list[CustomerRow]:
    """The actor's customers that ``text`` means, the likeliest first: words, beginnings, domains.

    Near misses are tried when nothing of the actor's, own or resold, is found as it was typed.
    """
    owner = uow.actor.tenant
    for fuzzy in (False, True):
        found: dict[UUID, None] = {}
        for kind in (SEARCH_KIND, RESOLD_KIND):
            found.update(dict.fromkeys(search_query(uow.db, kind, owner, text, limit=limit, fuzzy=fuzzy)))
        if found:
            return customers_of_ids(uow, list(found))[:limit]
    return []


def customers_of_ids(uow: UnitOfWork, commerce_ids: Sequence[UUID]) -> list[CustomerRow]:
    """The rows with these keys that the actor may see, in the given order."""
    if not commerce_ids:
        return []
    statement = select(*_COLUMNS).where(
        is_visible(uow.actor), Customer.relationship != Relationship.NONE, Customer.commerce_id.in_(commerce_ids)
    )
    rows = {row.commerce_id: CustomerRow(*row) for row in uow.db.execute(statement)}
    return [rows[key] for key in commerce_ids if key in rows]
