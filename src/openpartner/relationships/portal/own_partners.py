"""A customer's partners: who they are, what each can do, since when and until when.

Reselling is one kind of relationship. Other matters of this slice add theirs: a ``Standing`` a kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from openpartner.customers import queries as customers
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal import words
from openpartner.relationships.queries import reselling
from openpartner.relationships.service import Company

ROOT = "/partners"


@dataclass(frozen=True)
class Standing:
    """What a partner is to the customer in one respect. may: what it can do by it, in plain words.

    until_at: None where it has no end of its own.
    """

    partner_id: UUID
    kind: str
    since_at: datetime
    may: str
    until_at: datetime | None = None


StandingSource = Callable[[UnitOfWork], Sequence[Standing]]
"""Gives one kind of relationship of all partners of the actor's tenant, a customer."""

WaitingSource = Callable[[UnitOfWork], Sequence[tuple[str, str, str, Any, str]]]
"""Gives who asks, for what, as which roles, since when, and where it is answered."""


@dataclass(frozen=True)
class OwnPartner:
    """One line of the list."""

    company: Company
    standings: tuple[Standing, ...]

    @property
    def kinds(self) -> str:
        """Every kind of relationship, each once."""
        return ", ".join(dict.fromkeys(each.kind for each in self.standings))

    @property
    def since_at(self) -> datetime:
        """When the first of them began."""
        return min(each.since_at for each in self.standings)

    @property
    def until_on(self) -> date | None:
        """When the first of them ends by itself; None where none does."""
        ends = [each.until_at for each in self.standings if each.until_at is not None]
        return min(ends).date() if ends else None

    @property
    def until(self) -> object:
        """The same with what it is that ends, where something else goes on."""
        on = self.until_on
        if on is None:
            return "No end"
        goes_on = any(each.until_at is None for each in self.standings)
        kinds = {each.kind for each in self.standings if each.until_at is not None}
        return Noted(on, ", ".join(sorted(kinds))) if goes_on else on

    @property
    def may(self) -> str:
        """What it can do by all of them."""
        return " ".join(dict.fromkeys(each.may for each in self.standings))


COLUMNS = (
    Column[OwnPartner](
        "name",
        "Partner",
        lambda one: Noted(one.company.name, words.place_of(one.company)),
        href=lambda one: f"{ROOT}/{one.company.tenant_id}",
        sortable=True,
    ),
    Column[OwnPartner]("kind", "Relationship", lambda one: one.kinds, sortable=True),
    Column[OwnPartner]("may", "What it can do", lambda one: one.may),
    Column[OwnPartner]("since", "Since", lambda one: one.since_at.date(), sortable=True),
    Column[OwnPartner]("until", "Until", lambda one: one.until, export=lambda one: one.until_on),
    Column[OwnPartner]("verified", "Verified", lambda one: words.verified_badge(one.company.is_verified)),
    Column[OwnPartner]("partner_id", "Partner ID", lambda one: one.company.partner_id, optional=True),
)


def resale_standings(uow: UnitOfWork) -> list[Standing]:
    """Resellers, their providers and resellers, and who still has the older delegated administration."""
    found: list[Standing] = []
    for customer in customers.relationships_of(uow, uow.actor.tenant):
        sells = "Buys and bills for you." if customer.reseller_id is None else "Buys and bills what the reseller sells."
        kind = "Reseller" if customer.reseller_id is None else "Indirect provider"
        found.append(Standing(customer.partner_id, kind, customer.since_at, sells))
        if customer.reseller_id is not None:
            sees = "Sells to you through its provider."
            found.append(Standing(customer.reseller_id, "Indirect reseller", customer.since_at, sees))
        if customer.allow_delegated_access:
            whole = "Administers your whole organization (the older kind, without limits)."
            found.append(Standing(customer.partner_id, "Delegated administration", customer.since_at, whole))
    return found


def own_partners(uow: UnitOfWork) -> list[OwnPartner]:
    """Every partner of the actor's tenant, by name."""
    by_partner: dict[UUID, list[Standing]] = {}
    for source in (resale_standings, *_Brought.sources):
        for standing in source(uow):
            by_partner.setdefault(standing.partner_id, []).append(standing)
    found = [OwnPartner(service.company_of(uow, key), tuple(each)) for key, each in by_partner.items()]
    return sorted(found, key=lambda one: (one.company.name.casefold(), str(one.company.tenant_id)))


def _asked(request: ListRequest, every: Sequence[OwnPartner]) -> list[OwnPartner]:
    text, kind = request.search.casefold(), request.filters.get("kind", "")
    rows = [
        one
        for one in every
        if (text in one.company.name.casefold() or text == one.company.partner_id)
        and (not kind or any(each.kind == kind for each in one.standings))
    ]
    keys: dict[str, Callable[[OwnPartner], Any]] = {"kind": lambda one: one.kinds, "since": lambda one: one.since_at}
    order = keys.get(request.sort)
    rows = sorted(rows, key=order) if order else rows
    return rows[::-1] if request.descending else rows


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def list_own_partners(page: NamedDependency[Page]) -> Response[Any]:
    """Each partner, what it is, since when and what it can do."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_PARTNERS.read)
        require_customer(uow)
        every = own_partners(uow)
        kinds = sorted({standing.kind for one in every for standing in one.standings})
        filters = (Filter("kind", "Relationship", tuple(Choice(kind, kind) for kind in kinds)),)
        asked = read_list_request(
            ROOT, page.request.query_params.multi_items(), columns=COLUMNS, filters=filters, sort="name"
        )
        rows = _asked(asked, every)
        if asked.export:
            chunks = export_chunks(asked.export, COLUMNS, rows, title="Partners", created_at=uow.now)
            return Stream(chunks, headers=export_headers(asked.export, "Partners", uow.now))
        table = Table(
            "partners",
            "Partner relationships",
            COLUMNS,
            rows,
            asked,
            Empty(
                "No partner yet",
                "A partner that wants to sell to you or to administer for you sends you a link. Nothing happens before "
                "a Global admin of yours accepts it.",
                icon="handshake",
            ),
            total=len(rows),
            search_label="Search by name or Partner ID",
            filters=filters if every else (),
        )
        return page.render(
            uow,
            "relationships/own_partners.html",
            partners=table,
            waiting=_Brought.waiting(uow),
            answers=[
                (
                    service.company_of(uow, each.partner_id).name,
                    words.invitation_badge(each.state),
                    each.answered_at,
                    each.answered_by,
                    each.reason,
                )
                for each in reselling.answers_of_customer(uow)
            ],
            crumbs=[Crumb("Home", "/"), Crumb("Partner relationships")],
        )


def require_customer(uow: UnitOfWork) -> None:
    """These pages are of a customer's admin center. Raises NotFound."""
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        raise NotFound("The page", ROOT)


class _Brought:
    """What other matters add; set once, by ``routes``."""

    sources: Sequence[StandingSource] = ()
    waiting: WaitingSource


def routes(sources: Sequence[StandingSource], waiting: WaitingSource) -> list[Any]:
    """The list, with the kinds of relationships that other matters add, and what waits for an answer."""
    _Brought.sources, _Brought.waiting = tuple(sources), staticmethod(waiting)
    return [list_own_partners]
