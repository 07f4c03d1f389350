"""The page where an invited guest accepts: signed in with the account of the address that was invited."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from openpartner.identity import queries, resources
from openpartner.identity.models import Invitation, InvitationStatus
from openpartner.identity.portal.showing import said, show_step
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, form_target, params_of
from openpartner.identity.service import admitting, invitations, tenancy
from openpartner.identity.service.admitting import Admitted, Show, Wish
from openpartner.identity.service.invitations import OtherAddress
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork


def redeem(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Says who invites and what they will see, and takes the answer."""
    params = params_of(turn.request, {})
    ticket = body.get("ticket") or params.get("ticket", "")
    try:
        invitation = invitations.invitation_with(uow, ticket)
    except NotFound:
        text = "This invitation is not known or was withdrawn. Ask who invited you for another one."
        return said(uow, turn, "Invitation not found", text)
    wish = Wish(
        account=account_of(body.get("account") or params.get(ACCOUNT, "")),
        login_hint=invitation.email if not params.get(ACCOUNT) else "",
        prompt=params.get("prompt", ""),
    )
    application = tenancy.find_client(uow, str(resources.GRAPH), turn.exchange.tenant)
    admitted = admitting.admit(uow, turn.exchange, application, wish, turn.browser)
    if isinstance(admitted, Show):
        return show_step(uow, turn, admitted)
    return _answered(uow, turn, invitation, admitted, ticket=ticket, answer=body.get("answer", ""))


def _answered(
    uow: UnitOfWork, turn: Turn, invitation: Invitation, admitted: Admitted, *, ticket: str, answer: str
) -> Response[Any]:
    """The page, or what its answer leads to. answer: empty while nothing was answered."""
    if invitation.status is InvitationStatus.COMPLETED:
        return _onward(uow, turn, invitation, "You have accepted this invitation already.")
    try:
        invitations.check_invited(invitation, admitted.user)
    except OtherAddress as error:
        return _another_account(uow, turn, error, ticket)
    if answer == "cancel":
        return said(uow, turn, "Invitation not accepted", "Nothing was shared. You can close this window.")
    if answer == "accept":
        invitations.redeem_invitation(uow, invitation, admitted.user)
        return turn.to(invitation.redirect_url)
    tenant = queries.tenant_by_id(uow, invitation.tenant_id)
    return turn.page(
        uow,
        "redeem",
        targets=[form_target(invitation.redirect_url)],
        at=At(turn.request.scope["path"], "", str(admitted.session.id)),
        tenant_name=tenant.name,
        domain=tenant.default_domain,
        upn=admitted.user.upn,
        ticket=ticket,
        onward=invitation.redirect_url,
    )


def _another_account(uow: UnitOfWork, turn: Turn, error: OtherAddress, ticket: str) -> Response[Any]:
    again = f"{turn.request.scope['path']}?{urlencode({'ticket': ticket, 'prompt': 'login'})}"
    return turn.page(
        uow,
        "said",
        status=error.status,
        heading="Sign in with another account",
        text=error.message,
        onward="",
        again=again,
        details="",
    )


def _onward(uow: UnitOfWork, turn: Turn, invitation: Invitation, text: str) -> Response[Any]:
    return turn.page(
        uow,
        "said",
        heading="Nothing left to accept",
        text=text,
        onward=invitation.redirect_url,
        again="",
        details="",
    )
