"""The users of the actor's tenant: created, invited, edited, blocked, deleted and restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.identity import service as directory_service
from openpartner.partner import profiles, queries, rules
from openpartner.partner.events import (
    PartnerUserCreated,
    PartnerUserRemoved,
    PartnerUserRestored,
    PartnerUserUpdated,
)
from openpartner.partner.queries import Person
from openpartner.partner.rules import UserAction, UserState
from openpartner.partner.service.roles import assign_role, keep_an_administrator
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Conflict, Forbidden, InvalidFields, NotFound
from openpartner.platform.http.etags import check_etag
from openpartner.platform.permissions import OPERATOR_USERS, USERS_DIRECTORY_ROLES, USERS_PASSWORD_RESET, Function, Role
from openpartner.platform.work import UnitOfWork

_OF_STATUS = {"active": UserState.ACTIVE, "blocked": UserState.BLOCKED, "deleted": UserState.DELETED}


@dataclass(frozen=True)
class RoleWish:
    """A role to give to a new user; without locations it is for the whole company."""

    role: Role
    locations: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class NewPartnerUser:
    """A member to create. alias and domain make the name to sign in with."""

    first_name: str
    last_name: str
    alias: str
    domain: str
    mail: str = ""
    roles: tuple[RoleWish, ...] = ()


@dataclass(frozen=True)
class CreatedUser:
    """A new user, and the temporary password: shown once, here and nowhere else. A guest has none."""

    id: UUID
    upn: str
    display_name: str
    password: str


def users_function(uow: UnitOfWork) -> Function:
    """The row of the matrix under which this tenant's users are kept."""
    return OPERATOR_USERS if uow.actor.tenant_kind is TenantKind.OPERATOR else USERS_DIRECTORY_ROLES


def create_partner_user(uow: UnitOfWork, new: NewPartnerUser) -> CreatedUser:
    """A member of the tenant with a temporary password, to be changed at the first sign-in, and with roles.

    Raises InvalidFields, UpnTaken, UpnInvalid and the errors of ``assign_role``. Emits PartnerUserCreated.
    """
    uow.actor.require(users_function(uow).write)
    problems: dict[str, str] = {}
    if not new.first_name.strip():
        problems["first_name"] = "Give the first name."
    if not new.last_name.strip():
        problems["last_name"] = "Give the last name."
    if not new.alias.strip():
        problems["alias"] = "Give the name to sign in with."
    if new.mail and not profiles.is_email(new.mail.strip()):
        problems["mail"] = "This is not an email address."
    elif new.mail and queries.users_with_mail(uow, uow.actor.tenant, new.mail):
        problems["mail"] = "Another user has this email address. Each needs their own."
    if problems:
        raise InvalidFields(problems)
    created = directory_service.create_user(
        uow,
        uow.actor.tenant,
        upn=f"{new.alias.strip()}@{new.domain}",
        display_name=f"{new.first_name.strip()} {new.last_name.strip()}",
        given_name=new.first_name.strip(),
        surname=new.last_name.strip(),
        mail=new.mail.strip(),
    )
    for wish in new.roles:
        assign_role(uow, created.user.id, wish.role, locations=wish.locations)
    _announce_new(uow, created.user.id, created.user.upn, [wish.role for wish in new.roles])
    return CreatedUser(created.user.id, created.user.upn, created.user.display_name, created.password)


def invite_guest(uow: UnitOfWork, home_upn: str, roles: Sequence[RoleWish] = ()) -> CreatedUser:
    """Let somebody of another tenant in as a guest, who may hold few roles; a mail says so.

    Raises NotFound when nobody signs in with that name, NotForGuests. Emits PartnerUserCreated.
    """
    uow.actor.require(users_function(uow).write)
    home = directory.user_by_upn(uow, home_upn)
    if home is None:
        raise NotFound("User", home_upn)
    guest = directory_service.create_guest(uow, uow.actor.tenant, home.id)
    for wish in roles:
        assign_role(uow, guest.id, wish.role, locations=wish.locations)
    uow.mail(
        home.mail or home.upn,
        "You are invited as a guest",
        f"{uow.actor.name} lets you into their Partner Center account. Sign in with {home.upn} and switch to it.",
        topic="users",
        tenant_id=uow.actor.tenant,
    )
    _announce_new(uow, guest.id, guest.upn, [wish.role for wish in roles])
    return CreatedUser(guest.id, guest.upn, guest.display_name, "")


def _log(uow: UnitOfWork) -> UUID | None:
    return uow.actor.tenant if uow.actor.tenant_kind is TenantKind.PARTNER else None


def _announce_new(uow: UnitOfWork, user_id: UUID, upn: str, roles: Sequence[Role]) -> None:
    names = [role.value for role in roles]
    uow.emit(
        PartnerUserCreated(
            partner_id=_log(uow),
            tenant_id=uow.actor.tenant,
            user_id=user_id,
            roles=names,
            after={"userPrincipalName": upn, "roles": names},
        )
    )


