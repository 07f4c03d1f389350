"""Inviting indirect resellers, and the reseller's page that answers. Source: portal-workspaces §2.8; gdap §14.5."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.identity import queries as directory
from openpartner.partner import queries as partners
from openpartner.partner import service as partner_service
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import DomainError, NotFound
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries, service
from openpartner.relationships.models.partnerships import PartnershipInvitation
from openpartner.relationships.portal import words
from openpartner.relationships.portal.resale_frame import PROVIDERS, RESELLERS, tabs
from openpartner.relationships.rules.invitations import InvitationState, addresses_in, written
from openpartner.relationships.service.partnerships import INVITATION_PATH, check_answerable, invitation_link
from openpartner.relationships.service.telling import name_of

SUBJECT = "{company} invites you to sell together"
TEXT = """\
Hello,

we would like to work with you: you look after your customers, and we buy and bill for them.

If your company is not enrolled as an indirect reseller yet, enrol first and sign the partner agreement. Then open the link below as a Global admin of your company and accept our partnership.

Kind regards
{person}
{company}
"""  # noqa: E501 - a paragraph of a mail is one line
ALL = f"{RESELLERS}/invitations"

COLUMNS = (
    Column[PartnershipInvitation]("to", "Invited", lambda row: row.recipient),
    Column[PartnershipInvitation]("state", "State", lambda row: words.invitation_badge(row.state)),
    Column[PartnershipInvitation]("sent", "Sent", lambda row: row.sent_at),
    Column[PartnershipInvitation]("by", "Sent by", lambda row: row.sent_by),
    Column[PartnershipInvitation]("answered", "Answered", lambda row: row.answered_at),
    Column[PartnershipInvitation]("answerer", "Answered by", lambda row: row.answered_by),
    Column[PartnershipInvitation]("reason", "Reason", lambda row: row.reason),
)
FILTERS = (
    Filter(
        "state", "State", tuple(Choice(state.value, words.invitation_badge(state).text) for state in InvitationState)
    ),
)
MOST_LISTED = 500


# --- the provider


@get(f"{RESELLERS}/invite", include_in_schema=False, sync_to_thread=True)
def invite_form(page: NamedDependency[Page]) -> Response[str]:
    """The mail, and whom to send it to."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
        company = name_of(uow, uow.actor.tenant)
        person = directory.user_by_id(uow, uow.actor.principal_id).display_name if uow.actor.principal_id else ""
        text = TEXT.format(company=company, person=person).strip()
        return _invite_page(page, uow, blank_form({"subject": SUBJECT.format(company=company), "text": text}))


@post(f"{RESELLERS}/invite", include_in_schema=False, sync_to_thread=True)
def invite(page: NamedDependency[Page]) -> Response[Any]:
    """Write to resellers-to-be."""
    form = posted(page.form)
    sent = attempt(page, form, lambda uow: _invite(page, uow))
    if sent is not None:
        return page.redirect(ALL, note="1 invitation was sent." if sent == 1 else f"{sent} invitations were sent.")
    with page.begin.read() as uow:
        uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
        return _invite_page(page, uow, form, status=422)


def _invite(page: Page, uow: UnitOfWork) -> int:
    uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
    given = page.form
    letter = written(addresses_in(given.get("recipients")), given.get("subject"), given.get("text"))
    return len(service.invite_indirect_resellers(uow, letter, page.portal.origin_of(page.request)))


def _invite_page(page: Page, uow: UnitOfWork, form: Form[Any], status: int = 200) -> Response[str]:
    return page.render(
        uow,
        "relationships/partnership_invite.html",
        status=status,
        f=form,
        here=f"{RESELLERS}/invite",
        crumbs=[Crumb("Home", "/"), Crumb("Indirect resellers", RESELLERS), Crumb("Invite")],
    )


