"""Users, as Graph changes them. What the directory itself demands is in ``service/users.py``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import String

from openpartner.identity import rules, service
from openpartner.identity.models import PrincipalKind, User, UserType
from openpartner.identity.service.administering.allowing import allow, own_user
from openpartner.identity.service.administering.finding import principal_named, user_named
from openpartner.platform import countries
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph.errors import Detail, GraphInvalid, ResourceMissing
from openpartner.platform.work import UnitOfWork

SENSITIVE = frozenset({"upn", "other_mails", "mobile_phone", "business_phones", "on_premises_immutable_id"})
"""Members that could take an account over. Source: entra-docs, sensitive actions."""


@dataclass(frozen=True)
class Password:
    """What an administrator sets; ``value`` None makes the user change the present one."""

    value: str | None
    force_change: bool = True


@dataclass(frozen=True)
class UserFacts:
    """What is asked of a user. details: by the columns' names, what is stored as given. None: not asked."""

    details: Mapping[str, Any]
    account_enabled: bool | None = None
    password: Password | None = None
    user_type: str | None = None


class PropertyNeeded(GraphInvalid):
    """A property that creation demands is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A value is required for property '{name}' of resource 'User'.",
            target=name,
            details=[Detail("InvalidValue", "The value is missing.", name)],
        )


class ValueTaken(GraphInvalid):
    """Another object has the value. Graph says 400 where others say 409."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another object with the same value for property {name} already exists.",
            target=name,
            details=[Detail("ObjectConflict", f"Another object has this {name}.", name)],
        )


class ValueInvalid(GraphInvalid):
    """A property's value breaks a rule; the reason says which."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"Invalid value specified for property '{name}' of resource 'User'. {reason}",
            target=name,
            details=[Detail("InvalidValue", reason, name)],
        )


class PasswordNotAccepted(GraphInvalid):
    """The directory's policy refuses the password."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The specified password does not comply with password complexity requirements. {reason}",
            target="password",
            details=[Detail("PasswordPolicyViolation", reason, "password")],
        )


_LENGTHS = {column.name: column.type.length for column in User.__table__.columns if isinstance(column.type, String)}
_NAMES = {
    "upn": "userPrincipalName",
    "display_name": "displayName",
    "usage_location": "usageLocation",
    "mail_nickname": "mailNickname",
}


def _wire_name(column: str) -> str:
    head, *rest = column.split("_")
    return _NAMES.get(column, head + "".join(part.capitalize() for part in rest))


def _check(details: Mapping[str, Any]) -> None:
    """Refuse what no column can hold. Raises ValueInvalid."""
    for name, value in details.items():
        longest = _LENGTHS.get(name)
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, str):
                continue
            if "\0" in each:
                raise ValueInvalid(_wire_name(name), "It must not contain control characters.")
            if longest is not None and len(each) > longest:
                raise ValueInvalid(_wire_name(name), f"It has at most {longest} characters.")
    if details.get("display_name") == "":
        raise ValueInvalid("displayName", "It must not be empty.")
    country = details.get("usage_location")
    if country and str(country).upper() not in countries.CULTURES:
        raise ValueInvalid("usageLocation", "Give the two letters of a country, such as US.")


def create_directory_user(uow: UnitOfWork, wanted: UserFacts) -> User:
    """A member of the tenant that the token is for.

    Raises ScopeNeeded, DirectoryRoleNeeded, PropertyNeeded, ValueTaken, ValueInvalid, PasswordNotAccepted.
    Emits UserCreated, UserUpdated.
    """
    tenant_id = allow(uow, DirectoryAction.USERS_CREATE)
    details = dict(wanted.details)
    given = {
        "accountEnabled": wanted.account_enabled,
        "displayName": details.get("display_name"),
        "mailNickname": details.get("mail_nickname"),
        "userPrincipalName": details.get("upn"),
        "passwordProfile": wanted.password and wanted.password.value,
    }
    for name, value in given.items():
        if value is None or value == "":
            raise PropertyNeeded(name)
    _check(details)
    upn, display_name = str(details.pop("upn")), str(details.pop("display_name"))
    password = wanted.password or Password(None)
    try:
        made = service.create_user(
            uow,
            tenant_id,
            upn=upn,
            display_name=display_name,
            password=password.value,
            force_change=password.force_change,
        ).user
    except rules.UpnTaken as error:
        raise ValueTaken("userPrincipalName") from error
    except rules.UpnInvalid as error:
        raise ValueInvalid("userPrincipalName", error.message) from error
    except rules.PasswordRefused as error:
        raise PasswordNotAccepted(error.message) from error
    service.update_user(uow, made.id, **details)
    if wanted.account_enabled is False:
        service.block_user(uow, made.id)
    return made


