"""Indirect resellers of a provider, indirect providers of a reseller: lists, pages, and the end.

Source: portal-workspaces §2.8.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.customers import queries as customers
from openpartner.customers.queries import Criteria
from openpartner.partner import service as partner_service
from openpartner.platform import countries, permissions
from openpartner.platform.http.answers import make_token
from openpartner.platform.paging import KeyedPage
from openpartner.platform.permissions import Permission
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    ListRequest,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries, service
from openpartner.relationships.portal import words
from openpartner.relationships.portal.resale_frame import (
    INVITATIONS,
    PAGE,
    PROVIDERS,
    RESELLERS,
    is_provider,
    position,
    tabs,
)
from openpartner.relationships.queries import (
    PartnerCriteria,
    PartnerLine,
    PartnerOrder,
    PartnerPosition,
    PartnerRole,
)
from openpartner.relationships.rules.partnerships import PartnershipState

TITLES = {PartnerRole.RESELLER: "Indirect resellers", PartnerRole.PROVIDER: "Indirect providers"}
ROOTS = {PartnerRole.RESELLER: RESELLERS, PartnerRole.PROVIDER: PROVIDERS}
READS: dict[PartnerRole, Permission] = {
    PartnerRole.RESELLER: permissions.INDIRECT_RESELLERS.read,
    PartnerRole.PROVIDER: permissions.INDIRECT_PROVIDERS.read,
}
WRITES: dict[PartnerRole, Permission] = {
    PartnerRole.RESELLER: permissions.INDIRECT_RESELLERS.write,
    PartnerRole.PROVIDER: permissions.INDIRECT_PROVIDERS.write,
}
SHOWN_CUSTOMERS = 10

FILTERS = (Filter("state", "State", (Choice("active", "Active"), Choice("ended", "Ended"))),)


def _columns(role: PartnerRole) -> list[Column[PartnerLine]]:
    title = "Reseller" if role is PartnerRole.RESELLER else "Provider"
    return [
        Column(
            "name", title, lambda line: line.name, href=lambda line: f"{ROOTS[role]}/{line.tenant_id}", sortable=True
        ),
        Column("partner_id", "Partner ID", lambda line: line.partner_id),
        Column("customers", "Customers together", lambda line: line.customers, numeric=True),
        Column("state", "State", lambda line: words.partnership_badge(line.state)),
        Column("since", "Since", lambda line: line.since_at.date(), sortable=True),
        Column("until", "Until", lambda line: line.ended_at.date() if line.ended_at else None, optional=True),
        Column("country", "Country", lambda line: countries.name_of(line.country)),
        Column("contact", "Contact", lambda line: line.contact, optional=True),
        Column("tenant", "Microsoft ID", lambda line: str(line.tenant_id), optional=True),
    ]


def _criteria(asked: ListRequest, role: PartnerRole) -> PartnerCriteria:
    state = asked.filters.get("state")
    return PartnerCriteria(
        role=role,
        search=asked.search,
        state=PartnershipState(state) if state else None,
        order=PartnerOrder.SINCE if asked.sort == "since" else PartnerOrder.NAME,
        descending=asked.descending,
    )


def _empty(uow: UnitOfWork, role: PartnerRole, actions: list[Action]) -> Empty:
    if role is PartnerRole.PROVIDER:
        return Empty(
            "No indirect provider yet",
            "A provider sends you an invitation by email. Once you accept it, it buys and bills for your customers.",
            icon="handshake",
        )
    if not is_provider(uow):
        return Empty(
            "Only indirect providers have resellers",
            "Your company takes part in the programme in another way. See Account settings for how.",
            icon="handshake",
        )
    return Empty(
        "No indirect reseller yet",
        "Invite companies that sell through you. Each accepts once it has enrolled and signed the partner agreement.",
        actions[0] if actions else None,
        "handshake",
    )


def _header_actions(uow: UnitOfWork, role: PartnerRole) -> list[Action]:
    if role is PartnerRole.PROVIDER or not is_provider(uow):
        return []
    if not uow.actor.may(permissions.INDIRECT_RESELLERS_ENROL.write):
        return []
    return [
        Action("Invite resellers", href=f"{RESELLERS}/invite", icon="people_add", primary=True),
        Action("Invitations", href=f"{RESELLERS}/invitations", icon="mail"),
    ]


def _list(page: Page, role: PartnerRole) -> Response[Any]:
    with page.begin.read() as uow:
        uow.actor.require(READS[role])
        root, columns = ROOTS[role], _columns(role)
        asked = read_list_request(
            root, page.request.query_params.multi_items(), columns=columns, filters=FILTERS, sort="name"
        )
        criteria = _criteria(asked, role)
        if asked.export:
            lines = queries.every_partner(uow, criteria)
            chunks = export_chunks(asked.export, columns, lines, title=TITLES[role], created_at=uow.now)
            return Stream(list(chunks), headers=export_headers(asked.export, TITLES[role], uow.now))
        found = queries.page_of_partners(
            uow,
            criteria,
            PAGE,
            after=position(asked.after, PartnerPosition),
            before=position(asked.before, PartnerPosition),
        )
        actions = _header_actions(uow, role)
        return page.render(
            uow,
            "relationships/resale_list.html",
            heading=TITLES[role],
            lead="Companies that sell to customers through you."
            if role is PartnerRole.RESELLER
            else "Distributors that buy and bill for your customers.",
            tabs=tabs(uow, root),
            listed=_table(uow, role, asked, criteria=criteria, found=found, actions=actions),
            actions=actions,
            crumbs=[Crumb("Home", "/"), Crumb("Customers", "/customers"), Crumb(TITLES[role])],
        )


def _table(
    uow: UnitOfWork,
    role: PartnerRole,
    asked: ListRequest,
    *,
    criteria: PartnerCriteria,
    found: KeyedPage[PartnerLine],
    actions: list[Action],
) -> Table[PartnerLine]:
    keys = [make_token(line.position(criteria)) for line in found.rows]
    return Table(
        "partners",
        TITLES[role],
        _columns(role),
        found.rows,
        asked,
        _empty(uow, role, actions),
        next_key=keys[-1] if found.has_after else "",
        previous_key=keys[0] if found.has_before and keys else "",
        search_label="Search by name or Partner ID",
        filters=FILTERS,
    )


@get(RESELLERS, include_in_schema=False, sync_to_thread=True)
def list_resellers(page: NamedDependency[Page]) -> Response[Any]:
    """A provider's resellers."""
    return _list(page, PartnerRole.RESELLER)


