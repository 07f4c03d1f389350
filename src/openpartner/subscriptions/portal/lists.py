"""The lists of subscriptions: a customer's, all terms that end soon, and a customer's own."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from sqlalchemy import Row

from openpartner.catalogue.rules import CYCLE_WORDS
from openpartner.customers import queries as customers
from openpartner.partner import queries as partners
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import TenantKind
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import ORDERS_PLACE, SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries as relationships
from openpartner.subscriptions import queries
from openpartner.subscriptions.portal import words
from openpartner.subscriptions.queries import Coming, TermEnd
from openpartner.subscriptions.rules import BILLED, Status

PAGE_SIZE = 50
HORIZONS = (30, 60, 90)
FAR_HORIZONS = {"30": "30 days", "60": "60 days", "90": "90 days", "365": "1 year", "1100": "3 years"}
"""How far ahead the terms of all customers are looked at."""


class Shown(NamedTuple):
    """A subscription of a list. assigned: licences of its product in use, none where users hold none.

    seller: the partner it was bought through, for who has several.
    """

    row: Row[Any]
    assigned: int | None = None
    seller: str = ""

    @property
    def path(self) -> str:
        """Its page."""
        return f"/customers/{self.row.customer_id}/subscriptions/{self.row.id}"

    @property
    def renews(self) -> Badge | None:
        """Whether and how it goes on after the term."""
        if self.row.status is not Status.ACTIVE or self.row.term_ends_on is None:
            return None
        if not self.row.auto_renew_enabled:
            return Badge("Off", "warning")
        return Badge("Changes planned", "info") if self.row.scheduled else Badge("On", "success")


def _seats(shown: Shown) -> object:
    if shown.assigned is None or shown.row.status not in queries.HOLDS_SEATS:
        return shown.row.quantity
    left = shown.row.quantity - shown.assigned
    return Noted(shown.row.quantity, f"{shown.assigned} assigned, {max(left, 0)} available")


def _product(shown: Shown) -> object:
    row = shown.row
    trial = "Trial" if row.is_trial else ""
    other = row.offer_name if row.offer_name != row.friendly_name else ""
    note = ", ".join(part for part in (other, trial) if part)
    return Noted(row.friendly_name, note) if note else row.friendly_name


_NAME = Column[Shown](
    "subscription",
    "Subscription",
    _product,
    href=lambda shown: shown.path,
    sortable=True,
    export=lambda shown: shown.row.friendly_name,
)
_PLAN: tuple[Column[Shown], ...] = (
    Column("term", "Term", lambda shown: words.term_words(shown.row.duration)),
    Column("billing", "Billing", lambda shown: CYCLE_WORDS[shown.row.billing_cycle]),
    Column("ends", "Renews or ends", lambda shown: shown.row.term_ends_on, sortable=True),
    Column("auto_renew", "Auto-renew", lambda shown: shown.renews),
)
COLUMNS: tuple[Column[Shown], ...] = (
    _NAME,
    Column("quantity", "Quantity", _seats, numeric=True, export=lambda shown: shown.row.quantity),
    Column("status", "Status", lambda shown: words.status_badge(shown.row.status)),
    *_PLAN,
    Column("reseller", "Reseller", lambda shown: shown.row.mpn_id, optional=True),
    Column("publisher", "Publisher", lambda shown: shown.row.publisher_name, optional=True),
    Column("id", "Subscription ID", lambda shown: str(shown.row.id), optional=True),
)
OWN_COLUMNS: tuple[Column[Shown], ...] = (
    _NAME,
    Column("seller", "Bought through", lambda shown: shown.seller, sortable=True),
    *(column for column in COLUMNS[1:] if column.key != "reseller"),
)
"""A customer's own: it may have several partners."""
#: Exactly these, in this order. Source: portal-workspaces §2.5.
FILE_COLUMNS: tuple[Column[Shown], ...] = (
    Column("id", "Subscription ID", lambda shown: str(shown.row.id)),
    Column("subscription", "Subscription", lambda shown: shown.row.friendly_name),
    Column("quantity", "Quantity", lambda shown: shown.row.quantity),
    Column("status", "Status", lambda shown: words.status_badge(shown.row.status)),
    Column("reseller", "Reseller", lambda shown: shown.row.mpn_id),
)
FILTERS = (
    Filter("status", "Status", tuple(Choice(s.value, words.STATUS_WORDS[s][0]) for s in Status)),
    Filter("kind", "Product family", tuple(Choice(k.value, text) for k, text in words.KIND_WORDS.items())),
    Filter("within", "Renews or ends in", tuple(Choice(str(days), f"{days} days") for days in HORIZONS)),
    Filter("trial", "Trial", (Choice("yes", "Trials"), Choice("no", "No trials"))),
    Filter("publisher", "Publisher", (Choice("microsoft", "Microsoft"), Choice("partner", "Other publishers"))),
)


