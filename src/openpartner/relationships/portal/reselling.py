"""Requesting a reseller relationship: the link, the mails, and what became of each invitation.

Source: portal-workspaces §2.3.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.identity import queries as directory
from openpartner.partner import service as partner_service
from openpartner.platform import permissions
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.http.answers import make_token
from openpartner.platform.paging import every_row
from openpartner.platform.permissions import GDAP
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb, Message
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Confirm,
    Empty,
    ExportFormat,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries, service
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.portal import words
from openpartner.relationships.portal.granular_shared import read_ids, role_choices
from openpartner.relationships.portal.resale_frame import (
    INVITATIONS,
    PAGE,
    RELATIONSHIPS,
    is_provider,
    is_reseller,
    position,
    tabs,
)
from openpartner.relationships.queries import PartnerCriteria, PartnerRole, reselling
from openpartner.relationships.queries.reselling import InvitationCriteria, InvitationPosition
from openpartner.relationships.rules.granular_terms import LONGEST_NAME, NEVER, NameRefused, NameTaken, WantedTerms
from openpartner.relationships.rules.invitations import InvitationState, addresses_in, written
from openpartner.relationships.rules.least_privilege import ROLE_SETS
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink
from openpartner.relationships.service.reselling import mail_text
from openpartner.relationships.service.telling import name_of

SUBJECT = "{company} would like to be your reseller"
TEXT = """\
Hello,

we would like to sell your company its cloud subscriptions and look after them.

Please open the link below, sign in as a Global admin of your company, and accept the reseller relationship. You see who we are and what we will be able to do before you decide.

