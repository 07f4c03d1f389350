"""Invitations: a guest asked in by mail, who comes in with an account of its own once it has accepted. Source: §16.

Until then the guest is in the directory, pending: it can be given groups, and nobody signs in as it.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select

from openpartner.identity import queries, rules
from openpartner.identity.events import GuestInvited, InvitationRedeemed, UserCreated
from openpartner.identity.models import Domain, Invitation, InvitationStatus, User, UserType
from openpartner.identity.service.issuing import text_hash
from openpartner.identity.service.scope import scope_of
from openpartner.identity.service.users import end_everything, new_puid
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.work import UnitOfWork

LONGEST_UPN = 320
PENDING, ACCEPTED = "PendingAcceptance", "Accepted"
"""``externalUserState`` of a guest."""


class NewInvitation(NamedTuple):
    """An invitation and the secret of its address, which is known only now; empty where nothing is left to accept."""

    invitation: Invitation
    user: User
    ticket: str


class MemberThere(Conflict):
    """The address is a member's: it needs no invitation."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(
            f"The invited user already exists in the directory as object ID: {user_id}. They can use that account to"
            " sign in to shared apps and resources."
        )


class OwnDomain(Invalid):
    """Whom the tenant could name itself is no guest of it."""

    def __init__(self, domain: str) -> None:
        super().__init__(
            f"The domain '{domain}' of the invited user's email address is a verified domain of this directory."
            " Create a user instead."
        )


class AddressTooLong(Invalid):
    """With the tenant's domain the address would be longer than a user's name may be."""

    def __init__(self) -> None:
        super().__init__("The invited user's email address is too long. Invite a shorter one.")


class OtherAddress(Invalid):
    """The signed-in account is not the one that was invited."""

    def __init__(self, email: str, upn: str) -> None:
        super().__init__(f"The invitation is for {email}, and you are signed in as {upn}. Sign in with that account.")


def invite_guest(
    uow: UnitOfWork,
    tenant_id: UUID,
    email: str,
    *,
    redirect_url: str,
    display_name: str = "",
    user_type: UserType = UserType.GUEST,
    reset: bool = False,
) -> NewInvitation:
    """Ask somebody in. Who is invited already gets another address; who is in already has nothing to accept.

    reset: who is in must accept anew, perhaps with another account.
    Raises NotFound, MemberThere, OwnDomain. Emits UserCreated for a new guest, GuestInvited.
    """
    tenant = queries.tenant_by_id(uow, tenant_id)
    user = guest_with(uow, tenant_id, email)
    if user is None:
        user = _pending_guest(uow, tenant_id, email, display_name or email.partition("@")[0], user_type)
    elif reset and user.home_user_id is not None:
        end_everything(uow, user)
        user.home_user_id, user.home_tenant_id = None, tenant.id
        user.invitation_state, user.invitation_state_at = PENDING, uow.now
    is_open = user.home_user_id is None
    ticket = uow.ids.token(32)
    invitation = Invitation(
        id=uow.ids.uuid(),
        tenant_id=tenant_id,
        user_id=user.id,
        email=email,
        redirect_url=redirect_url,
        ticket_hash=text_hash(ticket),
        status=InvitationStatus.PENDING if is_open else InvitationStatus.COMPLETED,
        invited_by=uow.actor.principal_id,
        created_at=uow.now,
    )
    uow.db.add(invitation)
    uow.db.flush()
    uow.emit(
        GuestInvited(
            **scope_of(uow, tenant_id),
            tenant_id=tenant_id,
            user_id=user.id,
            invitation_id=invitation.id,
            after={"mail": email, "status": invitation.status.value},
        )
    )
    return NewInvitation(invitation, user, ticket)


