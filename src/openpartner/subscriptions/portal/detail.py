"""One subscription: facts, seats, what comes next, what happened; and what is done at the press of a button."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.catalogue.rules import CYCLE_WORDS, BillingCycle, Plan, ProductKind
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.partner import queries as partners
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.formats import date_words, money_words, plural_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Badge, Confirm, Link
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries, rules, service
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.portal import changing, words
from openpartner.subscriptions.rules import BILLED, Status
from openpartner.subscriptions.rules.states import Action as Step
from openpartner.subscriptions.service import SubscriptionChange
from openpartner.subscriptions.service.changes import cancellation_credit

ONE = "/customers/{customer_id:uuid}/subscriptions/{subscription_id:uuid}"


def sees_prices(uow: UnitOfWork, subscription: Subscription) -> bool:
    """What the partner pays is its own business, and the operator's."""
    return uow.actor.tenant_kind is TenantKind.OPERATOR or uow.actor.tenant_id == subscription.partner_id


def may_change(uow: UnitOfWork, subscription: Subscription) -> bool:
    """Whether to offer changes at all."""
    return uow.actor.may(SUBSCRIPTIONS_MANAGE.write) and uow.actor.tenant_id == subscription.partner_id


def _cancel(uow: UnitOfWork, subscription: Subscription, path: str) -> Action:
    """The button with what it gives back, or the reason why it cannot be pressed."""
    try:
        is_sandbox = uow.world.settings.sandbox_limits
        credit = cancellation_credit(uow, subscription, is_sandbox=is_sandbox)
    except DomainError as refusal:
        return Action("Cancel", post=f"{path}/cancel", icon="dismiss_circle", refused=refusal.message)
    text = (
        f"Users lose access at once and nothing can be restored. You get back {money_words(credit, uow.actor.locale)}."
    )
    return Action(
        "Cancel",
        post=f"{path}/cancel",
        icon="dismiss_circle",
        danger=True,
        confirm=Confirm(f"Cancel {subscription.friendly_name}?", text, "Cancel subscription", danger=True),
    )


def _steps(uow: UnitOfWork, subscription: Subscription, path: str) -> list[Action]:
    """Buttons for each transition that the partner may ask for: the rules' own table."""
    name = subscription.friendly_name
    made = {
        Step.SUSPEND: lambda: Action(
            "Suspend",
            post=f"{path}/suspend",
            icon="pause",
            confirm=Confirm(
                f"Suspend {name}?",
                "Users lose access at once and plans for its renewal are dropped. You are still charged.",
                "Suspend",
                danger=True,
            ),
        ),
        Step.REACTIVATE: lambda: Action("Reactivate", post=f"{path}/reactivate", icon="play", primary=True),
        Step.CANCEL: lambda: _cancel(uow, subscription, path),
    }
    return [made[step]() for step in rules.partner_actions(subscription.status)]


def _auto_renew(uow: UnitOfWork, subscription: Subscription, path: str) -> Action:
    ends_on = subscription.term_ends_on
    if subscription.auto_renew_enabled and ends_on is not None:
        return Action(
            "Turn off auto-renew",
            post=f"{path}/auto-renew",
            icon="calendar_sync",
            fields={"enabled": ""},
            confirm=Confirm(
                "Turn off automatic renewal?",
                f"It ends after {date_words(ends_on, uow.actor.locale)}, and plans for its renewal are dropped.",
                "Turn off",
            ),
        )
    return Action("Turn on auto-renew", post=f"{path}/auto-renew", icon="calendar_sync", fields={"enabled": "on"})


def actions_of(uow: UnitOfWork, subscription: Subscription, path: str) -> list[Action]:
    """Everything that can be done now, the most usual first."""
    if not may_change(uow, subscription):
        return []
    found: list[Action] = []
    if subscription.status is Status.ACTIVE:
        links = [(kind.button, kind.key, kind.icon) for kind in changing.KINDS.values() if kind.fits(subscription)]
        found += [Action(label, href=f"{path}/{key}", icon=icon) for label, key, icon in links]
        if subscription.is_renewable and subscription.term_ends_on is not None:
            found.append(_auto_renew(uow, subscription, path))
    return [*found, *_steps(uow, subscription, path)]