Kind regards
{person}
{company}
"""  # noqa: E501 - a paragraph of a mail is one line
OWN_ROLES = "own"


# --- the request


def _partner_choices(uow: UnitOfWork, role: PartnerRole) -> list[Choice]:
    """The active partners of one kind, by name."""
    lines = queries.every_partner(uow, PartnerCriteria(role=role))
    return [Choice(str(line.tenant_id), f"{line.name} ({line.partner_id})") for line in lines]


def _named(text: str, member: str) -> UUID | None:
    if not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise InvalidFields({member: "Choose one of your partners."}) from None


def _link(uow: UnitOfWork, provider: str, reseller: str) -> ResellerLink:
    return service.relationship_request(
        uow, provider_id=_named(provider, "provider"), reseller_id=_named(reseller, "reseller")
    )


def _person(uow: UnitOfWork) -> str:
    return directory.user_by_id(uow, uow.actor.principal_id).display_name if uow.actor.principal_id else ""


@get(f"{INVITATIONS}/new", include_in_schema=False, sync_to_thread=True)
def request_form(page: NamedDependency[Page]) -> Response[str]:
    """The link of this company, the mail, and whom to send it to."""
    query = page.request.query_params
    with page.begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
        company = name_of(uow, uow.actor.tenant)
        form = blank_form(
            {
                "provider": query.get("provider", ""),
                "reseller": query.get("reseller", ""),
                "subject": SUBJECT.format(company=company),
                "text": TEXT.format(company=company, person=_person(uow)).strip(),
                "administration": "",
                "duration": "730",
            }
        )
        return _request_page(page, uow, form)


@post(f"{INVITATIONS}/new", include_in_schema=False, sync_to_thread=True)
def send_invitations(page: NamedDependency[Page]) -> Response[Any]:
    """Write to the customers."""
    form = posted(page.form)
    sent = attempt(page, form, lambda uow: _send(page, uow))
    if sent is not None:
        count = "1 invitation was" if sent == 1 else f"{sent} invitations were"
        return page.redirect(INVITATIONS, note=f"{count} sent.")
    with page.begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
        return _request_page(page, uow, form, status=422)


def _send(page: Page, uow: UnitOfWork) -> int:
    uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
    given = page.form
    link = _link(uow, given.get("provider"), given.get("reseller"))
    if link.kind is LinkKind.INDIRECT and link.provider_id is None:
        raise InvalidFields({"provider": "Choose the indirect provider you sell with."})
    letter = written(addresses_in(given.get("recipients")), given.get("subject"), given.get("text"))
    terms = _terms(given)
    try:
        sent = service.invite_customers(uow, link, letter, page.portal.origin_of(page.request), administration=terms)
    except (NameRefused, NameTaken) as refusal:
        raise InvalidFields({"name": refusal.message}) from refusal
    return len(sent)


def _terms(form: Posted) -> WantedTerms | None:
    """The administration that is asked for with it; None for none. Raises InvalidFields."""
    wanted = form.get("administration")
    if not wanted:
        return None
    roles = read_ids(form.all("roles")) if wanted == OWN_ROLES else ROLE_SETS.get(wanted, frozenset())
    problems: dict[str, str] = {}
    if not roles:
        problems["roles"] = "Choose at least one role."
    if not 1 <= len(form.get("name")) <= LONGEST_NAME:
        problems["name"] = f"Name the admin relationship in 1 to {LONGEST_NAME} characters; the customer sees it."
    if not form.get("duration").isdigit() or not 1 <= int(form.get("duration")) <= 730:
        problems["duration"] = "Give a whole number of days from 1 to 730."
    if problems:
        raise InvalidFields(problems)
    return WantedTerms(
        display_name=form.get("name"),
        duration=f"P{form.get('duration')}D",
        roles=roles,
        auto_extend_duration=NEVER,
    )


def _request_page(page: Page, uow: UnitOfWork, form: Form[Any], status: int = 200) -> Response[str]:
    origin = page.portal.origin_of(page.request)
    messages: list[Message] = []
    link: ResellerLink | None = None
    try:
        link = _link(uow, form.text("provider"), form.text("reseller"))
    except DomainError as refusal:
        messages.append(Message(text=refusal.message, tone="warning", dismissible=False))
    is_whole = link is not None and (link.kind is LinkKind.DIRECT or link.provider_id is not None)
    sells_for_itself = link is not None and link.partner_id == uow.actor.tenant
    return page.render(
        uow,
        "relationships/reseller_request.html",
        status=status,
        messages=messages,
        f=form,
        link=link.url(origin) if link is not None and is_whole else "",
        legacy_link=link.legacy_url(origin) if link is not None and is_whole else "",
        is_blocked=partner_service.what_blocks(uow, permissions.RESELLER_RELATIONSHIP_REQUEST) is not None,
        providers=_partner_choices(uow, PartnerRole.PROVIDER) if is_reseller(uow) else [],
        resellers=_partner_choices(uow, PartnerRole.RESELLER) if is_provider(uow) else [],
        is_reseller=is_reseller(uow),
        may_administer=uow.actor.may(GDAP.write) and sells_for_itself,
        administrations=[
            Choice("", "Without administration", "You can sell at once; ask for administration later if you need it."),
            *(
                Choice(name, f"With administration: {name.lower()} set of {len(roles)} roles")
                for name, roles in ROLE_SETS.items()
            ),
            Choice(OWN_ROLES, "With administration: roles chosen below"),
        ],
        roles=role_choices(),
        longest_name=LONGEST_NAME,
        here=f"{INVITATIONS}/new",
        crumbs=[
            Crumb("Home", "/"),
            Crumb("Customers", "/customers"),
            Crumb("Relationships", RELATIONSHIPS),
            Crumb("Request reseller relationship"),
        ],
    )


# --- the invitations

FILTERS = (
    Filter(
        "state", "State", tuple(Choice(state.value, words.invitation_badge(state).text) for state in InvitationState)
    ),
)


def _columns(uow: UnitOfWork) -> list[Column[ResellerInvitation]]:
    names: dict[UUID, str] = {}

    def provider(row: ResellerInvitation) -> str:
        if row.provider_id is None:
            return ""
        return names.setdefault(row.provider_id, name_of(uow, row.provider_id))

    return [
        Column(
            "to",
            "Invited",
            lambda row: row.recipient or Noted(row.customer_name, "Came by your link, without a mail"),
            href=lambda row: f"{INVITATIONS}/{row.id}",
            export=lambda row: row.recipient,
        ),
        Column("state", "State", lambda row: words.invitation_badge(row.state)),
        Column("sent", "Sent", lambda row: row.sent_at, sortable=True),
        Column("customer", "Answered by", lambda row: row.customer_name),
        Column("answered", "Answered", lambda row: row.answered_at),
        Column("reason", "Reason", lambda row: row.reason),
        Column("provider", "Together with", provider, optional=True),
        Column("granular", "With administration", lambda row: row.granular_id is not None, optional=True),
        Column("by", "Sent by", lambda row: row.sent_by, optional=True),
    ]


def _criteria(asked: ListRequest) -> InvitationCriteria:
    state = asked.filters.get("state")
    oldest_first = asked.sort == "sent" and not asked.descending
    return InvitationCriteria(
        search=asked.search, state=InvitationState(state) if state else None, oldest_first=oldest_first
    )


def _every(uow: UnitOfWork, criteria: InvitationCriteria) -> Iterator[ResellerInvitation]:
    return every_row(
        lambda after: reselling.page_of_reseller_invitations(uow, criteria, 500, after=after),
        lambda row: InvitationPosition(row.sent_at, row.id),
    )


def _file(page: Page, kind: ExportFormat, criteria: InvitationCriteria) -> Iterator[bytes]:
    with page.begin.read() as uow:
        rows = _every(uow, criteria)
        yield from export_chunks(kind, _columns(uow), rows, title="Invitations", created_at=uow.now)


@get(INVITATIONS, include_in_schema=False, sync_to_thread=True)
def list_invitations(page: NamedDependency[Page]) -> Response[Any]:
    """What was sent to customers, and what they answered."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.read)
        columns = _columns(uow)
        asked = read_list_request(
            INVITATIONS, page.request.query_params.multi_items(), columns=columns, filters=FILTERS, sort="-sent"
        )
        criteria = _criteria(asked)
        if asked.export:
            headers = export_headers(asked.export, "Invitations", uow.now)
            return Stream(_file(page, asked.export, criteria), headers=headers)
        found = reselling.page_of_reseller_invitations(
            uow,
            criteria,
            PAGE,
            after=position(asked.after, InvitationPosition),
            before=position(asked.before, InvitationPosition),
        )
        ask = Action("Request reseller relationship", href=f"{INVITATIONS}/new", icon="mail", primary=True)
        keys = [make_token(InvitationPosition(row.sent_at, row.id)) for row in found.rows]
        table = Table(
            "invitations",
            "Invitations",
            columns,
            found.rows,
            asked,
            Empty(
                "No invitation yet",
                "Write to companies that shall become your customers; their answers stand here.",
                ask,
                "mail",
            ),
            next_key=keys[-1] if found.has_after else "",
            previous_key=keys[0] if found.has_before and keys else "",
            search_label="Search by address or company",
            filters=FILTERS,
            row_actions=lambda row: [_withdraw(row)] if row.state is InvitationState.SENT else [],
        )
        return page.render(
            uow,
            "relationships/resale_list.html",
            heading="Invitations",
            lead="Mails that ask companies to accept you as their reseller.",
            tabs=tabs(uow, INVITATIONS),
            listed=table,
            actions=[ask],
            crumbs=[
                Crumb("Home", "/"),
                Crumb("Customers", "/customers"),
                Crumb("Relationships", RELATIONSHIPS),
                Crumb("Invitations"),
            ],
        )


