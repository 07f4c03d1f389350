"""Reads of a tenant's users with their roles, of who holds a role, and of requests for roles.

Lists filter users by roles and states that lie in two slices' tables, so they join the directory's themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from openpartner.identity import queries as directory
from openpartner.identity.models import DirectoryRoleAssignment, Group, GroupMember, PrincipalKind, User, UserType
from openpartner.partner.models import AccessRequest, RoleAssignment
from openpartner.partner.queries.actors import ROLE_OF_TEMPLATE, roles_of_user
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import GLOBAL_ADMIN_TEMPLATE, ROLE_INFO, Role, RoleStore
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True)
class Person:
    """A user of the tenant as the lists show it."""

    id: UUID
    display_name: str
    given_name: str
    surname: str
    upn: str
    mail: str
    user_type: UserType
    account_enabled: bool
    created_at: datetime
    deleted_at: datetime | None
    last_sign_in_at: datetime | None
    version: int
    roles: tuple[Role, ...] = ()

    @property
    def is_guest(self) -> bool:
        """Whether the user signs in at home, in another tenant."""
        return self.user_type is UserType.GUEST

    @property
    def status(self) -> str:
        """``active``, ``blocked`` or ``deleted``."""
        if self.deleted_at is not None:
            return "deleted"
        return "active" if self.account_enabled else "blocked"


@dataclass(frozen=True)
class PeopleQuestion:
    """Which users. status: active, blocked, or deleted for the bin. kind: member or guest. Empty asks nothing."""

    search: str = ""
    role: Role | None = None
    status: str = ""
    kind: str = ""
    after: tuple[str, UUID] | None = None


_COLUMNS = (
    User.id,
    User.display_name,
    User.given_name,
    User.surname,
    User.upn,
    User.mail,
    User.user_type,
    User.account_enabled,
    User.created_at,
    User.deleted_at,
    User.last_sign_in_at,
    User.version,
)


def people(uow: UnitOfWork, question: PeopleQuestion, limit: int) -> list[Person]:
    """Users of the actor's tenant with their roles, by display name and id."""
    statement = _asked(uow.actor.tenant, _kind(uow), question).limit(limit)
    return [_person(uow, row) for row in uow.db.execute(statement)]


def person(uow: UnitOfWork, user_id: UUID, *, deleted: bool = False) -> Person:
    """One user of the actor's tenant, from the bin if ``deleted``. Raises NotFound."""
    row = uow.db.execute(select(*_COLUMNS).where(User.id == user_id, User.tenant_id == uow.actor.tenant)).one_or_none()
    if row is None or (row.deleted_at is not None) != deleted:
        raise NotFound("User", user_id)
    return _person(uow, row)


def _kind(uow: UnitOfWork) -> TenantKind:
    return uow.actor.tenant_kind or TenantKind.PARTNER


def _person(uow: UnitOfWork, row: Row[*tuple[Any, ...]]) -> Person:
    guest = row.user_type is UserType.GUEST
    roles = roles_of_user(uow.db, row.id, uow.actor.tenant, _kind(uow), guest=guest)
    return Person(**row._asdict(), roles=tuple(role for role in Role if role in roles))


def _asked(tenant_id: UUID, kind: TenantKind, question: PeopleQuestion) -> Select[*tuple[Any, ...]]:
    in_bin = User.deleted_at.is_not(None) if question.status == "deleted" else User.deleted_at.is_(None)
    statement = select(*_COLUMNS).where(User.tenant_id == tenant_id, in_bin)
    if question.search:
        text = question.search.lower()
        found = [func.lower(each).contains(text, autoescape=True) for each in (User.display_name, User.upn, User.mail)]
        statement = statement.where(or_(*found))
    if question.status in {"active", "blocked"}:
        statement = statement.where(User.account_enabled.is_(question.status == "active"))
    if question.kind:
        statement = statement.where(User.user_type == UserType(question.kind))
    if question.role is not None:
        statement = statement.where(_holds(tenant_id, kind, question.role))
    if question.after is not None:
        name, key = question.after
        later = (User.display_name == name) & (User.id > key)
        statement = statement.where(or_(User.display_name > name, later))
    return statement.order_by(User.display_name, User.id)


def _holds(tenant_id: UUID, kind: TenantKind, role: Role) -> ColumnElement[bool]:
    """Whether the user holds a role, by itself or through groups."""
    info = ROLE_INFO[role]
    if info.store is RoleStore.SECURITY_GROUP:
        roots = select(Group.id).where(
            Group.tenant_id == tenant_id, Group.display_name == info.kept_as, Group.deleted_at.is_(None)
        )
        return User.id.in_(_members_within(roots))
    template = next((key for key, known in ROLE_OF_TEMPLATE[kind].items() if known is role), None)
    kept = select(RoleAssignment.user_id).where(RoleAssignment.tenant_id == tenant_id, RoleAssignment.role == role)
    if template is None:
        return User.id.in_(kept)
    given = select(DirectoryRoleAssignment.principal_id).where(
        DirectoryRoleAssignment.tenant_id == tenant_id, DirectoryRoleAssignment.role_template_id == UUID(template)
    )
    groups = given.where(DirectoryRoleAssignment.principal_kind == PrincipalKind.GROUP)
    return or_(User.id.in_(given), User.id.in_(_members_within(groups)), User.id.in_(kept))