def _matches(shown: Shown, asked: ListRequest, today: date) -> bool:
    """Whether search and filters let a row through. A customer's subscriptions are few enough to be looked at."""
    row, chosen = shown.row, asked.filters
    text = asked.search.lower()
    within = chosen.get("within")
    return (
        (not text or text in f"{row.friendly_name} {row.offer_name} {row.id}".lower())
        and chosen.get("status", row.status) == row.status
        and chosen.get("kind", row.kind) == row.kind
        and ("trial" not in chosen or row.is_trial is (chosen["trial"] == "yes"))
        and ("publisher" not in chosen or row.is_microsoft is (chosen["publisher"] == "microsoft"))
        and (within is None or _ends_within(row, today, int(within)))
    )


def _ends_within(row: Row[Any], today: date, days: int) -> bool:
    return row.status in BILLED and row.term_ends_on is not None and row.term_ends_on <= today + timedelta(days=days)


def _order(asked: ListRequest) -> Any:
    if asked.sort == "subscription":
        return lambda shown: (shown.row.friendly_name.lower(), shown.row.id)
    if asked.sort == "seller":
        return lambda shown: (shown.seller.lower(), shown.row.friendly_name.lower(), shown.row.id)
    if asked.sort == "ends":
        return lambda shown: (shown.row.term_ends_on or date.max, shown.row.id)
    return lambda shown: (shown.row.status is Status.DELETED, shown.row.created_at, shown.row.id)


def _rows(uow: UnitOfWork, customer_id: UUID, asked: ListRequest) -> list[Shown]:
    used = queries.consumed(uow, customer_id)
    found = [
        Shown(row, None if row.provisioning_id is None else used.get(row.provisioning_id, 0))
        for row in queries.subscriptions_of(uow, customer_id, whole=True)
    ]
    chosen = [shown for shown in found if _matches(shown, asked, uow.now.date())]
    return sorted(chosen, key=_order(asked), reverse=asked.descending)


def _asked(page: Page, path: str, columns: Sequence[Column[Shown]], filters: Sequence[Filter]) -> ListRequest:
    return read_list_request(path, page.request.query_params.multi_items(), columns=columns, filters=filters)


def _of_customer(page: Page, uow: UnitOfWork, customer_id: UUID) -> dict[str, Any]:
    """What the tab Subscriptions on a customer's page shows."""
    customer = customers.one_customer(uow, customer_id)
    path = f"/customers/{customer_id}/subscriptions"
    asked = _asked(page, path, COLUMNS, FILTERS)
    may_buy = uow.actor.may(ORDERS_PLACE.write) and uow.actor.tenant_id == customer.partner_id
    add = Action("New order", href=f"/customers/{customer_id}/orders/new", icon="cart", primary=True)
    table = Table(
        "subscriptions",
        "Subscriptions",
        COLUMNS,
        _rows(uow, customer_id, asked),
        asked,
        Empty(
            "No subscriptions yet",
            "What the customer buys appears here, in every state.",
            add if may_buy else None,
            "apps",
        ),
        search_label="Search by name, product or ID",
        filters=FILTERS,
        files=f"{path}/export",
    )
    return {"subscriptions": table}


CUSTOMER_TAB = Tab(
    "subscriptions", "Subscriptions", 10, SUBSCRIPTIONS_MANAGE.read, "subscriptions/tab.html", _of_customer
)
"""For ``customers.portal.routes``: the subscriptions on a customer's page."""


def _file(uow: UnitOfWork, asked: ListRequest, columns: Sequence[Column[Shown]], rows: Sequence[Shown]) -> Stream:
    kind = asked.export or "csv"
    chunks = list(export_chunks(kind, columns, rows, title="Subscriptions", created_at=uow.now))
    return Stream(chunks, headers=export_headers(kind, "Subscriptions", uow.now))