def _withdraw(row: ResellerInvitation) -> Action:
    return Action(
        "Withdraw",
        post=f"{INVITATIONS}/{row.id}/withdraw",
        icon="dismiss_circle",
        confirm=Confirm(
            "Withdraw this invitation?",
            f"The link in the mail to {row.recipient} is refused from now on. Your plain link goes on.",
            "Withdraw",
            danger=True,
        ),
    )


@get(INVITATIONS + "/{invitation_id:uuid}", include_in_schema=False, sync_to_thread=True)
def one_invitation(invitation_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One mail as it was sent, and what came of it."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.read)
        row = reselling.one_reseller_invitation(uow, invitation_id)
        kind = LinkKind.DIRECT if row.provider_id is None else LinkKind.INDIRECT
        mpn = "" if kind is LinkKind.DIRECT else queries.transacting_id(uow, row.partner_id)
        link = ResellerLink(kind, row.partner_id, mpn, row.provider_id, row.id)
        origin = page.portal.origin_of(page.request)
        return page.render(
            uow,
            "relationships/reseller_invitation.html",
            invitation=row,
            state=words.invitation_badge(row.state),
            mail=mail_text(row, link, origin) if row.recipient else "",
            facts=[
                ("Sent", row.sent_at if row.recipient else None),
                ("Sent by", row.sent_by),
                ("Asks for", name_of(uow, row.partner_id)),
                ("Together with", name_of(uow, row.provider_id) if row.provider_id else ""),
                ("Answered", row.answered_at),
                ("Answered by", row.answered_by),
                ("Company", row.customer_name),
                ("Reason", row.reason),
            ],
            actions=[
                *([_withdraw(row)] if row.state is InvitationState.SENT else []),
                *(
                    [Action("Admin relationship", href=f"/granular-administration/{row.granular_id}")]
                    if row.granular_id
                    else []
                ),
                *(
                    [Action("Open customer", href=f"/customers/{row.customer_id}")]
                    if row.state is InvitationState.ACCEPTED
                    else []
                ),
            ],
            crumbs=[
                Crumb("Home", "/"),
                Crumb("Customers", "/customers"),
                Crumb("Invitations", INVITATIONS),
                Crumb(row.recipient or row.customer_name),
            ],
        )


@post(INVITATIONS + "/{invitation_id:uuid}/withdraw", include_in_schema=False, sync_to_thread=True)
def withdraw(invitation_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Take a mail back."""
    with page.begin() as uow:
        recipient = service.withdraw_customer_invitation(uow, invitation_id).recipient
    return page.redirect(INVITATIONS, note=f"The invitation to {recipient} was withdrawn.")


ROUTES: list[Any] = [request_form, send_invitations, list_invitations, one_invitation, withdraw]