def _members_within(groups: Select[UUID]) -> Select[UUID]:
    members = select(GroupMember.member_id).where(GroupMember.group_id.in_(groups)).cte(recursive=True)
    members = members.union(select(GroupMember.member_id).join(members, GroupMember.group_id == members.c.member_id))
    return select(members.c.member_id)


def holders(uow: UnitOfWork, tenant_id: UUID, kind: TenantKind, roles: Sequence[Role]) -> list[Person]:
    """Active members who hold any of the roles, by name: whom to ask, and who is left to administer."""
    if not roles:
        return []
    statement = (
        select(*_COLUMNS)
        .where(
            User.tenant_id == tenant_id,
            User.deleted_at.is_(None),
            User.account_enabled.is_(True),
            or_(*(_holds(tenant_id, kind, role) for role in roles)),
        )
        .order_by(User.display_name, User.id)
    )
    return [Person(**row._asdict()) for row in uow.db.execute(statement)]


def administrators(uow: UnitOfWork, tenant_id: UUID) -> list[Person]:
    """A partner's Global and Account admins who can sign in: two are kept. Source: account-and-security §5."""
    return holders(uow, tenant_id, TenantKind.PARTNER, (Role.GLOBAL_ADMIN, Role.ACCOUNT_ADMIN))


def global_admins(uow: UnitOfWork, tenant_id: UUID) -> list[str]:
    """The names of a tenant's Global admins, for pages that say whom to ask."""
    found = directory.holders_of_role(uow, tenant_id, UUID(GLOBAL_ADMIN_TEMPLATE))
    return [user.upn for user in found]


def assignments(uow: UnitOfWork, user_id: UUID) -> Sequence[RoleAssignment]:
    """The roles that Partner Center keeps of a user of the actor's tenant, with their scopes."""
    return uow.db.scalars(
        select(RoleAssignment)
        .where(RoleAssignment.user_id == user_id, RoleAssignment.tenant_id == uow.actor.tenant)
        .order_by(RoleAssignment.role, RoleAssignment.scope)
    ).all()


def assignments_of_role(uow: UnitOfWork, tenant_id: UUID, role: Role) -> Sequence[RoleAssignment]:
    """Who holds a role that Partner Center keeps, in one tenant."""
    statement = select(RoleAssignment).where(RoleAssignment.tenant_id == tenant_id, RoleAssignment.role == role)
    return uow.db.scalars(statement.order_by(RoleAssignment.user_id, RoleAssignment.scope)).all()


def users_with_mail(uow: UnitOfWork, tenant_id: UUID, email: str) -> Sequence[UUID]:
    """The users of a tenant that this mail address reaches, by mail or by name."""
    key = email.strip().lower()
    return uow.db.scalars(
        select(User.id)
        .where(
            User.tenant_id == tenant_id,
            User.deleted_at.is_(None),
            or_(func.lower(User.mail) == key, User.upn_key == key),
        )
        .order_by(User.id)
    ).all()


def location_scope(uow: UnitOfWork, role: Role) -> frozenset[UUID] | None:
    """The locations for which the actor holds a role; None when it holds it for the whole company."""
    if uow.actor.principal_id is None or role not in uow.actor.roles:
        return None
    scopes = set(
        uow.db.scalars(
            select(RoleAssignment.scope).where(
                RoleAssignment.user_id == uow.actor.principal_id,
                RoleAssignment.tenant_id == uow.actor.tenant,
                RoleAssignment.role == role,
            )
        )
    )
    return None if not scopes or "*" in scopes else frozenset(UUID(scope) for scope in scopes)


# --- requests for roles -------------------------------------------------------------------------------------------


def access_request(uow: UnitOfWork, request_id: UUID) -> AccessRequest:
    """A request of the actor's tenant. Raises NotFound."""
    found = uow.db.get(AccessRequest, request_id)
    if found is None or found.tenant_id != uow.actor.tenant:
        raise NotFound("Role request", request_id)
    return found


def access_requests(
    uow: UnitOfWork, *, state: str | None = None, user_id: UUID | None = None
) -> Sequence[AccessRequest]:
    """Requests of the actor's tenant, newest first."""
    statement = select(AccessRequest).where(AccessRequest.tenant_id == uow.actor.tenant)
    if state is not None:
        statement = statement.where(AccessRequest.state == state)
    if user_id is not None:
        statement = statement.where(AccessRequest.user_id == user_id)
    return uow.db.scalars(statement.order_by(AccessRequest.requested_at.desc(), AccessRequest.id)).all()