def _facts(uow: UnitOfWork, subscription: Subscription) -> list[tuple[str, object]]:
    row = subscription
    order = Link(row.order_id, f"/customers/{row.customer_id}/orders/{row.order_id}")
    facts: list[tuple[str, object]] = [
        ("Product", row.offer_name),
        ("Family", words.KIND_WORDS[row.kind]),
        ("Publisher", row.publisher_name),
        ("Plan", words.plan_words(Plan(row.term_duration, row.billing_cycle))),
        ("Bought", row.created_at),
        ("Term began", row.term_starts_at),
        ("Last day of the term", row.term_ends_on),
        ("Order", order),
    ]
    if uow.actor.tenant_kind is TenantKind.CUSTOMER:
        seller = partners.account_of(uow, row.partner_id)
        facts.insert(0, ("Bought through", seller.name if seller is not None else ""))
    if sees_prices(uow, subscription):
        facts.append(("Price per seat and cycle", Money.of(row.unit_price, row.currency)))
        if row.discount:
            facts.append(("Promotion", f"{row.promotion_id}, {row.discount * 100:f} % off".replace(".000000", "")))
        if row.status in BILLED:
            facts.append(("This cycle", row.charged))
            facts.append(("Cycle ends", row.cycle_ends_on))
    until = rules.cancellation_allowed_until(row.kind, row.term_duration, row.window_opened_at)
    if until is not None and row.status in BILLED:
        facts.append(("Can be cancelled until", until))
    if row.mpn_id:
        facts.append(("Reseller", row.mpn_id))
    if row.support_contact is not None:
        facts.append(("Support", row.support_contact.name))
    return facts


def _comes_next(subscription: Subscription, locale: str) -> str:  # noqa: PLR0911 - one return a state
    """What time will do to it, in a sentence."""
    row = subscription
    due = rules.due_at(row.status, row.term)
    if due is None:
        return "It has no end date." if row.status in BILLED else "Nothing more will happen."
    on = date_words((due - timedelta(days=1)).date(), locale)
    match row.status:
        case Status.ACTIVE if not row.auto_renew_enabled:
            return f"It expires after {on}. Users keep access for 30 more days."
        case Status.ACTIVE if row.scheduled is not None:
            return f"It renews after {on}: {words.next_words(row.scheduled)}."
        case Status.ACTIVE:
            return f"It renews after {on} as it is, at the price then in force."
        case Status.SUSPENDED:
            return f"It is disabled after {on} unless you reactivate it. Until then it is charged."
        case Status.EXPIRED:
            return f"It is disabled after {on}: users lose access, administrators keep the data."
        case Status.DISABLED:
            return f"It is deleted after {on}, with all its data."
        case _:
            return ""


def _crumbs(uow: UnitOfWork, customer: Customer, subscription: Subscription) -> list[Crumb]:
    home, last = Crumb("Home", "/"), Crumb(subscription.friendly_name)
    if uow.actor.tenant_kind is TenantKind.CUSTOMER:
        return [home, Crumb("Subscriptions", "/subscriptions"), last]
    root = f"/customers/{customer.tenant_id}"
    return [
        home,
        Crumb("Customers", "/customers"),
        Crumb(customer.company_name, root),
        Crumb("Subscriptions", f"{root}/subscriptions"),
        last,
    ]


