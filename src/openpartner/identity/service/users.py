"""Users: their life from creation to the bin and back, their passwords, and the end of their sessions."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, update

from openpartner.identity import queries, rules
from openpartner.identity.events import (
    PasswordChanged,
    PasswordReset,
    SessionEnded,
    SessionsRevoked,
    UserCreated,
    UserDeleted,
    UserRestored,
    UserUpdated,
)
from openpartner.identity.models import (
    AuthorizationCode,
    DeviceCode,
    Domain,
    RefreshToken,
    SignInSession,
    User,
    UserType,
)
from openpartner.identity.passwords import fits, hash_password
from openpartner.identity.service.groups import keeping_a_global_administrator
from openpartner.identity.service.scope import scope_of
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.work import UnitOfWork

_WIRE_NAMES = {
    "display_name": "displayName",
    "given_name": "givenName",
    "surname": "surname",
    "mail": "mail",
    "usage_location": "usageLocation",
    "preferred_language": "preferredLanguage",
    "upn": "userPrincipalName",
    "job_title": "jobTitle",
    "department": "department",
    "company_name": "companyName",
    "office_location": "officeLocation",
    "mobile_phone": "mobilePhone",
    "fax_number": "faxNumber",
    "street_address": "streetAddress",
    "city": "city",
    "state": "state",
    "postal_code": "postalCode",
    "country": "country",
    "employee_id": "employeeId",
    "mail_nickname": "mailNickname",
    "password_policies": "passwordPolicies",
    "on_premises_immutable_id": "onPremisesImmutableId",
    "business_phones": "businessPhones",
    "other_mails": "otherMails",
    "show_in_address_list": "showInAddressList",
}
"""What of a user can be changed as it is given, with the names that facts use."""


class NewUser(NamedTuple):
    """A user and the password to hand out, which is known only now; empty for a guest."""

    user: User
    password: str


def create_user(
    uow: UnitOfWork,
    tenant_id: UUID,
    *,
    upn: str,
    display_name: str,
    given_name: str = "",
    surname: str = "",
    mail: str = "",
    usage_location: str = "",
    preferred_language: str = "",
    password: str | None = None,
    force_change: bool = True,
    user_id: UUID | None = None,
) -> NewUser:
    """A member of a tenant. Without a password a temporary one is made; either is returned once.

    upn: at a verified domain of the tenant. user_id: where the caller has promised one (seeds, imports).
    Raises NotFound, UpnInvalid, UpnTaken, PasswordRefused. Emits UserCreated.
    """
    tenant = queries.tenant_by_id(uow, tenant_id)
    name = _free_upn(uow, tenant.id, upn)
    secret = password if password is not None else rules.temporary_password(uow.ids.pick)
    rules.check_password(secret, name)
    user = User(
        id=user_id or uow.ids.uuid(),
        tenant_id=tenant.id,
        upn=name,
        upn_key=name.lower(),
        display_name=display_name,
        given_name=given_name,
        surname=surname,
        mail=mail,
        usage_location=usage_location.upper(),
        preferred_language=preferred_language,
        mail_nickname=name.partition("@")[0][:64],
        user_type=UserType.MEMBER,
        home_tenant_id=tenant.id,
        account_enabled=True,
        puid=new_puid(uow),
        created_at=uow.now,
        password_hash=hash_password(secret, uow.ids.octets),
        password_changed_at=uow.now,
        force_change=force_change,
        sessions_valid_from=uow.now,
    )
    uow.db.add(user)
    uow.db.flush()
    uow.emit(UserCreated(**scope_of(uow, tenant.id), tenant_id=tenant.id, user_id=user.id, after=_shown(user, "upn")))
    return NewUser(user, secret)


def create_guest(uow: UnitOfWork, tenant_id: UUID, home_user_id: UUID) -> User:
    """Let a user of another tenant in as a guest; a second time gives the guest that is there.

    Raises NotFound, Conflict when it is the tenant's own user. Emits UserCreated.
    """
    tenant = queries.tenant_by_id(uow, tenant_id)
    home = queries.user_by_id(uow, home_user_id)
    if home.tenant_id == tenant.id:
        raise Conflict("The user is a member of this tenant already.")
    present = queries.guest_of(uow, home.id, tenant.id)
    if present is not None:
        return present
    name = rules.guest_upn(home.mail or home.upn, tenant.default_domain)
    if queries.user_by_upn(uow, name) is not None:
        raise rules.UpnTaken(name)
    guest = User(
        id=uow.ids.uuid(),
        tenant_id=tenant.id,
        upn=name,
        upn_key=name.lower(),
        display_name=home.display_name,
        given_name=home.given_name,
        surname=home.surname,
        mail=home.mail or home.upn,
        user_type=UserType.GUEST,
        home_tenant_id=home.tenant_id,
        home_user_id=home.id,
        account_enabled=True,
        puid=new_puid(uow),
        created_at=uow.now,
        sessions_valid_from=uow.now,
    )
    uow.db.add(guest)
    uow.db.flush()
    uow.emit(UserCreated(**scope_of(uow, tenant.id), tenant_id=tenant.id, user_id=guest.id, after=_shown(guest, "upn")))
    return guest


def new_puid(uow: UnitOfWork) -> str:
    """A passport unique id: sixteen upper-case hexadecimal digits."""
    return f"1003{uow.ids.hex(12)}".upper()


def _shown(user: User, *members: str) -> dict[str, Any]:
    return {_WIRE_NAMES[name]: getattr(user, name) for name in ("display_name", *members)}


def _free_upn(uow: UnitOfWork, tenant_id: UUID, upn: str) -> str:
    local, domain = rules.split_upn(upn)
    owned = uow.db.get(Domain, domain)
    if owned is None or owned.tenant_id != tenant_id or not owned.is_verified:
        raise rules.UpnInvalid(upn, f"'{domain}' is not a verified domain of this tenant.")
    name = f"{local}@{domain}"
    if queries.user_by_upn(uow, name) is not None:
        raise rules.UpnTaken(name)
    return name


def update_user(uow: UnitOfWork, user_id: UUID, **changes: Any) -> User:
    """Change members of a user: those of ``_WIRE_NAMES``, as texts, lists of texts or a truth value.

    Raises NotFound, UpnInvalid, UpnTaken, Invalid for another member. Emits UserUpdated with what really changed.
    """
    user = queries.user_by_id(uow, user_id)
    unknown = set(changes) - set(_WIRE_NAMES)
    if unknown:
        raise Invalid(f"These members of a user cannot be changed: {', '.join(sorted(unknown))}.")
    if "upn" in changes and changes["upn"].strip().lower() != user.upn_key:
        changes["upn"] = _free_upn(uow, user.tenant_id, changes["upn"])
    if "usage_location" in changes:
        changes["usage_location"] = changes["usage_location"].upper()
    changed = {name: value for name, value in changes.items() if getattr(user, name) != value}
    if not changed:
        return user
    before = {_WIRE_NAMES[name]: getattr(user, name) for name in changed}
    for name, value in changed.items():
        setattr(user, name, value)
    user.upn_key = user.upn.lower()
    uow.db.flush()
    after = {_WIRE_NAMES[name]: value for name, value in changed.items()}
    uow.emit(
        UserUpdated(
            **scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, before=before, after=after
        )
    )
    return user


def set_manager_of(uow: UnitOfWork, user_id: UUID, manager_id: UUID | None) -> User:
    """Say who a user's manager is, or that there is none. Raises NotFound. Emits UserUpdated."""
    user = queries.user_by_id(uow, user_id)
    if manager_id is not None:
        queries.user_by_id(uow, manager_id, user.tenant_id)
    before, user.manager_id = user.manager_id, manager_id
    uow.db.flush()
    if before != manager_id:
        uow.emit(
            UserUpdated(
                **scope_of(uow, user.tenant_id),
                tenant_id=user.tenant_id,
                user_id=user.id,
                before={"manager": str(before) if before else None},
                after={"manager": str(manager_id) if manager_id else None},
            )
        )
    return user


