"""The home of a customer's admin center: what waits, who can act here, licences in use, where the agreement stands."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.partner import queries as partners
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import (
    CUSTOMER_AGREEMENT_ACCEPT,
    CUSTOMER_DIRECTORY,
    CUSTOMER_GDAP,
    CUSTOMER_SUBSCRIPTIONS,
    Role,
)
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.waiting import ActionItem, Figure, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.queries import granular, tracing
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions import seat_queries
from openpartner.subscriptions.rules import Status

SOON = timedelta(days=30)
NAMED = 6
ASKED = (Role.CUSTOMER_GLOBAL_ADMIN, Role.CUSTOMER_USER_ADMIN, Role.CUSTOMER_BILLING_ADMIN)
"""Whom a user without a role turns to."""


def _is_customer(uow: UnitOfWork) -> bool:
    return uow.actor.tenant_kind is TenantKind.CUSTOMER


def _seller(uow: UnitOfWork, held: Customer) -> str:
    account = partners.account_of(uow, held.partner_id)
    return account.name if account is not None else ""


# What waits


def actions(uow: UnitOfWork) -> list[ActionItem]:
    """What a customer's administrators have to see to."""
    if not _is_customer(uow):
        return []
    return [*_agreement(uow), *_second_factors(uow), *_seats(uow), *_ending(uow)]


def _agreement(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(CUSTOMER_AGREEMENT_ACCEPT.write):
        return []
    held = customers.relationships_of(uow, uow.actor.tenant)
    lacking = [_seller(uow, each) for each in held if not customers.has_agreement(uow, each)]
    if not lacking:
        return []
    title = "The customer agreement waits for you"
    text = f"Until it is accepted, nothing more can be bought through {', '.join(lacking)}."
    return [ActionItem(title, text, "Organization", Urgency.MANDATORY, "/organization/agreement", "Read and accept")]


def _second_factors(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(CUSTOMER_DIRECTORY.write):
        return []
    people = customers.administrators(uow, uow.actor.tenant)
    lacking = [each.user.display_name for each in people if each.user.account_enabled and not each.factors.any]
    if not lacking:
        return []
    title = f"{len(lacking)} {plural_form(len(lacking), 'administrator')} without a second factor"
    text = f"A stolen password would be enough to act as {', '.join(lacking[:NAMED])}."
    security = "/organization/security"
    return [ActionItem(title, text, "Sign-in and security", Urgency.RECOMMENDED, security, "Look at them")]


def _seats(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(CUSTOMER_DIRECTORY.write):
        return []
    over = [each for each in seat_queries.seats_of(uow, uow.actor.tenant) if each.used > each.total]
    return [
        ActionItem(
            f"More licences of {each.name} are assigned than you have seats",
            f"{each.used} users hold one of {each.total} seats. Free some, or ask your partner for more.",
            "Licences",
            Urgency.RECOMMENDED,
            f"/organization/licenses/products/{each.product}",
            "Open",
        )
        for each in over
    ]


def _ending(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(CUSTOMER_SUBSCRIPTIONS.read):
        return []
    today = uow.now.date()
    rows = subscriptions.ending_between(uow, today, (uow.now + SOON).date())
    stopping = [row for row in rows if not row.auto_renew_enabled]
    if not stopping:
        return []
    title = f"{len(stopping)} {plural_form(len(stopping), 'subscription')} will end within 30 days"
    text = f"{', '.join(dict.fromkeys(row.friendly_name for row in stopping[:NAMED]))}. Your partner can renew them."
    return [ActionItem(title, text, "Subscriptions", Urgency.RECOMMENDED, "/subscriptions?within=30", "Look at them")]


# Numbers


def figures(uow: UnitOfWork) -> list[Figure]:
    """Users, licences that are free, subscriptions, partners that sell."""
    if not _is_customer(uow):
        return []
    found: list[Figure] = []
    tenant_id = uow.actor.tenant
    if uow.actor.may(CUSTOMER_DIRECTORY.read):
        found.append(Figure("Users", customers.count_users(uow, tenant_id), "/organization/users"))
        seats = seat_queries.seats_of(uow, tenant_id)
        used, total = sum(each.used for each in seats), sum(each.total for each in seats)
        found.append(Figure("Licences free", max(total - used, 0), "/organization/licenses", f"of {total}"))
    if uow.actor.may(CUSTOMER_SUBSCRIPTIONS.read):
        rows = subscriptions.subscriptions_of(uow, tenant_id)
        active = sum(row.status is Status.ACTIVE for row in rows)
        found.append(Figure("Subscriptions", active, "/subscriptions?status=active", "active"))
    return found


# The page


def context(uow: UnitOfWork) -> dict[str, Any]:
    """What ``portal/customer_home.html`` shows beside what waits."""
    tenant_id = uow.actor.tenant
    is_admin = uow.actor.may(CUSTOMER_DIRECTORY.read)
    seats = seat_queries.seats_of(uow, tenant_id)
    mine = {
        row.provisioning_id for row in subscriptions.licenses_of(uow, tenant_id, uow.actor.principal_id or tenant_id)
    }
    return {
        "administrators": customers.administrators(uow, tenant_id) if is_admin else None,
        "delegates": _delegates(uow),
        "ask": [] if is_admin else _to_ask(uow, tenant_id),
        "seats": sorted(seats, key=lambda each: (each.left, each.name))[:NAMED] if is_admin else [],
        "own_licences": sorted(each.name for each in seats if each.product in mine),
        "agreement": [
            (_seller(uow, each), customers.has_agreement(uow, each))
            for each in customers.relationships_of(uow, tenant_id)
        ]
        if uow.actor.may(CUSTOMER_AGREEMENT_ACCEPT.read)
        else None,
    }


def _delegates(uow: UnitOfWork) -> list[tuple[str, int, str]]:
    """The partners whose people can act here at this moment: the name, how many people, and where they are named."""
    if not uow.actor.may(CUSTOMER_GDAP.read):
        return []
    counted = [(key, len(tracing.partners_people(uow, key))) for key in tracing.partners_with_people(uow)]
    names = granular.tenant_names(uow, [key for key, _ in counted])
    return sorted((names[key], people, f"/partners/{key}/people") for key, people in counted if people)


def _to_ask(uow: UnitOfWork, tenant_id: UUID) -> list[tuple[str, str]]:
    people = partners.holders(uow, tenant_id, TenantKind.CUSTOMER, ASKED)
    return [(each.display_name, each.mail or each.upn) for each in people[:NAMED]]