@get(ONE, include_in_schema=False, sync_to_thread=True)
def one_subscription(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[str]:
    """A subscription."""
    with page.begin.read() as uow:
        found = queries.one_subscription(uow, customer_id, subscription_id)
        customer = customers.customer_of_commerce_id(uow, found.commerce_id)
        path = f"/customers/{customer_id}/subscriptions/{subscription_id}"
        shows_prices = sees_prices(uow, found)
        used = None
        if found.provisioning_id is not None:
            used = queries.consumed(uow, customer_id).get(found.provisioning_id, 0)
        history = queries.history_of(uow, found)
        planned = found.scheduled is not None and not found.is_trial and may_change(uow, found)
        return page.render(
            uow,
            "subscriptions/subscription.html",
            subscription=found,
            state=words.status_badge(found.status),
            customer=customer,
            crumbs=_crumbs(uow, customer, found),
            path=path,
            actions=actions_of(uow, found, path),
            facts=_facts(uow, found),
            used=used,
            blocks=rules.refundable_blocks(found.blocks, uow.now) if found.status is Status.ACTIVE else [],
            comes_next=_comes_next(found, uow.actor.locale),
            next_charge=found.next_charge_cycle
            and f"Billing changes with the next charge: {CYCLE_WORDS[BillingCycle(found.next_charge_cycle)]}.",
            drop_plan=Action("Drop the plan", post=f"{path}/next/drop", icon="dismiss") if planned else None,
            azure=[
                (row, Badge("Active", "success") if row.is_active else Badge("Cancelled", "neutral"))
                for row in queries.entitlements_of(uow, found)
            ]
            if found.kind is ProductKind.AZURE_PLAN
            else [],
            addons=queries.addons_of(uow, found),
            history=[words.happened(entry, uow.actor.locale, shows_prices=shows_prices) for entry in history],
        )


def _go(page: Page, customer_id: UUID, subscription_id: UUID, wanted: SubscriptionChange, note: str) -> Response[bytes]:
    with page.begin() as uow:
        service.update_subscription(uow, customer_id, subscription_id, wanted)
    return page.redirect(f"/customers/{customer_id}/subscriptions/{subscription_id}", note=note)


@post(f"{ONE}/suspend", include_in_schema=False, sync_to_thread=True)
def suspend(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Take access away; the charge goes on."""
    wanted = SubscriptionChange(status=Status.SUSPENDED)
    return _go(page, customer_id, subscription_id, wanted, "The subscription is suspended. It is still charged.")


@post(f"{ONE}/reactivate", include_in_schema=False, sync_to_thread=True)
def reactivate(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Give access back."""
    wanted = SubscriptionChange(status=Status.ACTIVE)
    return _go(page, customer_id, subscription_id, wanted, "The subscription is active again.")


@post(f"{ONE}/cancel", include_in_schema=False, sync_to_thread=True)
def cancel(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """End it for good, with what its window gives back."""
    wanted = SubscriptionChange(status=Status.DELETED)
    with page.begin() as uow:
        subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
        before = subscription.charged
        service.update_subscription(uow, customer_id, subscription_id, wanted)
        back = money_words(before - subscription.charged, uow.actor.locale)
    note = f"The subscription is cancelled. You get back {back}."
    return page.redirect(f"/customers/{customer_id}/subscriptions/{subscription_id}", note=note)


@post(f"{ONE}/auto-renew", include_in_schema=False, sync_to_thread=True)
def auto_renew(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Switch automatic renewal."""
    enabled = page.form.flag("enabled")
    note = "Automatic renewal is on." if enabled else "Automatic renewal is off: the term is the last one."
    return _go(page, customer_id, subscription_id, SubscriptionChange(auto_renew_enabled=enabled), note)


@post(f"{ONE}/next/drop", include_in_schema=False, sync_to_thread=True)
def drop_next_term(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Renew as it is instead of as planned."""
    wanted = SubscriptionChange(scheduled=None, replaces_plans=True)
    return _go(page, customer_id, subscription_id, wanted, "The plan is dropped. It renews as it is.")


# --- many at once


@post("/subscriptions/auto-renew", include_in_schema=False, sync_to_thread=True)
def auto_renew_many(page: NamedDependency[Page]) -> Response[bytes]:
    """Switch automatic renewal of the chosen ones, all or none."""
    enabled = page.form.flag("enabled")
    keys = [key.partition("/") for key in page.form.all("selected")]
    with page.begin() as uow:
        for customer, _, subscription in keys:
            wanted = SubscriptionChange(auto_renew_enabled=enabled)
            service.update_subscription(uow, UUID(customer), UUID(subscription), wanted)
    count = f"{len(keys)} {plural_form(len(keys), 'subscription')}"
    return page.redirect("/subscriptions", note=f"Automatic renewal is {'on' if enabled else 'off'} for {count}.")


ROUTES: list[Any] = [
    one_subscription,
    suspend,
    reactivate,
    cancel,
    auto_renew,
    drop_next_term,
    auto_renew_many,
    *changing.ROUTES,
]