@get(ALL, include_in_schema=False, sync_to_thread=True)
def list_partnership_invitations(page: NamedDependency[Page]) -> Response[Any]:
    """What was sent to resellers-to-be, the open ones first."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.read)
        asked = read_list_request(ALL, page.request.query_params.multi_items(), columns=COLUMNS, filters=FILTERS)
        state = asked.filters.get("state")
        rows = queries.partnership_invitations(
            uow, state=InvitationState(state) if state else None, search=asked.search, limit=MOST_LISTED
        )
        if asked.export:
            chunks = export_chunks(asked.export, COLUMNS, rows, title="Invitations", created_at=uow.now)
            return Stream(list(chunks), headers=export_headers(asked.export, "Invitations", uow.now))
        ask = Action("Invite resellers", href=f"{RESELLERS}/invite", icon="people_add", primary=True)
        origin = page.portal.origin_of(page.request)
        table = Table(
            "invitations",
            "Invitations",
            COLUMNS,
            rows,
            asked,
            Empty("No invitation yet", "Write to companies that shall sell through you.", ask, "mail"),
            search_label="Search by address",
            filters=FILTERS,
            row_actions=lambda row: [_withdraw(row, origin)] if row.state is InvitationState.SENT else [],
        )
        return page.render(
            uow,
            "relationships/resale_list.html",
            heading="Invitations of resellers",
            lead="Each link is for one reseller and answered once.",
            tabs=tabs(uow, RESELLERS),
            listed=table,
            actions=[ask],
            crumbs=[Crumb("Home", "/"), Crumb("Indirect resellers", RESELLERS), Crumb("Invitations")],
        )


def _withdraw(row: PartnershipInvitation, origin: str) -> Action:
    return Action(
        "Withdraw",
        post=f"{ALL}/{row.id}/withdraw",
        icon="dismiss_circle",
        confirm=Confirm(
            "Withdraw this invitation?",
            f"{row.recipient} can no longer accept by {invitation_link(origin, row.id)}.",
            "Withdraw",
            danger=True,
        ),
    )


@post(ALL + "/{invitation_id:uuid}/withdraw", include_in_schema=False, sync_to_thread=True)
def withdraw_from_reseller(invitation_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Take a mail back."""
    with page.begin() as uow:
        recipient = service.withdraw_partnership_invitation(uow, invitation_id).recipient
    return page.redirect(ALL, note=f"The invitation of {recipient} was withdrawn.")


# --- the reseller


@get(INVITATION_PATH + "/{invitation_id:uuid}", include_in_schema=False, sync_to_thread=True)
def show_partnership_invitation(invitation_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Who asks, what it means, what is missing before this company can accept."""
    with page.begin.read() as uow:
        if uow.actor.tenant_kind is not TenantKind.PARTNER:
            raise NotFound("Invitation", invitation_id)
        uow.actor.require(permissions.INDIRECT_PROVIDERS.read)
        return _answer_page(page, uow, invitation_id, blank_form())


def _answer_page(page: Page, uow: UnitOfWork, invitation_id: UUID, form: Form[Any], status: int = 200) -> Response[str]:
    invitation = queries.invitation_to_partner(uow, invitation_id)
    provider = service.company_of(uow, invitation.provider_id)
    own = partners.account_of(uow, uow.actor.tenant)
    obstacle = ""
    try:
        check_answerable(uow, invitation)
    except DomainError as refusal:
        obstacle = refusal.message
    blocked = None if own is None else partner_service.what_blocks(uow, permissions.RESELLER_RELATIONSHIP_REQUEST)
    return page.render(
        uow,
        "relationships/partnership_answer.html",
        status=status,
        f=form,
        invitation=invitation,
        provider=provider,
        rows=words.company_rows(provider),
        obstacle=obstacle,
        blocked=blocked,
        is_open=invitation.state is InvitationState.SENT,
        may_answer=uow.actor.may(permissions.INDIRECT_PROVIDERS.write),
        here=f"{INVITATION_PATH}/{invitation.id}",
        crumbs=[Crumb("Home", "/"), Crumb("Indirect providers", PROVIDERS), Crumb("Invitation")],
    )


@post(INVITATION_PATH + "/{invitation_id:uuid}", include_in_schema=False, sync_to_thread=True)
def answer_partnership_invitation(invitation_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Accept or refuse."""
    form = posted(page.form)
    if page.form.get("answer") == "refuse":
        reason = page.form.get("reason")
        if attempt(page, form, lambda uow: service.refuse_partnership(uow, invitation_id, reason)):
            return page.redirect(PROVIDERS, note="You have refused the invitation. The provider was told.")
    else:
        provider_id = attempt(page, form, lambda uow: service.accept_partnership(uow, invitation_id).provider_id)
        if provider_id is not None:
            return page.redirect(f"{PROVIDERS}/{provider_id}", note="You are partners now.")
    with page.begin.read() as uow:
        return _answer_page(page, uow, invitation_id, form, status=422)


ROUTES: list[Any] = [
    invite_form,
    invite,
    list_partnership_invitations,
    withdraw_from_reseller,
    show_partnership_invitation,
    answer_partnership_invitation,
]
