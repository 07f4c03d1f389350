"""What a partner is told of its granular relationships on its home page: one item a moment, whatever their number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import GDAP
from openpartner.platform.web.waiting import ActionItem, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal.granular_shared import ROOT
from openpartner.relationships.queries.granular import READERS
from openpartner.relationships.queries.granular_moments import MOST, Told, moments
from openpartner.relationships.rules.granular_moments import Moment, lapses_at

NAMED = 5


@dataclass(frozen=True)
class _Words:
    """How a moment is told. one, many: titles over ``{name}``, ``{customer}``, ``{what}`` (both) and
    ``{count}``. list: where many lead. due: when it will be too late.
    """

    one: str
    many: str
    text: str
    urgency: Urgency
    action: str
    list: str
    due: Callable[[Told], datetime | None] = lambda _told: None


def _end(told: Told) -> datetime | None:
    return told.end_at


_ASK_AGAIN = "The access has ended. To go on, ask for a new relationship."
_WILL_END = "All access ends at that instant. Ask for a new relationship, or switch on automatic extension."
WORDS: Mapping[Moment, _Words] = MappingProxyType(
    {
        Moment.REVIEW_WANTED: _Words(
            "Agree to {name}, or refuse",
            "{count} requests of your provider wait for you",
            "Your indirect provider asks in your name; the customer is asked only when you agree.",
            Urgency.MANDATORY,
            "Review",
            "?status=approvalPending",
        ),
        Moment.WAITING: _Words(
            "{name} waits for {customer}",
            "{count} admin relationships wait for their customers",
            "An unanswered request is forgotten after 90 days. Send the link again if need be.",
            Urgency.NOTICE,
            "Open",
            "?status=approvalPending",
            lambda told: lapses_at(told.status_at),
        ),
        Moment.APPROVED: _Words(
            "{what} was approved",
            "{count} admin relationships were approved",
            "Your people get in as soon as a security group of theirs is assigned.",
            Urgency.NOTICE,
            "Open",
            "?status=active",
        ),
        Moment.ENDS_IN_1_DAY: _Words(
            "{what} expires within a day",
            "{count} admin relationships expire within a day",
            _WILL_END,
            Urgency.RECOMMENDED,
            "Look at it",
            "?ends=1",
            _end,
        ),
        Moment.ENDS_IN_7_DAYS: _Words(
            "{what} expires within 7 days",
            "{count} admin relationships expire within 7 days",
            _WILL_END,
            Urgency.RECOMMENDED,
            "Look at it",
            "?ends=7",
            _end,
        ),
        Moment.ENDS_IN_30_DAYS: _Words(
            "{what} expires within 30 days",
            "{count} admin relationships expire within 30 days",
            _WILL_END,
            Urgency.RECOMMENDED,
            "Look at it",
            "?ends=30",
            _end,
        ),
        Moment.EXTENDED: _Words(
            "{what} was extended",
            "{count} admin relationships were extended",
            "Six months were added on the last day, as was agreed.",
            Urgency.NOTICE,
            "Open",
            "?extend=yes",
        ),
        Moment.EXPIRED: _Words(
            "{what} has expired",
            "{count} admin relationships have expired",
            _ASK_AGAIN,
            Urgency.NOTICE,
            "Open",
            "?status=expired",
        ),
        Moment.TERMINATED: _Words(
            "{what} was ended",
            "{count} admin relationships were ended",
            "Ended before the time, or refused, by one side. There is no access any more.",
            Urgency.NOTICE,
            "Open",
            "?status=terminated",
        ),
    }
)


def actions(uow: UnitOfWork) -> list[ActionItem]:
    """One item for each moment that a relationship stands at; requests of a provider only for who may answer them."""
    actor = uow.actor
    if actor.tenant_kind is not TenantKind.PARTNER or not any(actor.may(reader) for reader in READERS):
        return []
    by_moment: dict[Moment, list[Told]] = {}
    for told in moments(uow):
        if told.moment is not Moment.REVIEW_WANTED or (told.is_own and actor.may(GDAP.write)):
            by_moment.setdefault(told.moment, []).append(told)
    return [_item(WORDS[moment], by_moment[moment]) for moment in Moment if moment in by_moment]


def _item(words: _Words, all_of: Sequence[Told]) -> ActionItem:
    first = all_of[0]
    due = min((at for told in all_of if (at := words.due(told)) is not None), default=None)
    if len(all_of) == 1:
        customer = first.customer_name or "a customer"
        name = first.display_name
        what = name if customer in name else f"{name} with {customer}"
        title = words.one.format(name=name, customer=customer, what=what)
        return ActionItem(title, words.text, "Customers", words.urgency, f"{ROOT}/{first.id}", words.action, due)
    count = f"More than {MOST}" if len(all_of) > MOST else str(len(all_of))
    names = ", ".join(dict.fromkeys(told.customer_name or told.display_name for told in all_of[:NAMED]))
    text = f"{words.text} The first: {names}."
    return ActionItem(
        words.many.format(count=count), text, "Customers", words.urgency, f"{ROOT}{words.list}", "Show them", due
    )
