"""The way to an order: the catalogue as one customer may buy from it, the cart, the review, and the confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.catalogue.rules import CYCLE_WORDS, SEGMENT_WORDS, BillingCycle, Plan, ProductKind, Segment
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.orders import queries, service
from openpartner.orders.models import Cart
from openpartner.orders.portal import words
from openpartner.orders.portal.lists import order_path
from openpartner.orders.rules import RESELLER, Checked, LineRequest, Participant
from openpartner.orders.service import AssessedLine, Assessment, PricedPlan, ShelfItem, Wanted
from openpartner.partner import queries as partners
from openpartner.partner.rules import PartnerKind, Program
from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import ORDERS_PLACE
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import DEFAULT_LOCALE, date_words, locale_of, money_words, rate_text
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.rules import AlignmentType, Status, allowed_custom_term_end_dates

AnyRequest = Request[Any, Any, Any]
SHELF_SIZE = 20
STEPS = ("Choose products", "Cart", "Review", "Confirmation")


def _base(customer_id: UUID) -> str:
    return f"/customers/{customer_id}"


def _crumbs(customer: Customer, *more: Crumb) -> list[Crumb]:
    path = _base(customer.tenant_id)
    return [
        Crumb("Home", "/"),
        Crumb("Customers", "/customers"),
        Crumb(customer.company_name, path),
        Crumb("Orders", f"{path}/orders"),
        *more,
    ]


def _buyer(uow: UnitOfWork, customer_id: UUID) -> Customer:
    uow.actor.require(ORDERS_PLACE.write)
    return customers.one_customer(uow, customer_id)


@dataclass(frozen=True)
class ConditionRow:
    """One condition of a purchase as a page shows it. text: why it does not hold; empty when it does."""

    title: str
    text: str
    action: Action | None


def _conditions(customer_id: UUID, checked: Sequence[Checked]) -> list[ConditionRow]:
    rows = []
    for row in checked:
        page = words.CONDITION_PAGES.get(row.condition)
        action = None
        if row.unmet is not None and page is not None:
            action = Action(page[0], href=page[1].format(customer=_base(customer_id)))
        rows.append(ConditionRow(words.CONDITION_WORDS[row.condition], row.unmet.message if row.unmet else "", action))
    return rows


# --- the catalogue


@dataclass(frozen=True)
class ShelfRow:
    """An item of the catalogue with its plans as a form offers them. nth: its place on the page, for ids."""

    item: ShelfItem
    nth: int
    choices: list[Choice]

    @property
    def tags(self) -> list[str]:
        """What one should know of it at a glance."""
        sku, segment = self.item.offered.sku, self.item.offered.availability.segment
        named = ["Trial"] if sku.is_trial else []
        named += ["Add-on"] if sku.is_addon else []
        return named + ([SEGMENT_WORDS[segment]] if segment is not Segment.COMMERCIAL else [])


def _choice(each: PricedPlan, locale: str = DEFAULT_LOCALE) -> Choice:
    price = rate_text(each.cycle_price, each.currency, locale_of(locale))
    text = f"{words.plan_words(each.plan)}: {price} {words.per_cycle(each.plan.billing_cycle)}"
    return Choice(words.plan_key(each.plan), text.strip())


def _filters(segments: Sequence[Segment]) -> tuple[Filter, ...]:
    return (
        Filter("term", "Term", (Choice("1", "1 month"), Choice("12", "1 year"), Choice("36", "3 years"))),
        Filter("billing", "Billing", tuple(Choice(c.value, text) for c, text in CYCLE_WORDS.items())),
        Filter("segment", "Segment", tuple(Choice(s.value, SEGMENT_WORDS[s]) for s in segments)),
        Filter(
            "kind", "Kind", (Choice("paid", "Paid products"), Choice("addon", "Add-ons"), Choice("trial", "Trials"))
        ),
    )


_SHELF_COLUMNS: tuple[Column[ShelfItem], ...] = (
    Column("product", "Product", lambda item: item.offered.sku.title),
    Column("id", "Catalogue item", lambda item: str(item.offered.item.id)),
    Column("publisher", "Publisher", lambda item: item.offered.product.publisher_name),
    Column("segment", "Segment", lambda item: SEGMENT_WORDS[item.offered.availability.segment]),
    Column("plans", "Plans and prices", lambda item: "; ".join(_choice(each).label for each in item.plans)),
)


def _wanted(family: words.Family, search: str, filters: "dict[str, str]") -> Wanted:
    kind = filters.get("kind")
    return Wanted(
        kinds=family.kinds,
        text=search,
        months=int(filters["term"]) if "term" in filters else None,
        billing_cycle=BillingCycle(filters["billing"]) if "billing" in filters else None,
        segment=Segment(filters["segment"]) if "segment" in filters else None,
        is_trial={"trial": True, "paid": False}.get(kind or ""),
        is_addon=True if kind == "addon" else None,
    )


def _catalogue(page: Page, request: AnyRequest, customer_id: UUID, key: str) -> Response[Any]:
    family = words.family(key)
    path = f"{_base(customer_id)}/orders/new" + ("" if family is words.FAMILIES[0] else f"/{family.key}")
    filters = _filters(tuple(Segment))
    asked = read_list_request(path, request.query_params.multi_items(), columns=_SHELF_COLUMNS, filters=filters)
    with page.begin.read() as uow:
        customer = _buyer(uow, customer_id)
        items = service.shelf(uow, customer_id, _wanted(family, asked.search, dict(asked.filters)))
        if asked.export:
            chunks = export_chunks(asked.export, _SHELF_COLUMNS, items, title="Catalogue", created_at=uow.now)
            return Stream(list(chunks), headers=export_headers(asked.export, "Catalogue", uow.now))
        start = _offset(asked.after or asked.before)
        shown = items[start : start + SHELF_SIZE]
        cart = queries.open_cart(uow, customer)
        table = Table(
            "catalogue",
            "Catalogue",
            _SHELF_COLUMNS[:1],
            shown,
            asked,
            Empty(
                "Nothing is sold here",
                f"The catalogue has no {family.title.lower()} for this customer's country and segments.",
                icon="box",
            ),
            total=len(items),
            search_label="Search by product",
            filters=filters,
            next_key=str(start + SHELF_SIZE) if start + SHELF_SIZE < len(items) else "",
            previous_key=str(max(start - SHELF_SIZE, 0)) if start > 0 else "",
        )
        rows = [
            ShelfRow(item, nth, [_choice(each, uow.actor.locale) for each in item.plans])
            for nth, item in enumerate(shown)
        ]
        unmet = [row for row in _conditions(customer_id, service.conditions(uow, customer)) if row.text]
        return page.render(
            uow,
            "orders/catalogue.html",
            customer=customer,
            table_=table,
            rows=rows,
            family=family,
            families=[
                (each.title, f"{_base(customer_id)}/orders/new" + (f"/{each.key}" if n else ""), each is family)
                for n, each in enumerate(words.FAMILIES)
            ],
            unmet=unmet,
            steps=STEPS,
            cart_action=_cart_action(customer_id, cart),
            add_path=f"{_base(customer_id)}/cart/lines",
            crumbs=_crumbs(customer, Crumb("New order")),
        )


def _offset(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _cart_action(customer_id: UUID, cart: Cart | None) -> Action:
    count = len(cart.lines) if cart is not None else 0
    return Action(f"Cart ({count})", href=f"{_base(customer_id)}/cart", icon="cart", primary=bool(count))


@get("/customers/{customer_id:uuid}/orders/new", include_in_schema=False, sync_to_thread=True)
def catalogue(customer_id: FromPath[UUID], page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """Online services that this customer may be sold."""
    return _catalogue(page, request, customer_id, words.FAMILIES[0].key)


@get("/customers/{customer_id:uuid}/orders/new/{key:str}", include_in_schema=False, sync_to_thread=True)
def catalogue_of_family(
    customer_id: FromPath[UUID], key: FromPath[str], page: NamedDependency[Page], request: AnyRequest
) -> Response[Any]:
    """Another family of products."""
    return _catalogue(page, request, customer_id, key)


@post("/customers/{customer_id:uuid}/cart/lines", include_in_schema=False, sync_to_thread=True)
def add_line(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Put an item into the cart."""
    form = page.form
    duration, cycle = words.plan_of(form.get("plan"))
    request = LineRequest(
        catalog_item_id=form.get("item"), quantity=_count(form.get("quantity")), billing_cycle=cycle, duration=duration
    )
    with page.begin() as uow:
        shown = service.add_to_cart(uow, customer_id, request)
        added = shown.assessment.lines[-1].title if shown.assessment is not None else ""
    return page.redirect(f"{_base(customer_id)}/cart", note=f"{added} is in the cart.")


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("Give the quantity as a whole number.")
    return int(text)


