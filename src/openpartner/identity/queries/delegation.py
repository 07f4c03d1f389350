"""What delegated administration gives a partner's user in a customer's tenant at this instant, or why nothing.

It is asked on every call, so its statement is built once. Source: gdap §4, §13; identity §5.3.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CTE, Row, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from openpartner.identity.models import DelegatedRole, Group, GroupMember, Tenant, TenantState, User, UserType
from openpartner.platform.actor import ActorKind, TenantKind
from openpartner.platform.db import UtcDateTime
from openpartner.platform.directory_access import (
    DirectoryAction,
    DirectoryRoleNeeded,
    actions_of,
    covers,
    may_directory,
    require_directory,
)
from openpartner.platform.work import UnitOfWork

_AT = bindparam("at", type_=UtcDateTime())
_USER = bindparam("user_id", type_=Uuid())
_PARTNER = bindparam("partner_tenant_id", type_=Uuid())
_CUSTOMER = bindparam("customer_tenant_id", type_=Uuid())

_partner = aliased(Tenant)
_guest = aliased(User)


def groups_of_user() -> CTE:
    """Every group that holds the user ``:user_id``, directly or through groups within groups; a loop ends by itself.

    What a deleted group holds, it holds no more.
    """
    direct = (
        select(GroupMember.group_id)
        .join(Group, and_(Group.id == GroupMember.group_id, Group.deleted_at.is_(None)))
        .where(GroupMember.member_id == _USER)
        .cte("groups", recursive=True)
    )
    above = (
        select(GroupMember.group_id)
        .join(direct, GroupMember.member_id == direct.c.group_id)
        .join(Group, and_(Group.id == GroupMember.group_id, Group.deleted_at.is_(None)))
    )
    return direct.union(above)


def _in_force() -> Select[str, UUID, UUID]:
    groups = groups_of_user()
    return (
        select(DelegatedRole.kind, DelegatedRole.role_template_id, DelegatedRole.source_id)
        .join(groups, groups.c.group_id == DelegatedRole.group_id)
        .join(User, and_(User.id == _USER, User.tenant_id == _PARTNER))
        .join(_partner, _partner.id == User.tenant_id)
        .join(Tenant, Tenant.id == DelegatedRole.tenant_id)
        .where(
            DelegatedRole.tenant_id == _CUSTOMER,
            DelegatedRole.partner_tenant_id == _PARTNER,
            DelegatedRole.from_at <= _AT,
            or_(DelegatedRole.until_at.is_(None), DelegatedRole.until_at > _AT),
            User.account_enabled.is_(True),
            User.deleted_at.is_(None),
            User.user_type == UserType.MEMBER,
            _partner.state == TenantState.ACTIVE,
            Tenant.state == TenantState.ACTIVE,
            ~exists().where(_guest.home_user_id == _USER, _guest.tenant_id == _CUSTOMER, _guest.deleted_at.is_(None)),
        )
        .order_by(DelegatedRole.source_id, DelegatedRole.role_template_id)
    )


_IN_FORCE = _in_force()


@dataclass(frozen=True, slots=True)
class DelegatedAccess:
    """What a partner's user may be in a customer's tenant. ``kind``: gdap or dap."""

    kind: str
    roles: frozenset[UUID]
    source_id: UUID


def delegated_access(
    db: Session, at: datetime, user_id: UUID, partner_tenant_id: UUID, customer_tenant_id: UUID
) -> DelegatedAccess | None:
    """What the user has in the customer's tenant at ``at``; None when nothing.

    Where GDAP gives anything, it alone counts, even if DAP would give more. Blocked and deleted users, guests of the
    partner, who has a guest account in the customer's tenant, and blocked tenants have nothing. Source: gdap §13, §4.5.
    """
    keys = {"at": at, "user_id": user_id, "partner_tenant_id": partner_tenant_id}
    rows = db.execute(_IN_FORCE, keys | {"customer_tenant_id": customer_tenant_id}).all()
    for kind in ("gdap", "dap"):
        fitting = [row for row in rows if row.kind == kind]
        if fitting:
            return DelegatedAccess(kind, frozenset(row.role_template_id for row in fitting), fitting[0].source_id)
    return None


def delegated_roles_in(
    uow: UnitOfWork, user_id: UUID, partner_tenant_id: UUID, customer_tenant_id: UUID
) -> frozenset[UUID]:
    """Template ids of the roles that a partner's user holds in a customer's tenant at this instant."""
    access = delegated_access(uow.db, uow.now, user_id, partner_tenant_id, customer_tenant_id)
    return frozenset() if access is None else access.roles


def effective_roles(uow: UnitOfWork, home_user_id: UUID, tenant_id: UUID) -> DelegatedAccess | None:
    """The roles that delegated administration gives a user in another tenant at this instant; None when there are none.

    What a token for that tenant carries. Source: gdap §13, identity §5.3.
    """
    home = uow.db.get(User, home_user_id)
    return None if home is None else delegated_access(uow.db, uow.now, home.id, home.tenant_id, tenant_id)


# Why there is nothing


class AccessGap(StrEnum):
    """Why a partner's user has no role in a customer's tenant, or none that is enough."""

    NO_RELATIONSHIP = "no_relationship"
    ENDED = "ended"
    NO_ASSIGNMENT = "no_assignment"
    GUEST_ACCOUNT = "guest_account"
    PARTNER_GUEST = "partner_guest"
    BLOCKED = "blocked"
    ROLE = "role"


_WHY = {
    AccessGap.NO_RELATIONSHIP: (
        "Nothing gives your company access to this customer: there is no active granular relationship (GDAP), or no"
        " security group is assigned to it. Request one and have the customer approve it, then assign it to a group you"
        " belong to."
    ),
    AccessGap.ENDED: (
        "Your access to this customer ended at {ended_at}. Request a new granular relationship (GDAP) and have the"
        " customer approve it."
    ),
    AccessGap.NO_ASSIGNMENT: (
        "The customer's relationship is assigned to security groups that you do not belong to. Ask an administrator to"
        " add you to one of them, or to assign the relationship to a group of yours."
    ),
    AccessGap.GUEST_ACCOUNT: (
        "You have a guest account in the customer's tenant, which stands in the way of delegated access. Have the"
        " customer remove it."
    ),
    AccessGap.PARTNER_GUEST: "Guests of your tenant get no delegated access. Use an account of your own company.",
    AccessGap.BLOCKED: "The customer's tenant or your account is blocked.",
    AccessGap.ROLE: "Your roles in the customer's tenant do not include this.",
}


def _standing(
    uow: UnitOfWork, user_id: UUID, partner_tenant_id: UUID, customer_tenant_id: UUID
) -> Row[datetime | None, bool, bool, bool]:
    of_both = and_(DelegatedRole.tenant_id == customer_tenant_id, DelegatedRole.partner_tenant_id == partner_tenant_id)
    counts = or_(DelegatedRole.until_at.is_(None), DelegatedRole.until_at > uow.now)
    mine = DelegatedRole.group_id.in_(select(groups_of_user().c.group_id))
    guest = select(User.id).where(
        User.home_user_id == user_id, User.tenant_id == customer_tenant_id, User.deleted_at.is_(None)
    )
    return uow.db.execute(
        select(
            select(func.max(DelegatedRole.until_at)).where(of_both, ~counts).scalar_subquery().label("ended_at"),
            exists().where(of_both, counts).label("is_assigned"),
            exists().where(of_both, counts, mine).label("is_mine"),
            guest.exists().label("is_guest"),
        ),
        {"user_id": user_id},
    ).one()


def access_gap(
    uow: UnitOfWork, user_id: UUID, partner_tenant_id: UUID, customer_tenant_id: UUID
) -> tuple[AccessGap, str]:
    """Why the user has no role, or no better one, in the customer's tenant, and the sentence that says what to do."""
    user = uow.db.get(User, user_id)
    standing = _standing(uow, user_id, partner_tenant_id, customer_tenant_id)
    if user is not None and user.user_type is UserType.GUEST:
        gap = AccessGap.PARTNER_GUEST
    elif not standing.is_assigned:
        gap = AccessGap.ENDED if standing.ended_at is not None else AccessGap.NO_RELATIONSHIP
    elif standing.is_guest:
        gap = AccessGap.GUEST_ACCOUNT
    elif not standing.is_mine:
        gap = AccessGap.NO_ASSIGNMENT
    elif delegated_roles_in(uow, user_id, partner_tenant_id, customer_tenant_id):
        gap = AccessGap.ROLE
    else:
        gap = AccessGap.BLOCKED
    ended_at = "" if standing.ended_at is None else f"{standing.ended_at:%Y-%m-%d %H:%M} UTC"
    return gap, _WHY[gap].format(ended_at=ended_at)


