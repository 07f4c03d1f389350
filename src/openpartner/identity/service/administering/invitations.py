"""Invitations, as Graph sends them. Source: graph-endpoints, area invitations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from openpartner.identity import protocol, queries, service
from openpartner.identity.models import UserType
from openpartner.identity.protocol import Platform
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.invitations import AddressTooLong, MemberThere, NewInvitation, OwnDomain
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.work import UnitOfWork

_ADDRESS = re.compile(r"[^@\s\x00-\x1f\"(),:;<>\\\[\]]{1,64}@[^@\s\x00-\x1f\"(),:;<>\\\[\]]+\.[A-Za-z0-9-]{2,63}")
LONGEST_MESSAGE = 2000
MOST_COPIES = 1
"""Source: entra-docs, invitedUserMessageInfo: one recipient of a copy."""


@dataclass(frozen=True)
class InvitationFacts:
    """What is asked of an invitation. base: of the address where it is accepted. copies: who gets the mail too."""

    email: str
    redirect_url: str
    base: str
    display_name: str = ""
    user_type: str = "Guest"
    sends_mail: bool = False
    message: str = ""
    copies: Sequence[str] = ()
    reset: bool = False


class InvitationRefused(GraphInvalid):
    """The invitation cannot be made; the reason says why."""

    code = "BadRequest"


def _check(wanted: InvitationFacts) -> UserType:
    for name, value in (("invitedUserEmailAddress", wanted.email), ("inviteRedirectUrl", wanted.redirect_url)):
        if not value:
            raise InvitationRefused(f"The property '{name}' is needed.", target=name)
    for address in (wanted.email, *wanted.copies):
        if len(address) > 254 or not _ADDRESS.fullmatch(address):
            raise InvitationRefused(
                f"The invited user email address '{address}' is not a mail address.", target="invitedUserEmailAddress"
            )
    try:
        protocol.check_redirect_uri(wanted.redirect_url, Platform.WEB)
    except protocol.RedirectUriRefused as error:
        raise InvitationRefused(
            f"The inviteRedirectUrl '{wanted.redirect_url}' cannot be used: it is an https address.",
            target="inviteRedirectUrl",
        ) from error
    if len(wanted.display_name) > 256 or "\0" in wanted.display_name:
        raise InvitationRefused(
            "The invitedUserDisplayName has at most 256 characters.", target="invitedUserDisplayName"
        )
    if len(wanted.message) > LONGEST_MESSAGE or "\0" in wanted.message:
        raise InvitationRefused(
            f"The message has at most {LONGEST_MESSAGE} characters.", target="customizedMessageBody"
        )
    if len(wanted.copies) > MOST_COPIES:
        raise InvitationRefused("A copy goes to one recipient at most.", target="ccRecipients")
    try:
        return UserType(wanted.user_type.lower())
    except ValueError as error:
        raise InvitationRefused("The invitedUserType is Guest or Member.", target="invitedUserType") from error


def send_invitation(uow: UnitOfWork, wanted: InvitationFacts) -> tuple[NewInvitation, str]:
    """Ask a guest in, by mail if that is wanted; gives the invitation and the address where it is accepted.

    Raises ScopeNeeded, DirectoryRoleNeeded, InvitationRefused. Emits UserCreated, GuestInvited.
    """
    tenant_id = allow(uow, DirectoryAction.GUESTS_INVITE)
    user_type = _check(wanted)
    if user_type is UserType.MEMBER or wanted.reset:
        allow(uow, DirectoryAction.USERS_UPDATE)  # beyond what a Guest Inviter may
    try:
        made = service.invite_guest(
            uow,
            tenant_id,
            wanted.email,
            redirect_url=wanted.redirect_url,
            display_name=wanted.display_name,
            user_type=user_type,
            reset=wanted.reset,
        )
    except (AddressTooLong, MemberThere, OwnDomain) as error:
        raise InvitationRefused(error.message, target="invitedUserEmailAddress") from error
    address = f"{wanted.base}/{protocol.COMMON}/oauth2/redeem?{urlencode({'ticket': made.ticket})}"
    if wanted.sends_mail:
        _tell(uow, wanted, made, address)
    return made, address


def _tell(uow: UnitOfWork, wanted: InvitationFacts, made: NewInvitation, address: str) -> None:
    tenant = queries.tenant_by_id(uow, made.invitation.tenant_id)
    own = f"\n\n{wanted.message}" if wanted.message else ""
    text = (
        f"{uow.actor.name or tenant.name} invites you to {tenant.name} as a guest.{own}\n\nAccept only if you know who"
        f" sent this, with the account of your address:\n{address}"
    )
    for recipient in (wanted.email, *wanted.copies):
        uow.mail(recipient, f"{tenant.name} invites you", text, topic="invitations", tenant_id=tenant.id)