# --- the cart


@dataclass(frozen=True)
class CartRow:
    """A line of the cart with what can be chosen for it."""

    line: AssessedLine
    plans: list[Choice]
    chosen: str
    end_dates: list[Choice]
    variables: list[tuple[str, str]]
    takes_quantity: bool
    needs_attestation: bool
    reseller: str

    @property
    def number(self) -> int:
        """Its place in the cart."""
        return self.line.number

    @property
    def plan_text(self) -> str:
        """Term and billing in words."""
        return words.plan_words(self.line.plan) if self.line.plan is not None else "No such plan"

    @property
    def end_on(self) -> str:
        """The end date chosen, as the form sends it."""
        on = self.line.request.custom_term_end_on
        return on.isoformat() if on is not None else ""


def _end_dates(uow: UnitOfWork, customer: Customer, plan: Plan | None, line: AssessedLine) -> list[Choice]:
    offered = line.offered
    if plan is None or plan.duration is None or offered is None:
        return []
    if offered.product.kind is not ProductKind.LICENSE or offered.sku.is_trial:
        return []
    targets = subscriptions.coterm_targets(uow, customer.commerce_id)
    found: dict[date, str] = {}
    for each in allowed_custom_term_end_dates(uow.now.astimezone(UTC).date(), plan.duration, targets):
        text = date_words(each.on, uow.actor.locale)
        if each.type is AlignmentType.SUBSCRIPTION:
            text += ", with another subscription"
        found[each.on] = text
    return [Choice(on.isoformat(), text) for on, text in sorted(found.items())]