def edit_partner_user(
    uow: UnitOfWork,
    user_id: UUID,
    *,
    first_name: str,
    last_name: str,
    display_name: str,
    mail: str,
    version: int | None = None,
) -> Person:
    """Change a user's names and mail. version: the one that was shown.

    Raises NotFound, InvalidFields, PreconditionFailed. Emits PartnerUserUpdated.
    """
    uow.actor.require(users_function(uow).write)
    before = queries.person(uow, user_id)
    check_etag(None if version is None else str(version), str(before.version))
    _check_rank(uow, before)
    problems: dict[str, str] = {}
    if not display_name.strip():
        problems["display_name"] = "Give the name to show."
    if mail.strip() and not profiles.is_email(mail.strip()):
        problems["mail"] = "This is not an email address."
    elif mail.strip() and set(queries.users_with_mail(uow, uow.actor.tenant, mail)) - {user_id}:
        problems["mail"] = "Another user has this email address. Each needs their own."
    if problems:
        raise InvalidFields(problems)
    directory_service.update_user(
        uow,
        user_id,
        given_name=first_name.strip(),
        surname=last_name.strip(),
        display_name=display_name.strip(),
        mail=mail.strip(),
    )
    after = queries.person(uow, user_id)
    shown = ("given_name", "surname", "display_name", "mail")
    changed = [name for name in shown if getattr(before, name) != getattr(after, name)]
    if changed:
        _updated(
            uow,
            user_id,
            {profiles.camel(name): getattr(before, name) for name in changed},
            {profiles.camel(name): getattr(after, name) for name in changed},
        )
    return after


def _updated(uow: UnitOfWork, user_id: UUID, before: dict[str, object] | None, after: dict[str, object]) -> None:
    uow.emit(
        PartnerUserUpdated(
            partner_id=_log(uow), tenant_id=uow.actor.tenant, user_id=user_id, before=before, after=after
        )
    )


class OnlyAGlobalAdmin(Forbidden):
    """A Global admin is blocked, deleted, edited or given a password by another Global admin only."""

    def __init__(self) -> None:
        super().__init__("This user is a Global admin; only another Global admin may do this.")


def _check_rank(uow: UnitOfWork, person: Person) -> None:
    """Nobody reaches above their own rank. Source: identity §12.2, Reset another user's password."""
    acting = uow.actor.roles
    if Role.GLOBAL_ADMIN in person.roles and Role.GLOBAL_ADMIN not in acting:
        raise OnlyAGlobalAdmin


def _check_not_oneself(uow: UnitOfWork, user_id: UUID) -> None:
    if user_id == uow.actor.principal_id:
        raise Conflict("Nobody blocks or deletes the own account. Ask another administrator.")


def _check_may_move(uow: UnitOfWork, user_id: UUID, action: UserAction) -> Person:
    uow.actor.require(users_function(uow).write)
    person = queries.person(uow, user_id, deleted=action is UserAction.RESTORE)
    rules.moved_user(_OF_STATUS[person.status], action, at=uow.now, deleted_at=person.deleted_at)
    _check_rank(uow, person)
    if action in {UserAction.BLOCK, UserAction.DELETE}:
        keep_an_administrator(uow, user_id)
        _check_not_oneself(uow, user_id)
    return person


def block_partner_user(uow: UnitOfWork, user_id: UUID) -> None:
    """Keep a user from signing in; every session ends. Raises NotFound, UserUnreachable, LastGlobalAdmin, Conflict."""
    _check_may_move(uow, user_id, UserAction.BLOCK)
    directory_service.block_user(uow, user_id)
    _updated(uow, user_id, {"state": "active"}, {"state": "blocked"})


def unblock_partner_user(uow: UnitOfWork, user_id: UUID) -> None:
    """Let a user sign in again. Raises NotFound, UserUnreachable."""
    _check_may_move(uow, user_id, UserAction.UNBLOCK)
    directory_service.unblock_user(uow, user_id)
    _updated(uow, user_id, {"state": "blocked"}, {"state": "active"})


def delete_partner_user(uow: UnitOfWork, user_id: UUID) -> None:
    """Put a user into the bin for 30 days; every session ends. Raises as ``block_partner_user``.

    Emits PartnerUserRemoved.
    """
    person = _check_may_move(uow, user_id, UserAction.DELETE)
    directory_service.delete_user(uow, user_id)
    uow.emit(
        PartnerUserRemoved(
            partner_id=_log(uow),
            tenant_id=uow.actor.tenant,
            user_id=user_id,
            before={"userPrincipalName": person.upn, "roles": [role.value for role in person.roles]},
        )
    )


def restore_partner_user(uow: UnitOfWork, user_id: UUID) -> None:
    """Take a user out of the bin, with the roles it had. Raises NotFound, RestoreTooLate, UpnTaken.

    Emits PartnerUserRestored.
    """
    person = _check_may_move(uow, user_id, UserAction.RESTORE)
    directory_service.restore_user(uow, user_id)
    uow.emit(
        PartnerUserRestored(
            partner_id=_log(uow),
            tenant_id=uow.actor.tenant,
            user_id=user_id,
            after={"userPrincipalName": person.upn},
        )
    )


def reset_partner_user_password(uow: UnitOfWork, user_id: UUID) -> str:
    """A new temporary password, shown once; every session ends. Raises NotFound, also for a guest."""
    uow.actor.require(
        OPERATOR_USERS.write if uow.actor.tenant_kind is TenantKind.OPERATOR else USERS_PASSWORD_RESET.write
    )
    person = queries.person(uow, user_id)
    _check_rank(uow, person)
    password = directory_service.reset_password(uow, user_id)
    _updated(uow, user_id, None, {"password": "reset"})
    return password