@get(PROVIDERS, include_in_schema=False, sync_to_thread=True)
def list_providers(page: NamedDependency[Page]) -> Response[Any]:
    """A reseller's providers."""
    return _list(page, PartnerRole.PROVIDER)


# --- one of them


def _one(page: Page, role: PartnerRole, other_id: UUID) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(READS[role])
        _, line = queries.one_partner(uow, other_id)
        together = Criteria(reseller_id=other_id) if role is PartnerRole.RESELLER else Criteria(provider_id=other_id)
        shown = (
            customers.page_of_customers(uow, together, SHOWN_CUSTOMERS).rows
            if uow.actor.may(permissions.CUSTOMERS.read)
            else []
        )
        signed = partner_service.has_signed_partner_agreement(uow, tenant_id=other_id)
        return page.render(
            uow,
            "relationships/partnership.html",
            line=line,
            state=words.partnership_badge(line.state),
            is_reseller=role is PartnerRole.RESELLER,
            facts=[
                ("Partner ID", line.partner_id),
                ("Country", countries.name_of(line.country)),
                ("Contact", line.contact),
                ("Partner agreement", Badge("Signed", "success") if signed else Badge("Not signed", "warning")),
                ("Since", line.since_at.date()),
                ("Until", line.ended_at.date() if line.ended_at else None),
            ],
            shown=[(row.company_name, f"/customers/{row.tenant_id}", row.since_at.date()) for row in shown],
            more=f"/customers?reseller={other_id}" if role is PartnerRole.RESELLER else "/customers",
            actions=_actions(uow, role, line),
            crumbs=[Crumb("Home", "/"), Crumb(TITLES[role], ROOTS[role]), Crumb(line.name)],
        )


def _actions(uow: UnitOfWork, role: PartnerRole, line: PartnerLine) -> list[Action]:
    if line.state is not PartnershipState.ACTIVE:
        return []
    found = []
    member = "reseller" if role is PartnerRole.RESELLER else "provider"
    if uow.actor.may(permissions.RESELLER_RELATIONSHIP_REQUEST.write):
        href = f"{INVITATIONS}/new?{member}={line.tenant_id}"
        found.append(Action("Request a relationship together", href=href, icon="mail"))
    effect = (
        "You can create no more customers for it and name it on no more orders."
        if role is PartnerRole.RESELLER
        else "It can create no more customers for you and name you on no more orders."
    )
    found.append(
        Action(
            "End partnership",
            post=f"{ROOTS[role]}/{line.tenant_id}/end",
            icon="link_dismiss",
            danger=True,
            refused="" if uow.actor.may(WRITES[role]) else "Your role does not allow it.",
            confirm=Confirm(
                f"End the partnership with {line.name}?",
                f"{effect} The customers you have together stay as they are, with their subscriptions and what they "
                "let each of you administer. To work together again the reseller accepts a new invitation.",
                "End partnership",
                danger=True,
            ),
        )
    )
    return found


@get(RESELLERS + "/{other_id:uuid}", include_in_schema=False, sync_to_thread=True)
def one_reseller(other_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """A reseller, with the customers of the two."""
    return _one(page, PartnerRole.RESELLER, other_id)


@get(PROVIDERS + "/{other_id:uuid}", include_in_schema=False, sync_to_thread=True)
def one_provider(other_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """A provider, with the customers of the two."""
    return _one(page, PartnerRole.PROVIDER, other_id)


def _end(page: Page, role: PartnerRole, other_id: UUID) -> Response[bytes]:
    with page.begin() as uow:
        service.end_partnership(uow, other_id)
    return page.redirect(f"{ROOTS[role]}/{other_id}", note="The partnership has ended.")


@post(RESELLERS + "/{other_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def end_with_reseller(other_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """The provider ends it."""
    return _end(page, PartnerRole.RESELLER, other_id)


@post(PROVIDERS + "/{other_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def end_with_provider(other_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """The reseller ends it."""
    return _end(page, PartnerRole.PROVIDER, other_id)


ROUTES: list[Any] = [
    list_resellers,
    list_providers,
    one_reseller,
    one_provider,
    end_with_reseller,
    end_with_provider,
]