# Asking


def directory_roles_in(uow: UnitOfWork, tenant_id: UUID) -> frozenset[UUID]:
    """Template ids of the roles that the actor holds in a tenant: its own there, or delegated. None for an app."""
    actor = uow.actor
    if actor.kind is not ActorKind.USER or actor.principal_id is None or actor.tenant_id is None:
        return frozenset()
    if actor.tenant_id == tenant_id:
        return actor.directory_roles
    if actor.tenant_kind is not TenantKind.PARTNER:
        return frozenset()
    return delegated_roles_in(uow, actor.principal_id, actor.tenant_id, tenant_id)


def actions_in(uow: UnitOfWork, tenant_id: UUID) -> frozenset[DirectoryAction]:
    """What the actor's roles in a tenant add up to; without what every member may there by itself."""
    if uow.actor.kind is ActorKind.SYSTEM:
        return frozenset(DirectoryAction)
    return actions_of(directory_roles_in(uow, tenant_id))


def may_in_directory(
    uow: UnitOfWork, tenant_id: UUID, action: DirectoryAction, over: frozenset[UUID] = frozenset()
) -> bool:
    """Whether ``require_in_directory`` would pass. Pages show and hide by this."""
    if _acts_at_home(uow, tenant_id):
        return may_directory(uow.actor, action, over)
    return covers(directory_roles_in(uow, tenant_id), action, over)