def update_directory_user(uow: UnitOfWork, key: str, wanted: UserFacts) -> User:
    """Change a user: each kind of change asks for its own action.

    Raises ScopeNeeded, DirectoryRoleNeeded, ResourceMissing, ValueTaken, ValueInvalid, PasswordNotAccepted,
    LastGlobalAdministrator. Emits UserUpdated, PasswordReset.
    """
    tenant_id = allow(uow, DirectoryAction.USERS_READ, "User.ReadWrite.All")
    user = user_named(uow, tenant_id, key)
    for action in _actions(user, wanted):
        allow(uow, action, over=user)
    _check(wanted.details)
    if wanted.user_type is not None:
        _set_user_type(user, wanted.user_type)
    try:
        service.update_user(uow, user.id, **dict(wanted.details))
    except rules.UpnTaken as error:
        raise ValueTaken("userPrincipalName") from error
    except rules.UpnInvalid as error:
        raise ValueInvalid("userPrincipalName", error.message) from error
    if wanted.account_enabled is not None:
        (service.unblock_user if wanted.account_enabled else service.block_user)(uow, user.id)
    if wanted.password is not None:
        _set_password(uow, user, wanted.password)
    return user


def _actions(user: User, wanted: UserFacts) -> list[DirectoryAction]:
    """What a change needs; what stays as it is needs nothing beyond leave to change users at all."""
    changed = {name for name, value in wanted.details.items() if getattr(user, name) != value}
    found = set[DirectoryAction]()
    if changed & SENSITIVE or wanted.account_enabled not in {None, user.account_enabled}:
        found.add(DirectoryAction.USERS_UPDATE_SENSITIVE)
    if "usage_location" in changed:
        found.add(DirectoryAction.USAGE_LOCATION_SET)
    if wanted.password is not None:
        found.add(DirectoryAction.PASSWORDS_RESET)
    if changed - SENSITIVE - {"usage_location"} or not found:
        found.add(DirectoryAction.USERS_UPDATE)
    return sorted(found)


def _set_user_type(user: User, wanted: str) -> None:
    try:
        user.user_type = UserType(wanted.lower())
    except ValueError as error:
        raise ValueInvalid("userType", "It is Member or Guest.") from error


def _set_password(uow: UnitOfWork, user: User, wanted: Password) -> None:
    if wanted.value is None:
        user.force_change = wanted.force_change
        uow.db.flush()
        return
    try:
        service.reset_password(uow, user.id, wanted.value, force_change=wanted.force_change)
    except rules.PasswordRefused as error:
        raise PasswordNotAccepted(error.message) from error


def delete_directory_user(uow: UnitOfWork, key: str) -> None:
    """Put a user into the bin for 30 days. Raises as above. Emits UserDeleted."""
    tenant_id = allow(uow, DirectoryAction.USERS_READ, "User.ReadWrite.All")
    user = user_named(uow, tenant_id, key)
    allow(uow, DirectoryAction.USERS_DELETE, over=user)
    service.delete_user(uow, user.id)


def restore_directory_user(uow: UnitOfWork, key: str) -> User:
    """Take a user out of the bin. Raises ResourceMissing, ValueTaken. Emits UserRestored."""
    tenant_id = allow(uow, DirectoryAction.USERS_READ, "User.ReadWrite.All")
    user = user_named(uow, tenant_id, key, deleted=True)
    allow(uow, DirectoryAction.USERS_DELETE, over=user)
    try:
        return service.restore_user(uow, user.id)
    except rules.UpnTaken as error:
        raise ValueTaken("userPrincipalName") from error


def revoke_sign_in_sessions(uow: UnitOfWork, key: str | None) -> None:
    """Sign a user out everywhere; None: the caller itself. Raises as above. Emits SessionsRevoked."""
    if key is None:
        service.revoke_sessions(uow, own_user(uow, "User.RevokeSessions.All").id)
        return
    tenant_id = allow(uow, DirectoryAction.USERS_READ, "User.RevokeSessions.All")
    user = user_named(uow, tenant_id, key)
    allow(uow, DirectoryAction.SESSIONS_REVOKE, over=user)
    service.revoke_sessions(uow, user.id)


def set_manager(uow: UnitOfWork, key: str, manager_key: str | None) -> None:
    """Set or clear (None) a user's manager. Raises ResourceMissing, GraphInvalid. Emits UserUpdated."""
    tenant_id = allow(uow, DirectoryAction.USERS_UPDATE)
    user = user_named(uow, tenant_id, key)
    manager_id: UUID | None = None
    if manager_key is not None:
        manager_id, kind = principal_named(uow, tenant_id, manager_key)
        if kind is not PrincipalKind.USER or manager_id == user.id:
            raise GraphInvalid("A manager is another user of the tenant.", target="manager")
    elif user.manager_id is None:
        raise ResourceMissing("manager")
    service.set_manager_of(uow, user.id, manager_id)


def manager_of(uow: UnitOfWork, key: str | None) -> UUID:
    """Who a user's manager is. Raises ResourceMissing when there is none."""
    user = own_user(uow) if key is None else user_named(uow, allow(uow, DirectoryAction.USERS_READ), key)
    manager = uow.db.get(User, user.manager_id) if user.manager_id is not None else None
    if manager is None or manager.deleted_at is not None:
        raise ResourceMissing("manager")
    return manager.id
