"""The users of a customer's directory and their roles, as its partner or its own administrators manage them.

The directory (``identity``) keeps users and announces what happens to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from openpartner.customers import queries
from openpartner.customers.queries import UserUnknown
from openpartner.identity import service as identity
from openpartner.identity.models import User
from openpartner.platform import countries, permissions
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DirectoryRole
from openpartner.platform.errors import InvalidFields
from openpartner.platform.work import UnitOfWork

LONGEST_NAME = 50


@dataclass(frozen=True)
class NewCustomerUser:
    """A user to create. password: None has a temporary one made."""

    upn: str
    display_name: str
    first_name: str = ""
    last_name: str = ""
    usage_location: str = ""
    password: str | None = None
    force_change: bool = True


class CreatedCustomerUser(NamedTuple):
    """The user, and the password to hand out once."""

    user: User
    password: str


@dataclass(frozen=True)
class UserChanges:
    """What shall change of a user; None leaves a member as it is."""

    upn: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    usage_location: str | None = None

    def members(self) -> dict[str, str]:
        """By the directory's names."""
        named = {
            "upn": self.upn,
            "display_name": self.display_name,
            "given_name": self.first_name,
            "surname": self.last_name,
            "usage_location": self.usage_location,
        }
        return {name: value.strip() for name, value in named.items() if value is not None}

    def needs(self, user: User) -> list[DirectoryAction]:
        """What must be permitted. Clients send whole users back: what stays as it is needs nothing."""
        wanted = self.members()
        if "usage_location" in wanted:
            wanted["usage_location"] = wanted["usage_location"].upper()
        changed = {name for name, value in wanted.items() if value != getattr(user, name)}
        return sorted({_ACTION_OF_MEMBER.get(name, DirectoryAction.USERS_UPDATE) for name in changed})


_ACTION_OF_MEMBER = {
    "upn": DirectoryAction.USERS_UPDATE_SENSITIVE,
    "usage_location": DirectoryAction.USAGE_LOCATION_SET,
}


def create_customer_user(uow: UnitOfWork, customer_id: UUID, wanted: NewCustomerUser) -> CreatedCustomerUser:
    """A member of the customer's directory.

    Raises DirectoryRoleNeeded, CustomerUnknown, RelationshipNeeded, InvalidFields, UpnInvalid, UpnTaken,
    PasswordRefused.
    """
    tenant_id = directory_to(uow, customer_id, DirectoryAction.USERS_CREATE)
    problems = _problems(
        {
            "display_name": wanted.display_name,
            "given_name": wanted.first_name,
            "surname": wanted.last_name,
            "usage_location": wanted.usage_location,
        }
    )
    if not wanted.usage_location.strip():
        problems["usage_location"] = "The usage location is needed: two letters of a country."
    if problems:
        raise InvalidFields(problems)
    made = identity.create_user(
        uow,
        tenant_id,
        upn=wanted.upn,
        display_name=wanted.display_name.strip(),
        given_name=wanted.first_name.strip(),
        surname=wanted.last_name.strip(),
        usage_location=wanted.usage_location.strip(),
        password=wanted.password,
        force_change=wanted.force_change,
    )
    return CreatedCustomerUser(made.user, made.password)


def change_customer_user(uow: UnitOfWork, customer_id: UUID, user: UUID | str, changes: UserChanges) -> User:
    """Change names, user name or usage location. ``user``: the object id or the user principal name.

    Raises DirectoryRoleNeeded, UserUnknown, CustomerUnknown, RelationshipNeeded, InvalidFields, UpnInvalid, UpnTaken.
    """
    tenant_id = directory_to(uow, customer_id, DirectoryAction.USERS_READ)
    found = queries.user_in(uow, tenant_id, user)
    for action in changes.needs(found):
        queries.require_over_user(uow, found, action)
    problems = _problems(changes.members())
    if problems:
        raise InvalidFields(problems)
    return identity.update_user(uow, found.id, **changes.members())


def reset_customer_user_password(
    uow: UnitOfWork, customer_id: UUID, user: UUID | str, password: str | None = None, *, force_change: bool = True
) -> CreatedCustomerUser:
    """Set a password for a user, a temporary one if none is given.

    Raises DirectoryRoleNeeded, UserUnknown, PasswordRefused, …
    """
    found = user_to(uow, customer_id, user, DirectoryAction.PASSWORDS_RESET)
    return CreatedCustomerUser(found, identity.reset_password(uow, found.id, password, force_change=force_change))