def _cart_rows(uow: UnitOfWork, customer: Customer, assessment: Assessment) -> list[CartRow]:
    offered = {str(line.offered.item.id): line.offered for line in assessment.lines if line.offered is not None}
    plans = service.plans_of_items(uow, list(offered.values()))
    rows = []
    for line in assessment.lines:
        sold = plans.get(str(line.offered.item.id), ()) if line.offered is not None else ()
        variables = line.offered.sku.provisioning_variables if line.offered is not None else []
        context = {key.lower(): value for key, value in line.request.provisioning_context.items()}
        rows.append(
            CartRow(
                line=line,
                plans=[_choice(each, uow.actor.locale) for each in sold],
                chosen=words.plan_key(line.plan) if line.plan is not None else "",
                end_dates=_end_dates(uow, customer, line.plan, line),
                variables=[(name, context.get(name.lower(), "")) for name in variables],
                takes_quantity=line.offered is None or not line.offered.sku.is_trial,
                needs_attestation=line.offered is not None and line.offered.sku.enforces_attestation,
                reseller=next((each.mpn_id for each in line.request.participants if each.role == RESELLER), ""),
            )
        )
    return rows


def _azure_plans(uow: UnitOfWork, customer: Customer) -> list[Choice]:
    return [
        Choice(str(row.id), f"{row.friendly_name}, since {date_words(row.created_at.date(), uow.actor.locale)}")
        for row in subscriptions.azure_plans(uow, customer.commerce_id)
        if row.status is Status.ACTIVE
    ]


def _is_provider(uow: UnitOfWork, customer: Customer) -> bool:
    enrolment = partners.enrolment(uow, customer.partner_id, Program.CSP)
    return enrolment is not None and enrolment.kind is PartnerKind.INDIRECT_PROVIDER


