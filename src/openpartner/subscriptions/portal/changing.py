"""Changes that are filled in, shown with what they cost, and then confirmed: seats, term, next term, name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Duration, Plan, ProductKind
from openpartner.customers import queries as customers
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import RoleNeeded
from openpartner.platform.errors import DomainError, Invalid, NotFound
from openpartner.platform.money import Money
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries as relationships
from openpartner.subscriptions import queries, rules, service
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.portal import words
from openpartner.subscriptions.rules import NextTerm
from openpartner.subscriptions.service import Preview, SubscriptionChange


class SeatsForm(msgspec.Struct, kw_only=True):
    """How many seats."""

    quantity: Annotated[int, Meta(title="Seats", ge=1)]


class TermForm(msgspec.Struct, kw_only=True):
    """Which plan: ``P1Y|monthly``."""

    plan: Annotated[str, Meta(title="Plan", pattern=r"^P\w+\|\w+$", description="Choose a plan.")]


class NextForm(msgspec.Struct, kw_only=True):
    """What the next term is for: item, term and cycle in one choice; seats; perhaps an end date."""

    item: Annotated[str, Meta(title="Product and plan", pattern=r"^[^|]+\|P\w+\|\w+$", description="Choose a plan.")]
    quantity: Annotated[int, Meta(title="Seats", ge=1)]
    ends_on: date | None = None


class NameForm(msgspec.Struct, kw_only=True):
    """What it is called, and whose it is on record."""

    friendly_name: Annotated[str, Meta(title="Name", max_length=256)]
    mpn_id: Annotated[str, Meta(title="Reseller", max_length=12)] = ""


AnyForm = SeatsForm | TermForm | NextForm | NameForm
Rows = list[tuple[str, object]]


@dataclass(frozen=True)
class Kind:
    """One kind of change. form: what is filled in. read: what it means. first: how it is filled at first.

    choices: for its select. effect: the lines of the preview beside the money.
    """

    key: str
    button: str
    icon: str
    title: str
    lead: str
    form: type[Any]
    fits: Callable[[Subscription], bool]
    read: Callable[[Any], SubscriptionChange]
    first: Callable[[Subscription], dict[str, object]]
    choices: Callable[[UnitOfWork, Subscription], Sequence[Choice]]
    effect: Callable[[UnitOfWork, Subscription, Preview, SubscriptionChange], Rows]
    done: str
    previews: bool = True


def _nothing(_uow: UnitOfWork, _subscription: Subscription) -> Sequence[Choice]:
    return ()


# --- seats


def _has_seats(subscription: Subscription) -> bool:
    return subscription.kind in {ProductKind.LICENSE, ProductKind.SAAS} and not subscription.is_trial


def _money_row(preview: Preview) -> tuple[str, object]:
    if preview.net.minor < 0:
        return ("You get back", -preview.net)
    return ("Charged now", preview.net)


def _seats_effect(_uow: UnitOfWork, row: Subscription, preview: Preview, _wanted: SubscriptionChange) -> Rows:
    found: Rows = [
        ("Seats now", row.quantity),
        ("Seats then", preview.quantity),
        _money_row(preview),
        ("Charged until", preview.cycle_ends_on),
    ]
    if row.scheduled is not None:
        found.append(("Plan for renewal", "Dropped"))
    return found


# --- term


def _has_term(subscription: Subscription) -> bool:
    return subscription.kind is ProductKind.LICENSE and not subscription.is_trial


def _plan_of(text: str) -> Plan:
    duration, _, cycle = text.partition("|")
    try:
        return Plan(Duration.parse(duration), BillingCycle(cycle))
    except ValueError as error:
        raise Invalid("Choose one of the plans offered.") from error


def _plan_key(plan: Plan) -> str:
    return f"{plan.duration_text}|{plan.billing_cycle.value}"


def _term_choices(uow: UnitOfWork, row: Subscription) -> Sequence[Choice]:
    """The plans that the rules let it change to in mid-term."""
    offered = catalogue.offered_by_sku(uow, row.product_id, row.sku_id, row.market, row.segment)
    if offered is None:
        return ()
    found = []
    for plan in offered.plans:
        if plan.duration is None:
            continue
        try:
            effect = rules.change_term(row.holding, plan.duration, plan.billing_cycle, offered.item.sold(), uow.now)
        except DomainError:
            continue
        if effect is not rules.ChangeTakesEffect.NEVER:
            found.append(Choice(_plan_key(plan), words.plan_words(plan)))
    return found


def _read_term(form: TermForm) -> SubscriptionChange:
    plan = _plan_of(form.plan)
    return SubscriptionChange(duration=plan.duration, billing_cycle=plan.billing_cycle)


def _term_effect(_uow: UnitOfWork, row: Subscription, preview: Preview, _wanted: SubscriptionChange) -> Rows:
    if preview.next_charge_cycle and preview.next_charge_cycle != row.next_charge_cycle:
        return [("Takes effect", "With the next charge"), ("Last day of the term", preview.term_ends_on)]
    return [
        ("Takes effect", "At once, with a new term"),
        _money_row(preview),
        ("Last day now", row.term_ends_on),
        ("Last day then", preview.term_ends_on),
    ]


# --- next term


def _can_plan(subscription: Subscription) -> bool:
    return subscription.kind is ProductKind.LICENSE and subscription.auto_renew_enabled


def _next_choices(uow: UnitOfWork, row: Subscription) -> Sequence[Choice]:
    """Every plan of the product itself, of what it can be upgraded to, and of what a trial becomes."""
    present = "" if row.is_trial else row.item_id.sku
    skus = [present, row.converts_to[: len(row.item_id.sku)]]
    skus += catalogue.upgrade_targets(uow, row.product_id, row.sku_id)
    found = []
    for sku in dict.fromkeys(key for key in skus if key):
        product_id, _, sku_id = sku.partition(":")
        offered = catalogue.offered_by_sku(uow, product_id, sku_id, row.market, row.segment)
        if offered is not None:
            item = offered.item
            plans = [plan for plan in offered.plans if plan.duration is not None]
            found += [
                Choice(f"{item.id}|{_plan_key(plan)}", f"{item.title}: {words.plan_words(plan)}") for plan in plans
            ]
    return found


def _read_next(form: NextForm) -> SubscriptionChange:
    item, _, rest = form.item.partition("|")
    plan = _plan_of(rest)
    if plan.duration is None:
        raise Invalid("Choose one of the plans offered.")
    planned = NextTerm(
        str(CatalogItemId.parse(item)), plan.duration, plan.billing_cycle, form.quantity, "", form.ends_on
    )
    return SubscriptionChange(scheduled=planned, replaces_plans=True)


def _first_next(row: Subscription) -> dict[str, object]:
    planned = row.scheduled
    if planned is not None:
        plan = Plan(planned.duration, planned.billing_cycle)
        return {
            "item": f"{planned.catalog_item_id}|{_plan_key(plan)}",
            "quantity": planned.quantity,
            "ends_on": planned.custom_term_end_on,
        }
    plan = Plan(row.term_duration, row.billing_cycle)
    return {"item": f"{row.item_id}|{_plan_key(plan)}", "quantity": row.quantity}


def _next_effect(uow: UnitOfWork, row: Subscription, _preview: Preview, wanted: SubscriptionChange) -> Rows:
    planned = wanted.scheduled
    found: Rows = [("Renews after", row.term_ends_on), ("Charged now", Money.zero(row.currency))]
    if planned is None:
        return found
    found.append(("Next term", words.next_words(planned)))
    item = CatalogItemId.parse(planned.catalog_item_id)
    offered = catalogue.offered_by_sku(uow, item.product_id, item.sku_id, row.market, row.segment)
    if offered is not None:
        plan = Plan(planned.duration, planned.billing_cycle)
        quote = catalogue.price_of(uow, offered.item, plan, uow.now, planned.quantity)
        if quote is not None:
            each = rules.SeatPrice(quote.cycle_price, quote.currency).charge(planned.quantity, 1, 1)
            found.append(("A whole cycle at today's price", each))
    return found


# --- name


def _name_effect(_uow: UnitOfWork, _row: Subscription, _preview: Preview, _wanted: SubscriptionChange) -> Rows:
    return []


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "seats",
            "Change seats",
            "people_settings",
            "Change seats",
            "New seats are charged for the days left in the cycle. Seats of the last seven days can be given back.",
            SeatsForm,
            _has_seats,
            lambda form: SubscriptionChange(quantity=form.quantity),
            lambda row: {"quantity": row.quantity},
            _nothing,
            _seats_effect,
            "The seats are changed.",
        ),
        Kind(
            "term",
            "Change term",
            "calendar_clock",
            "Change term or billing",
            "A longer term starts right away. A different billing cycle starts with the next charge.",
            TermForm,
            _has_term,
            _read_term,
            lambda _row: {},
            _term_choices,
            _term_effect,
            "The plan is changed.",
        ),
        Kind(
            "next",
            "Plan renewal",
            "calendar_sync",
            "Plan the next term",
            "Product, plan and seats of the next term. Any change to the subscription before then drops this.",
            NextForm,
            _can_plan,
            _read_next,
            _first_next,
            _next_choices,
            _next_effect,
            "The next term is planned.",
        ),
        Kind(
            "edit",
            "Edit",
            "edit",
            "Edit subscription",
            "",
            NameForm,
            lambda _row: True,
            lambda form: SubscriptionChange(friendly_name=form.friendly_name, mpn_id=form.mpn_id),
            lambda row: {"friendly_name": row.friendly_name, "mpn_id": row.mpn_id},
            _nothing,
            _name_effect,
            "Saved.",
            previews=False,
        ),
    )
}


def _render(
    page: Page, uow: UnitOfWork, found: Subscription, kind: Kind, form: Form[Any], *, effect: Rows | None = None
) -> Response[str]:
    root = f"/customers/{found.customer_id}/subscriptions"
    path = f"{root}/{found.id}"
    return page.render(
        uow,
        "subscriptions/change.html",
        status=422 if form.errors else 200,
        subscription=found,
        kind=kind,
        f=form,
        effect=effect,
        choices=kind.choices(uow, found),
        has_resellers=relationships.csp_kind(uow, found.partner_id) is PartnerKind.INDIRECT_PROVIDER,
        path=path,
        crumbs=[
            Crumb("Home", "/"),
            Crumb("Customers", "/customers"),
            Crumb(customers.customer_of_commerce_id(uow, found.commerce_id).company_name, root.rpartition("/")[0]),
            Crumb("Subscriptions", root),
            Crumb(found.friendly_name, path),
            Crumb(kind.title),
        ],
    )


def _handlers(kind: Kind) -> list[Any]:
    path = f"/customers/{{customer_id:uuid}}/subscriptions/{{subscription_id:uuid}}/{kind.key}"

    @get(path, include_in_schema=False, sync_to_thread=True, name=f"subscription-{kind.key}")
    def show(
        customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
    ) -> Response[str]:
        with page.begin.read() as uow:
            uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
            found = queries.one_subscription(uow, customer_id, subscription_id)
            return _render(page, uow, found, kind, blank_form(kind.first(found)))

    @post(path, include_in_schema=False, sync_to_thread=True, name=f"subscription-{kind.key}-post")
    def decide(
        customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
    ) -> Response[Any]:
        """Without ``confirmed`` the effect is shown; with it, it happens."""
        form = page.bind(kind.form)
        preview: Preview | None = None
        if form.is_valid:
            try:
                wanted = kind.read(form.value)
                if page.form.flag("confirmed") or not kind.previews:
                    with page.begin() as uow:
                        service.update_subscription(uow, customer_id, subscription_id, wanted)
                    back = f"/customers/{customer_id}/subscriptions/{subscription_id}"
                    return page.redirect(back, note=kind.done)
                preview = service.preview_change(page.begin, customer_id, subscription_id, wanted)
            except (RoleNeeded, NotFound):
                raise
            except DomainError as refusal:
                form.refuse_because(refusal)
        with page.begin.read() as uow:
            found = queries.one_subscription(uow, customer_id, subscription_id)
            effect = None if preview is None else kind.effect(uow, found, preview, kind.read(form.value))
            return _render(page, uow, found, kind, form, effect=effect)

    return [show, decide]


ROUTES: list[Any] = [handler for kind in KINDS.values() for handler in _handlers(kind)]