def guest_with(uow: UnitOfWork, tenant_id: UUID, email: str) -> User | None:
    """The tenant's guest with this address. Raises MemberThere for a member's, OwnDomain for a domain of its own."""
    key = email.lower()
    guest_name = rules.guest_upn(email, queries.tenant_by_id(uow, tenant_id).default_domain).lower()
    found = uow.db.scalars(
        select(User)
        .where(
            User.tenant_id == tenant_id,
            User.deleted_at.is_(None),
            or_(User.upn_key.in_([key, guest_name]), func.lower(User.mail) == key),
        )
        .order_by(User.created_at, User.id)
    ).all()
    guests = [each for each in found if each.invitation_state or each.home_user_id is not None]
    if guests:
        return guests[0]
    if found:
        raise MemberThere(found[0].id)
    domain = uow.db.get(Domain, key.rpartition("@")[2])
    if domain is not None and domain.tenant_id == tenant_id and domain.is_verified:
        raise OwnDomain(domain.name)
    return None


def _pending_guest(uow: UnitOfWork, tenant_id: UUID, email: str, display_name: str, user_type: UserType) -> User:
    name = rules.guest_upn(email, queries.tenant_by_id(uow, tenant_id).default_domain)
    if len(name) > LONGEST_UPN:
        raise AddressTooLong
    user = User(
        id=uow.ids.uuid(),
        tenant_id=tenant_id,
        upn=name,
        upn_key=name.lower(),
        display_name=display_name,
        mail=email,
        mail_nickname=name.rpartition("@")[0][:64],
        other_mails=[email],
        user_type=user_type,
        home_tenant_id=tenant_id,
        account_enabled=True,
        puid=new_puid(uow),
        created_at=uow.now,
        sessions_valid_from=uow.now,
        invitation_state=PENDING,
        invitation_state_at=uow.now,
    )
    uow.db.add(user)
    uow.db.flush()
    uow.emit(
        UserCreated(
            **scope_of(uow, tenant_id),
            tenant_id=tenant_id,
            user_id=user.id,
            after={"displayName": display_name, "userPrincipalName": name, "userType": user_type.value.capitalize()},
        )
    )
    return user


def invitation_with(uow: UnitOfWork, ticket: str) -> Invitation:
    """The invitation that an address is for. Raises NotFound, also when the guest was deleted meanwhile."""
    found = uow.db.scalar(select(Invitation).where(Invitation.ticket_hash == text_hash(ticket))) if ticket else None
    if found is None or uow.db.get_one(User, found.user_id).deleted_at is not None:
        raise NotFound("Invitation")
    return found


def check_invited(invitation: Invitation, home: User) -> None:
    """Refuse an account of which neither the name nor the mail was invited. Raises OtherAddress."""
    if invitation.email.lower() not in {home.upn.lower(), home.mail.lower()}:
        raise OtherAddress(invitation.email, home.upn)


def redeem_invitation(uow: UnitOfWork, invitation: Invitation, home: User) -> User:
    """The invited person accepts with the account ``home``; from now on it signs in to the tenant as the guest.

    A second time changes nothing. Raises OtherAddress, Conflict for an account that the tenant knows by another object.
    Emits InvitationRedeemed.
    """
    check_invited(invitation, home)
    user = uow.db.get_one(User, invitation.user_id)
    if user.home_user_id == home.id:
        invitation.status = InvitationStatus.COMPLETED
        return user
    present = home if home.tenant_id == invitation.tenant_id else queries.guest_of(uow, home.id, invitation.tenant_id)
    if user.home_user_id is not None or present is not None:
        raise Conflict("This account is in the directory already. Go on to the application that you were invited to.")
    user.home_user_id, user.home_tenant_id = home.id, home.tenant_id
    user.invitation_state, user.invitation_state_at = ACCEPTED, uow.now
    invitation.status, invitation.redeemed_at, invitation.redeemed_by = InvitationStatus.COMPLETED, uow.now, home.id
    uow.db.flush()
    uow.emit(
        InvitationRedeemed(
            **scope_of(uow, invitation.tenant_id),
            tenant_id=invitation.tenant_id,
            user_id=user.id,
            invitation_id=invitation.id,
            home_user_id=home.id,
            before={"externalUserState": PENDING},
            after={"externalUserState": ACCEPTED},
        )
    )
    return user
