"""Changes of term, cycle and renewal, and what happens when the term is over."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.catalogue.rules import MONTH, THREE_YEARS, YEAR, BillingCycle, Duration, ProductKind
from openpartner.platform.errors import DomainError, Invalid
from openpartner.subscriptions.rules.holding import Holding, NotUpdatable, check_updatable
from openpartner.subscriptions.rules.seats import QuantityRefused
from openpartner.subscriptions.rules.states import Action, Status, after
from openpartner.subscriptions.rules.terms import TRIAL_SEATS, Term, next_term

#: Cycle changes that keep the term; all others are refused. They take effect with the next charge.
#: Source: commerce-rules §6.
NEXT_CHARGE_CHANGES: Final = frozenset(
    {
        (THREE_YEARS, BillingCycle.MONTHLY, BillingCycle.ANNUAL),
        (THREE_YEARS, BillingCycle.ANNUAL, BillingCycle.MONTHLY),
    }
)

#: Longer terms a running one may be changed to, at once. Source: commerce-rules §6.
TERM_EXTENSIONS: Final = frozenset({(MONTH, YEAR), (MONTH, THREE_YEARS), (YEAR, THREE_YEARS)})

#: Cycles that a plan may have at all. Source: commerce-rules §1, §6.
TERM_CYCLES: Final = frozenset({BillingCycle.MONTHLY, BillingCycle.ANNUAL, BillingCycle.TRIENNIAL})


class TermChangeRefused(DomainError):
    """Source: partner-center-conventions §19: 800097, 800107, 800121, 800122, 900269, 900270."""


class ChangeTakesEffect(StrEnum):
    """When a change of term or cycle begins."""

    NEVER = "never"
    NEXT_CHARGE = "next_charge"
    IMMEDIATELY = "immediately"


def check_plan(duration: Duration, billing_cycle: BillingCycle, sold: Iterable[tuple[Duration, BillingCycle]]) -> None:
    """Raise TermChangeRefused unless the catalogue sells this term with this cycle.

    sold: the terms of the availability. Source: commerce-rules §1 (a cycle is never longer than its term).
    """
    terms = list(sold)
    if duration not in {term for term, _ in terms}:
        offered = ", ".join(sorted({str(term) for term, _ in terms})) or "none"
        raise TermChangeRefused(
            f"The term {duration} is not sold here. Offered terms: {offered}.", code=800121, term=str(duration)
        )
    if billing_cycle.months is not None and billing_cycle.months > duration.months:
        raise TermChangeRefused(
            f"The billing cycle {billing_cycle} is longer than the term {duration}. Choose a shorter cycle.",
            code=900270,
        )
    if (duration, billing_cycle) not in terms:
        offered = ", ".join(sorted(cycle for term, cycle in terms if term == duration))
        raise TermChangeRefused(
            f"The billing cycle {billing_cycle} is not offered for {duration}. Offered cycles: {offered}.", code=900269
        )


def change_term(
    held: Holding,
    duration: Duration,
    billing_cycle: BillingCycle,
    sold: Iterable[tuple[Duration, BillingCycle]],
    at: datetime,
) -> ChangeTakesEffect:
    """Check a change of term or cycle in mid-term and say when it takes effect. Source: commerce-rules §6.

    The same term with another cycle waits for the next charge; a longer term starts at once, with any cycle sold for
    it; a shorter term is refused, and so is any change of a trial.
    """
    if (duration, billing_cycle) == (held.duration, held.billing_cycle):
        return ChangeTakesEffect.NEVER
    check_updatable(held, at)
    if held.is_trial:
        raise TermChangeRefused("The term of a trial cannot change. Convert the trial instead.", code=800107)
    if held.duration is None or held.kind is not ProductKind.LICENSE:
        raise TermChangeRefused("This product's billing cycle and term cannot be changed.", code=800097)
    if duration < held.duration:
        raise TermChangeRefused(
            f"The term {duration} is shorter than the present {held.duration}. Schedule it for renewal instead.",
            code=800122,
        )
    check_plan(duration, billing_cycle, sold)
    if duration == held.duration:
        if (duration, held.billing_cycle, billing_cycle) not in NEXT_CHARGE_CHANGES:
            raise TermChangeRefused(
                f"A {duration} term billed {held.billing_cycle} cannot change to {billing_cycle} before renewal.",
                code=800097,
            )
        return ChangeTakesEffect.NEXT_CHARGE
    if (held.duration, duration) not in TERM_EXTENSIONS:
        raise TermChangeRefused(f"A {held.duration} term cannot be changed to {duration}.", code=800121)
    return ChangeTakesEffect.IMMEDIATELY


def can_auto_renew(kind: ProductKind, *, is_trial: bool = False) -> bool:
    """Whether automatic renewal can be on at all. Source: commerce-rules §7."""
    return is_trial or kind in {
        ProductKind.LICENSE,
        ProductKind.SOFTWARE_SUBSCRIPTION,
        ProductKind.LINUX_SOFTWARE,
        ProductKind.SAAS,
        ProductKind.RESERVATION,
        ProductKind.SAVINGS_PLAN,
    }


def check_auto_renew(held: Holding, *, enabled: bool, is_renewable: bool, at: datetime) -> None:
    """Raise unless automatic renewal may be switched to ``enabled``.

    is_renewable: what the availability says (``isRenewable``).
    """
    if enabled == held.auto_renew_enabled:
        return
    check_updatable(held, at)
    if enabled and not (is_renewable and can_auto_renew(held.kind, is_trial=held.is_trial)):
        raise Invalid("This subscription cannot be set to renew automatically.", code=800093)


class PlanChange(StrEnum):
    """What can happen to a subscription in mid-term, as far as scheduled instructions care."""

    CANCEL = "cancel"
    AUTO_RENEW_OFF = "auto_renew_off"
    QUANTITY = "quantity"
    UPGRADE = "upgrade"
    CONVERSION = "conversion"
    SUSPEND = "suspend"
    TERM = "term"
    BILLING_CYCLE = "billing_cycle"


#: Any of these drops ``scheduledNextTermInstructions``. Source: commerce-rules §7.
DROPS_SCHEDULED_CHANGE: Final = frozenset(
    {
        PlanChange.CANCEL,
        PlanChange.AUTO_RENEW_OFF,
        PlanChange.QUANTITY,
        PlanChange.UPGRADE,
        PlanChange.CONVERSION,
        PlanChange.SUSPEND,
        PlanChange.TERM,
    }
)

#: These drop ``nextChargeInstructions`` too; a suspension leaves them. Source: commerce-rules §7.
DROPS_NEXT_CHARGE: Final = DROPS_SCHEDULED_CHANGE - {PlanChange.SUSPEND, PlanChange.AUTO_RENEW_OFF, PlanChange.QUANTITY}


class NextTerm(msgspec.Struct, frozen=True):
    """``scheduledNextTermInstructions``, or what renewal does without them.

    catalog_item_id: product:sku:availability; the availability is read again at renewal.
    """

    catalog_item_id: str
    duration: Duration
    billing_cycle: BillingCycle
    quantity: int
    promotion_id: str = ""
    custom_term_end_on: date | None = None


def trial_conversion(paid_catalog_item_id: str) -> NextTerm:
    """What a trial becomes unless told otherwise: 25 seats, one year, billed monthly. Source: commerce-rules §7."""
    return NextTerm(paid_catalog_item_id, YEAR, BillingCycle.MONTHLY, TRIAL_SEATS)


def check_scheduled_change(
    held: Holding,
    wanted: NextTerm,
    sold: Iterable[tuple[Duration, BillingCycle]],
    at: datetime,
    *,
    minimum_quantity: int,
    maximum_quantity: int,
) -> None:
    """Raise unless this may be scheduled for the next term: active, renewing, in bounds, sold.

    minimum_quantity, maximum_quantity: of the SKU the next term is for. Seats, term and cycle may go either way.
    Custom end dates are checked by ``check_custom_term_end_date``. Source: commerce-rules §7.
    """
    check_updatable(held, at)
    if not held.auto_renew_enabled:
        raise NotUpdatable("Turn on automatic renewal before scheduling a change for it.", code=900280)
    if held.kind is not ProductKind.LICENSE:
        raise NotUpdatable("Changes can be scheduled for licence-based subscriptions only.", code=800042)
    check_plan(wanted.duration, wanted.billing_cycle, sold)
    if not minimum_quantity <= wanted.quantity <= maximum_quantity:
        raise QuantityRefused(
            f"The quantity must be from {minimum_quantity} to {maximum_quantity}; {wanted.quantity} was asked for.",
            code=2002,
            minimum=minimum_quantity,
            maximum=maximum_quantity,
        )


class Renewal(msgspec.Struct, frozen=True):
    """A new term: what it is for, and from when to when."""

    next: NextTerm
    term: Term


class Lapse(msgspec.Struct, frozen=True):
    """No new term: the state the subscription goes to instead, and how."""

    action: Action
    status: Status


def term_end_outcome(held: Holding, catalog_item_id: str, scheduled: NextTerm | None) -> Renewal | Lapse:
    """What happens when the term is over.

    Active and renewing: what was scheduled, else the same SKU, term, cycle and quantity (the price is that of the
    renewal day, the promotion is not kept). Active and not renewing: expired. Suspended: disabled.
    Source: commerce-rules §7, §10.
    """
    if held.status is Status.SUSPENDED:
        return Lapse(Action.DISABLE, after(held.status, Action.DISABLE))
    if not held.auto_renew_enabled or held.duration is None:
        return Lapse(Action.EXPIRE, after(held.status, Action.EXPIRE))
    if scheduled is None:
        if held.is_trial:
            return Lapse(Action.EXPIRE, after(held.status, Action.EXPIRE))
        scheduled = NextTerm(catalog_item_id, held.duration, held.billing_cycle, held.quantity)
    return Renewal(scheduled, next_term(held.term, scheduled.duration, scheduled.custom_term_end_on))
