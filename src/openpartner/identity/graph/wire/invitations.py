"""Invitations as Graph shows and takes them. Source: graph-conventions §16, invitation."""

from typing import Any

from msgspec import UNSET, UnsetType

from openpartner.identity.models import InvitationStatus
from openpartner.identity.service.administering.invitations import InvitationFacts
from openpartner.identity.service.invitations import NewInvitation
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import Enumeration, Kind, Property, Resource, boolean, choice, declare, guid, text

STATUS = Enumeration(
    name="invitationStatus", members=(*(each.value for each in InvitationStatus), "InProgress", "Error")
)
MESSAGE = declare(
    Property(name="ccRecipients", kind=Kind.COMPLEX, type_name="recipient", is_collection=True),
    text("customizedMessageBody"),
    text("messageLanguage"),
)
INVITATION = Resource(
    name="invitation",
    entity_set="invitations",
    properties=declare(
        guid("id", is_nullable=False),
        text("invitedUserDisplayName"),
        text("invitedUserEmailAddress", is_nullable=False),
        Property(name="invitedUserMessageInfo", kind=Kind.COMPLEX, type_name="invitedUserMessageInfo", members=MESSAGE),
        text("invitedUserType"),
        text("inviteRedeemUrl"),
        text("inviteRedirectUrl"),
        boolean("resetRedemption"),
        boolean("sendInvitationMessage"),
        choice("status", STATUS),
        Property(name="invitedUser", kind=Kind.COMPLEX, type_name="user", members=declare(guid("id"))),
    ),
)


class MailAddress(Change, kw_only=True):
    """Whom a mail goes to."""

    address: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET


class Recipient(Change, kw_only=True):
    """The same, as mail has it."""

    email_address: MailAddress | UnsetType | None = UNSET


class MessageChange(Change, kw_only=True):
    """What the mail says."""

    cc_recipients: list[Recipient] | UnsetType | None = UNSET
    customized_message_body: str | UnsetType | None = UNSET
    message_language: str | UnsetType | None = UNSET

    def copies(self) -> list[str]:
        """Addresses of those who get it too."""
        found = []
        for each in self.given().get("cc_recipients") or ():
            address = each.email_address
            if isinstance(address, MailAddress) and isinstance(address.address, str):
                found.append(address.address.strip())
        return found


class InvitationChange(Change, kw_only=True):
    """What an invitation takes."""

    invited_user_display_name: str | UnsetType | None = UNSET
    invited_user_email_address: str | UnsetType | None = UNSET
    invited_user_message_info: MessageChange | UnsetType | None = UNSET
    invited_user_type: str | UnsetType | None = UNSET
    invite_redirect_url: str | UnsetType | None = UNSET
    send_invitation_message: bool | UnsetType | None = UNSET
    reset_redemption: bool | UnsetType | None = UNSET
    invited_user: Any = UNSET
    invite_redeem_url: Any = UNSET
    status: Any = UNSET

    def facts(self, base: str) -> InvitationFacts:
        """What it asks. base: of the address where it is accepted."""
        given = self.given()
        info = self.invited_user_message_info
        said = info.given() if isinstance(info, MessageChange) else {}
        return InvitationFacts(
            email=(given.get("invited_user_email_address") or "").strip(),
            redirect_url=(given.get("invite_redirect_url") or "").strip(),
            base=base,
            display_name=given.get("invited_user_display_name") or "",
            user_type=given.get("invited_user_type") or "Guest",
            sends_mail=given.get("send_invitation_message") is True,
            message=said.get("customized_message_body") or "",
            copies=info.copies() if isinstance(info, MessageChange) else (),
            reset=given.get("reset_redemption") is True,
        )


def invitation_row(made: NewInvitation, wanted: InvitationFacts, address: str) -> dict[str, Any]:
    """An invitation as the one answer that has its address shows it."""
    copies = [{"emailAddress": {"name": None, "address": each}} for each in wanted.copies]
    return {
        "id": made.invitation.id,
        "invitedUserDisplayName": wanted.display_name or None,
        "invitedUserEmailAddress": made.invitation.email,
        "invitedUserMessageInfo": {
            "ccRecipients": copies,
            "customizedMessageBody": wanted.message or None,
            "messageLanguage": None,
        },
        "invitedUserType": made.user.user_type.value.capitalize(),
        "inviteRedeemUrl": address,
        "inviteRedirectUrl": made.invitation.redirect_url,
        "resetRedemption": wanted.reset,
        "sendInvitationMessage": wanted.sends_mail,
        "status": made.invitation.status.value,
        "invitedUser": {"id": made.user.id},
    }