@get("/customers/{customer_id:uuid}/cart", include_in_schema=False, sync_to_thread=True)
def cart_page(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """What is in the cart, with quantities, plans and end dates to change."""
    with page.begin.read() as uow:
        customer = _buyer(uow, customer_id)
        cart = queries.open_cart(uow, customer)
        assessment = service.assess(uow, customer, cart.lines if cart is not None else [])
        rows = _cart_rows(uow, customer, assessment)
        return page.render(
            uow,
            "orders/cart.html",
            customer=customer,
            cart=cart,
            rows=rows,
            totals=assessment.totals,
            unmet=[row for row in _conditions(customer_id, assessment.conditions) if row.text],
            is_provider=_is_provider(uow, customer),
            azure_plans=_azure_plans(uow, customer) if any(row.variables for row in rows) else [],
            steps=STEPS,
            base=_base(customer_id),
            per_cycle=words.per_cycle,
            crumbs=_crumbs(customer, Crumb("New order", f"{_base(customer_id)}/orders/new"), Crumb("Cart")),
        )


def _changed(form: Posted, number: int, line: LineRequest) -> LineRequest:
    """A line as the cart's form wants it."""
    if f"plan-{number}" not in form:
        return line
    duration, cycle = words.plan_of(form.get(f"plan-{number}"))
    end = form.get(f"end-{number}")
    context = {
        name.removeprefix(f"context-{number}-"): form.get(name)
        for name in form.pairs
        if name.startswith(f"context-{number}-") and form.get(name)
    }
    resellers = [each for each in line.participants if each.role != RESELLER]
    named = form.get(f"reseller-{number}")
    quantity = f"quantity-{number}"
    return msgspec.structs.replace(
        line,
        quantity=_count(form.get(quantity)) if quantity in form else line.quantity,
        friendly_name=form.get(f"name-{number}")[:256],
        billing_cycle=cycle,
        duration=duration,
        promotion_id=form.get(f"promotion-{number}"),
        custom_term_end_on=_date(end) if end else None,
        attestation_accepted=form.flag(f"attested-{number}"),
        provisioning_context=context or line.provisioning_context,
        participants=(*resellers, *([Participant(RESELLER, named)] if named else [])),
    )


def _date(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Invalid("Choose one of the end dates offered.") from None


@post("/customers/{customer_id:uuid}/cart", include_in_schema=False, sync_to_thread=True)
def change_cart(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Take over what was entered; ``remove`` names a line to leave out, ``then`` where to go on."""
    form, path = page.form, f"{_base(customer_id)}/cart"
    removed = form.get("remove")
    with page.begin() as uow:
        customer = _buyer(uow, customer_id)
        cart = queries.open_cart(uow, customer)
        if cart is None:
            raise Invalid("The cart is empty or was ordered. Choose a product first.")
        lines = [_changed(form, number, line) for number, line in enumerate(cart.lines) if str(number) != removed]
        if lines:
            service.replace_cart(uow, customer_id, cart.id, lines)
        else:
            service.empty_cart(uow, customer_id, cart.id)
    if not lines:
        return page.redirect(f"{_base(customer_id)}/orders/new", note="The cart is empty.")
    if form.get("then") == "review":
        return page.redirect(f"{path}/review")
    return page.redirect(path, note="The line is removed." if removed else "The cart is updated.")


# --- review and confirmation


@get("/customers/{customer_id:uuid}/cart/review", include_in_schema=False, sync_to_thread=True)
def review_page(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """What will be ordered, what it costs, and whether everything that must hold does."""
    with page.begin.read() as uow:
        customer = _buyer(uow, customer_id)
        cart = queries.open_cart(uow, customer)
        if cart is None:
            return page.redirect(f"{_base(customer_id)}/cart")
        assessment = service.assess(uow, customer, cart.lines)
        due = " and ".join(money_words(now, uow.actor.locale) for now, _ in assessment.totals) or "nothing"
        buy = Action(
            "Buy",
            post=f"{_base(customer_id)}/cart/checkout",
            icon="checkmark",
            primary=True,
            fields={"cart": str(cart.id)},
            refused="" if assessment.is_ready else "First resolve what is marked below.",
            confirm=Confirm(
                "Place this order?",
                f"{customer.company_name} gets the products at once. Your next invoice carries {due} before tax.",
                "Buy",
            ),
        )
        return page.render(
            uow,
            "orders/review.html",
            customer=customer,
            buy=buy,
            lines=[(line, words.plan_words(line.plan) if line.plan is not None else "") for line in assessment.lines],
            per_cycle=words.per_cycle,
            totals=assessment.totals,
            conditions=_conditions(customer_id, assessment.conditions),
            steps=STEPS,
            base=_base(customer_id),
            crumbs=_crumbs(customer, Crumb("Cart", f"{_base(customer_id)}/cart"), Crumb("Review")),
        )


@post("/customers/{customer_id:uuid}/cart/checkout", include_in_schema=False, sync_to_thread=True)
def buy(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Place the order. A second press on the same cart leads to the same confirmation."""
    try:
        cart_id = UUID(page.form.get("cart"))
    except ValueError:
        raise Invalid("Open the cart and review it before buying.") from None
    with page.begin() as uow:
        service.checkout_cart(uow, customer_id, cart_id)
    return page.redirect(f"{_base(customer_id)}/cart/{cart_id}/placed")


@get("/customers/{customer_id:uuid}/cart/{cart_id:uuid}/placed", include_in_schema=False, sync_to_thread=True)
def confirmation(customer_id: FromPath[UUID], cart_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """The order numbers and the subscriptions that the cart became."""
    with page.begin.read() as uow:
        customer = _buyer(uow, customer_id)
        cart = queries.one_cart(uow, customer, cart_id)
        orders = queries.orders_by_id(uow, customer, cart.order_ids)
        if not orders:
            raise queries.CartUnknown(cart_id)
        return page.render(
            uow,
            "orders/placed.html",
            customer=customer,
            orders=orders,
            order_path=order_path,
            status_badge=words.status_badge,
            term_words=words.term_words,
            steps=STEPS,
            base=_base(customer_id),
            crumbs=_crumbs(customer, Crumb("Confirmation")),
        )


ROUTES: list[Any] = [
    catalogue,
    catalogue_of_family,
    add_line,
    cart_page,
    change_cart,
    review_page,
    buy,
    confirmation,
]