def require_in_directory(
    uow: UnitOfWork, tenant_id: UUID, action: DirectoryAction, over: frozenset[UUID] = frozenset()
) -> None:
    """Refuse who may not do ``action`` in the directory ``tenant_id``, with a token for it or for the partner's tenant.

    over: the roles of the user it is done to.
    Raises Unauthenticated, DirectoryRoleNeeded, ApplicationPermissionNeeded. A partner's app has no access at all: a
    service principal never profits from delegated administration (gdap §4.5).
    """
    if may_in_directory(uow, tenant_id, action, over):
        return
    if _acts_at_home(uow, tenant_id):
        require_directory(uow.actor, action, over)
    gap, why = _gap_of_actor(uow, tenant_id)
    raise DirectoryRoleNeeded(action, over=over, reason=gap, why=why)


def _acts_at_home(uow: UnitOfWork, tenant_id: UUID) -> bool:
    actor = uow.actor
    if actor.kind in {ActorKind.SYSTEM, ActorKind.NOBODY}:
        return True
    return actor.tenant_id == tenant_id and not actor.is_delegated


def _gap_of_actor(uow: UnitOfWork, tenant_id: UUID) -> tuple[AccessGap, str]:
    actor = uow.actor
    home = actor.home_tenant_id if actor.is_delegated else actor.tenant_id
    if actor.kind is not ActorKind.USER or actor.principal_id is None or home is None:
        return AccessGap.NO_RELATIONSHIP, "Applications get no delegated access: call with a user's token."
    return access_gap(uow, actor.principal_id, home, tenant_id)