@get("/customers/{customer_id:uuid}/subscriptions/export", include_in_schema=False, sync_to_thread=True)
def export_customer_subscriptions(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """The subscriptions of one customer as a file, with the filters of the list."""
    asked = _asked(page, f"/customers/{customer_id}/subscriptions/export", COLUMNS, FILTERS)
    with page.begin.read() as uow:
        return _file(uow, asked, FILE_COLUMNS, _rows(uow, customer_id, asked))


# --- all customers, by the end of the term

_COMPANY = Column[Shown]("customer", "Customer", lambda shown: shown.row.company_name, href=lambda shown: shown.path)
COMING_COLUMNS: tuple[Column[Shown], ...] = (
    _COMPANY,
    Column("subscription", "Subscription", _product, export=lambda shown: shown.row.friendly_name),
    Column("quantity", "Quantity", lambda shown: shown.row.quantity, numeric=True),
    Column("ends", "Last day", lambda shown: shown.row.term_ends_on),
    Column("auto_renew", "Auto-renew", lambda shown: shown.renews),
    Column("next", "Next term", lambda shown: _next(shown.row)),
    Column("id", "Subscription ID", lambda shown: str(shown.row.id), optional=True),
)
COMING_FILTERS = (
    Filter("within", "Renews or ends in", tuple(Choice(days, text) for days, text in FAR_HORIZONS.items()), "90"),
    Filter("auto_renew", "Auto-renew", (Choice("on", "On"), Choice("off", "Off"))),
)


def _next(row: Row[Any]) -> str:
    if not row.auto_renew_enabled:
        return "Ends"
    return words.next_words(row.scheduled) if row.scheduled else "As it is"


def _key(shown: Shown) -> str:
    """What a bulk action posts for a row."""
    return f"{shown.row.customer_id}/{shown.row.id}"


def _coming(uow: UnitOfWork, asked: ListRequest) -> Coming:
    days = int(asked.filters.get("within", "90"))
    today = uow.now.date()
    renews = {"on": True, "off": False}.get(asked.filters.get("auto_renew", ""))
    return Coming(today, today + timedelta(days=days), asked.search, renews)


def _changes_any(uow: UnitOfWork) -> bool:
    """Whether there is anything to change for the actor: an indirect reseller reads, its provider changes."""
    is_reseller = relationships.csp_kind(uow, uow.actor.tenant) is PartnerKind.INDIRECT_RESELLER
    return uow.actor.may(SUBSCRIPTIONS_MANAGE.write) and not is_reseller


@get("/subscriptions", include_in_schema=False, sync_to_thread=True)
def all_subscriptions(page: NamedDependency[Page]) -> Response[Any]:
    """For a partner, the terms of all customers that end soon; for a customer, what it holds."""
    with page.begin.read() as uow:
        if uow.actor.tenant_kind is TenantKind.CUSTOMER:
            return _own(page, uow)
        asked = _asked(page, "/subscriptions", COMING_COLUMNS, COMING_FILTERS)
        coming = _coming(uow, asked)
        if asked.export:
            every = [Shown(row) for row in queries.ending(uow, coming, 100_000)]
            return _file(uow, asked, COMING_COLUMNS, every)
        after = read_token(asked.after, TermEnd) if asked.after else None
        rows = queries.ending(uow, coming, PAGE_SIZE + 1, after=after)
        shown = [Shown(row) for row in rows[:PAGE_SIZE]]
        last = shown[-1].row if len(rows) > PAGE_SIZE else None
        table = Table(
            "renewals",
            "Renewals",
            COMING_COLUMNS,
            shown,
            asked,
            Empty(
                "Nothing renews or ends soon", "Choose a longer period to see terms that end later.", icon="calendar"
            ),
            search_label="Search by customer or subscription",
            filters=COMING_FILTERS,
            next_key="" if last is None else make_token(TermEnd(last.term_ends_on, last.id)),
            row_key=_key if _changes_any(uow) else None,
            bulk=(
                Action("Turn on auto-renew", post="/subscriptions/auto-renew", fields={"enabled": "on"}),
                Action("Turn off auto-renew", post="/subscriptions/auto-renew", fields={"enabled": ""}),
            ),
        )
        crumbs = [Crumb("Home", "/"), Crumb("Subscriptions")]
        return page.render(uow, "subscriptions/renewals.html", renewals=table, crumbs=crumbs)


def _own(page: Page, uow: UnitOfWork) -> Response[Any]:
    customer_id = uow.actor.tenant
    names = _sellers(uow, customer_id)
    filters = (*FILTERS, Filter("seller", "Partner", tuple(Choice(str(key), name) for key, name in names.items())))
    asked = _asked(page, "/subscriptions", OWN_COLUMNS, filters if len(names) > 1 else FILTERS)
    rows = [
        shown._replace(seller=names.get(shown.row.partner_id, ""))
        for shown in _rows(uow, customer_id, asked)
        if asked.filters.get("seller") in {None, str(shown.row.partner_id)}
    ]
    if asked.sort == "seller":
        rows.sort(key=_order(asked), reverse=asked.descending)
    if asked.export:
        return _file(uow, asked, OWN_COLUMNS, rows)
    table = Table(
        "subscriptions",
        "Subscriptions",
        OWN_COLUMNS,
        rows,
        asked,
        Empty("No subscriptions yet", "What your partner sells you appears here.", icon="apps"),
        search_label="Search by name, product or ID",
        filters=filters if len(names) > 1 else FILTERS,
    )
    crumbs = [Crumb("Home", "/"), Crumb("Subscriptions")]
    return page.render(uow, "subscriptions/own.html", subscriptions=table, crumbs=crumbs)


def _sellers(uow: UnitOfWork, customer_id: UUID) -> dict[UUID, str]:
    """The partners a customer buys through, by name."""
    held = customers.relationships_of(uow, customer_id)
    accounts = [partners.account_of(uow, each.partner_id) for each in held]
    named = {account.tenant_id: account.name for account in accounts if account is not None}
    return dict(sorted(named.items(), key=lambda pair: pair[1].lower()))


ROUTES: list[Any] = [export_customer_subscriptions, all_subscriptions]