def block_user(uow: UnitOfWork, user_id: UUID) -> User:
    """Keep a user from signing in; sessions and refresh tokens die. Raises NotFound, LastGlobalAdministrator."""
    return _enable(uow, user_id, enabled=False)


def unblock_user(uow: UnitOfWork, user_id: UUID) -> User:
    """Let a user sign in again, forgetting failed attempts. Raises NotFound. Emits UserUpdated."""
    return _enable(uow, user_id, enabled=True)


def _enable(uow: UnitOfWork, user_id: UUID, *, enabled: bool) -> User:
    user = queries.user_by_id(uow, user_id)
    if enabled:
        user.failed_attempts, user.locked_until = 0, None
    if user.account_enabled == enabled:
        return user
    with keeping_a_global_administrator(uow, user.tenant_id):
        user.account_enabled = enabled
        uow.db.flush()
    if not enabled:
        end_everything(uow, user)
    uow.emit(
        UserUpdated(
            **scope_of(uow, user.tenant_id),
            tenant_id=user.tenant_id,
            user_id=user.id,
            before={"accountEnabled": not enabled},
            after={"accountEnabled": enabled},
        )
    )
    return user


def delete_user(uow: UnitOfWork, user_id: UUID) -> User:
    """Put a user into the bin. The name is free at once; roles and groups come back with a restore.

    Raises NotFound, LastGlobalAdministrator. Emits UserDeleted.
    """
    user = queries.user_by_id(uow, user_id)
    with keeping_a_global_administrator(uow, user.tenant_id):
        user.deleted_at = uow.now
        user.upn_key = f"{user.id}~{user.upn.lower()}"
        uow.db.flush()
    end_everything(uow, user)
    uow.emit(
        UserDeleted(
            **scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, before=_shown(user, "upn")
        )
    )
    return user


