"""What waits about customers and their subscriptions, for the home page and the action center."""

from datetime import timedelta

from openpartner.customers import queries as customers
from openpartner.customers.queries import accounts as customer_accounts
from openpartner.customers.rules import Review
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import (
    CUSTOMER_AGREEMENT,
    CUSTOMERS,
    OPERATOR_CUSTOMERS,
    SUBSCRIPTIONS_MANAGE,
)
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.waiting import ActionItem, Figure, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions

SOON = timedelta(days=30)
NAMED = 5
"""How many customers are named one by one; the rest stay in the list behind."""


def customer_actions(uow: UnitOfWork) -> list[ActionItem]:
    """Customers that cannot buy: refused in the review, or without an agreement. Source: portal-workspaces §1."""
    if uow.actor.tenant_kind is TenantKind.OPERATOR:
        return _vetting(uow)
    if uow.actor.tenant_kind is not TenantKind.PARTNER or not uow.actor.may(CUSTOMERS.read):
        return []
    return [*_refused(uow), *_without_agreement(uow)]


def _vetting(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(OPERATOR_CUSTOMERS.write):
        return []
    reviews, qualifications = customers.customers_under_review(uow), customers.qualifications_in_review(uow)
    waiting = len(reviews) + len(qualifications)
    if not waiting:
        return []
    title = f"{waiting} customer {plural_form(waiting, 'review')} to decide"
    text = "New and changed customers buy nothing more until somebody has looked at them."
    return [ActionItem(title, text, "Customer vetting", Urgency.MANDATORY, "/operator/customers", "Review")]


def _refused(uow: UnitOfWork) -> list[ActionItem]:
    found = customers.page_of_customers(uow, customers.Criteria(review=Review.NOT_ALLOWED), NAMED)
    return [
        ActionItem(
            f"{row.company_name} was not verified",
            "Correct the company's data or hand in documents; until then it can buy nothing more.",
            "Customers",
            Urgency.MANDATORY,
            f"/customers/{row.tenant_id}/edit",
            "Correct",
        )
        for row in found.rows
    ]


def _without_agreement(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(CUSTOMER_AGREEMENT.write):
        return []
    return [
        ActionItem(
            f"{row.company_name} has not accepted the customer agreement",
            "Record the acceptance before the next order; without it nothing can be bought.",
            "Customers",
            Urgency.MANDATORY,
            f"/customers/{row.tenant_id}/agreement",
            "Record it",
        )
        for row in customer_accounts.customers_without_agreement(uow, limit=NAMED)
    ]


def renewals(uow: UnitOfWork) -> list[ActionItem]:
    """Terms that end soon without renewing: what the customer uses would stop."""
    if not _sees_subscriptions(uow):
        return []
    today = uow.now.date()
    ending = subscriptions.ending_between(uow, today, (uow.now + SOON).date())
    stopping = [row for row in ending if not row.auto_renew_enabled]
    if not stopping:
        return []
    title = f"{len(stopping)} {plural_form(len(stopping), 'subscription')} will end within 30 days"
    names = ", ".join(dict.fromkeys(row.company_name for row in stopping[:NAMED]))
    text = f"Automatic renewal is off. The first: {names}."
    return [ActionItem(title, text, "Orders & subscriptions", Urgency.RECOMMENDED, "/subscriptions", "Show them")]


def _sees_subscriptions(uow: UnitOfWork) -> bool:
    return uow.actor.tenant_kind is TenantKind.PARTNER and uow.actor.may(SUBSCRIPTIONS_MANAGE.read)


def figures(uow: UnitOfWork) -> list[Figure]:
    """How many customers there are, and how many terms end soon."""
    if uow.actor.tenant_kind is not TenantKind.PARTNER:
        return []
    found: list[Figure] = []
    if uow.actor.may(CUSTOMERS.read):
        found.append(Figure("Customers", customer_accounts.count_customers(uow), "/customers"))
    if _sees_subscriptions(uow):
        today = uow.now.date()
        ending = subscriptions.ending_between(uow, today, (uow.now + SOON).date())
        renewing = sum(row.auto_renew_enabled for row in ending)
        note = f"{renewing} {plural_form(renewing, 'renews', 'renew')} automatically"
        found.append(Figure("Terms ending in 30 days", len(ending), "/subscriptions", note))
    return found