def block_customer_user(uow: UnitOfWork, customer_id: UUID, user: UUID | str) -> User:
    """Keep a user from signing in. Raises DirectoryRoleNeeded, UserUnknown, LastGlobalAdministrator, …"""
    return identity.block_user(uow, user_to(uow, customer_id, user, DirectoryAction.USERS_UPDATE_SENSITIVE).id)


def unblock_customer_user(uow: UnitOfWork, customer_id: UUID, user: UUID | str) -> User:
    """Let a blocked user sign in again. Raises DirectoryRoleNeeded, UserUnknown, …"""
    return identity.unblock_user(uow, user_to(uow, customer_id, user, DirectoryAction.USERS_UPDATE_SENSITIVE).id)


def delete_customer_user(uow: UnitOfWork, customer_id: UUID, user: UUID | str) -> None:
    """Put a user into the bin, for 30 days. Raises DirectoryRoleNeeded, UserUnknown, LastGlobalAdministrator, …"""
    identity.delete_user(uow, user_to(uow, customer_id, user, DirectoryAction.USERS_DELETE).id)


def restore_customer_user(uow: UnitOfWork, customer_id: UUID, user_id: UUID) -> User:
    """Take a user out of the bin; one that is not in it is given back as it is.

    Raises DirectoryRoleNeeded, UserUnknown (also after 30 days), UpnTaken, ….
    """
    tenant_id = directory_to(uow, customer_id, DirectoryAction.USERS_READ)
    found = queries.user_in(uow, tenant_id, user_id, deleted=True)
    if found.deleted_at is None:
        return found
    queries.require_over_user(uow, found, DirectoryAction.USERS_DELETE)
    return identity.restore_user(uow, found.id)


def add_role_member(uow: UnitOfWork, customer_id: UUID, role_id: UUID, user_id: UUID) -> tuple[DirectoryRole, User]:
    """Give a user a directory role. Raises DirectoryRoleNeeded, RoleUnknown, UserUnknown, …"""
    tenant_id = directory_to(uow, customer_id, DirectoryAction.ROLES_ASSIGN)
    role = queries.directory_role(role_id)
    found = queries.user_in(uow, tenant_id, user_id)
    identity.assign_directory_role(uow, tenant_id, role.template_id, found.id)
    return role, found


def remove_role_member(uow: UnitOfWork, customer_id: UUID, role_id: UUID, user_id: UUID) -> None:
    """Take a directory role from a user.

    Raises DirectoryRoleNeeded, RoleUnknown, UserUnknown, LastGlobalAdministrator, …
    """
    tenant_id = directory_to(uow, customer_id, DirectoryAction.ROLES_ASSIGN)
    role = queries.directory_role(role_id)
    found = queries.user_in(uow, tenant_id, user_id)
    if not queries.holds_role(uow, tenant_id, role, found):
        raise UserUnknown(user_id)
    identity.remove_directory_role(uow, tenant_id, role.template_id, found.id)


def directory_to(uow: UnitOfWork, customer_id: UUID, action: DirectoryAction) -> UUID:
    """The customer's tenant, once it is clear that the actor may do ``action`` there. Raises DirectoryRoleNeeded, …"""
    return queries.directory_for(uow, customer_id, permissions.CUSTOMER_USERS.write, action)


def user_to(uow: UnitOfWork, customer_id: UUID, user: UUID | str, action: DirectoryAction) -> User:
    """The user, once it is clear that the actor may do ``action`` to it."""
    found = queries.user_in(uow, directory_to(uow, customer_id, action), user)
    queries.require_over_user(uow, found, action)
    return found


def _problems(members: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    display_name = members.get("display_name")
    if display_name is not None and not display_name.strip():
        problems["display_name"] = "The display name is needed."
    for name, words in (("display_name", "display name"), ("given_name", "first name"), ("surname", "last name")):
        if len(members.get(name, "")) > LONGEST_NAME:
            problems[name] = f"The {words} may have at most {LONGEST_NAME} characters."
    location = members.get("usage_location", "").strip()
    if location and location.upper() not in countries.CULTURES:
        problems["usage_location"] = "The usage location must be the two letters of a country, such as US."
    return problems