def restore_user(uow: UnitOfWork, user_id: UUID) -> User:
    """Take a user out of the bin within 30 days. Raises NotFound (also later), UpnTaken. Emits UserRestored."""
    user = queries.user_by_id(uow, user_id, deleted=True)
    if user.deleted_at is None or uow.now - user.deleted_at > rules.RESTORABLE:
        raise NotFound("User", user_id)
    if queries.user_by_upn(uow, user.upn) is not None:
        raise rules.UpnTaken(user.upn)
    user.deleted_at, user.upn_key = None, user.upn.lower()
    uow.db.flush()
    uow.emit(
        UserRestored(
            **scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, after=_shown(user, "upn")
        )
    )
    return user


def reset_password(uow: UnitOfWork, user_id: UUID, password: str | None = None, *, force_change: bool = True) -> str:
    """Set a user's password for them, a temporary one if none is given, and end all sessions. Gives back the password.

    Raises NotFound (who signs in elsewhere has no password here), PasswordRefused. Emits PasswordReset.
    """
    user = queries.user_by_id(uow, user_id)
    if user.is_external:
        raise NotFound("Password of guest", user_id)
    secret = password if password is not None else rules.temporary_password(uow.ids.pick)
    _set_password(uow, user, secret, force_change=force_change)
    end_everything(uow, user)
    uow.emit(PasswordReset(**scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id))
    return secret


def change_own_password(uow: UnitOfWork, user_id: UUID, present: str, wanted: str) -> User:
    """The user's own change; ends every session and refresh token, the caller makes a new one.

    Raises NotFound, PasswordRefused (also for a wrong present one or no change). Emits PasswordChanged.
    """
    user = queries.user_by_id(uow, user_id)
    if not fits(user.password_hash, present):
        raise rules.PasswordRefused("The present password is wrong.", is_wrong=True)
    if present == wanted:
        raise rules.PasswordRefused("it is the one you have.")
    _set_password(uow, user, wanted, force_change=False)
    end_everything(uow, user)
    uow.emit(PasswordChanged(**scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id))
    return user


def _set_password(uow: UnitOfWork, user: User, password: str, *, force_change: bool) -> None:
    rules.check_password(password, user.upn)
    user.password_hash = hash_password(password, uow.ids.octets)
    user.password_changed_at = uow.now
    user.force_change = force_change
    user.failed_attempts, user.locked_until = 0, None
    uow.db.flush()


def end_everything(uow: UnitOfWork, user: User) -> None:
    """Let nothing issued up to this instant live: sessions, refresh tokens, codes."""
    user.sessions_valid_from = uow.now
    uow.db.execute(
        update(SignInSession)
        .where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None))
        .values(ended_at=uow.now)
    )
    uow.db.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )
    uow.db.execute(delete(AuthorizationCode).where(AuthorizationCode.user_id == user.id))
    uow.db.execute(delete(DeviceCode).where(DeviceCode.user_id == user.id))
    uow.db.flush()


def revoke_sessions(uow: UnitOfWork, user_id: UUID) -> None:
    """Sign a user out everywhere; refresh tokens answer 50173 from now on. Raises NotFound. Emits SessionsRevoked."""
    user = queries.user_by_id(uow, user_id)
    end_everything(uow, user)
    uow.emit(SessionsRevoked(**scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id))


def list_sessions(uow: UnitOfWork, user_id: UUID) -> Sequence[SignInSession]:
    """A user's live sessions, latest first. Raises NotFound."""
    return queries.sessions_of(uow, queries.user_by_id(uow, user_id).id)


def end_session(uow: UnitOfWork, user_id: UUID, session_id: UUID) -> None:
    """End one session of a user with the refresh tokens that came of it. Raises NotFound. Emits SessionEnded."""
    user = queries.user_by_id(uow, user_id)
    session = uow.db.get(SignInSession, session_id)
    if session is None or session.user_id != user.id or session.ended_at is not None:
        raise NotFound("Session", session_id)
    session.ended_at = uow.now
    uow.db.execute(
        update(RefreshToken)
        .where(RefreshToken.session_id == session.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )
    uow.db.flush()
    uow.emit(
        SessionEnded(**scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, session_id=session.id)
    )
