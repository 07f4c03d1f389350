"""Where the objects of a tenant's lists come from: the rows of each type, members and memberships of groups."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, select

from openpartner.identity.graph.wire.applications import APPLICATION
from openpartner.identity.graph.wire.groups import GROUP
from openpartner.identity.graph.wire.principals import PRINCIPAL
from openpartner.identity.graph.wire.users import USER
from openpartner.identity.models import (
    Application,
    Group,
    GroupMember,
    GroupOwner,
    PrincipalKind,
    ServicePrincipal,
    User,
)
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.events import LogEntry
from openpartner.platform.graph.delta import Feed
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import UnitOfWork


def users_in(tenant_id: UUID, *where: ColumnElement[bool]) -> Source:
    """The tenant's users, but for those in the bin."""
    return Source(USER, (User.tenant_id == tenant_id, User.deleted_at.is_(None), *where))


def groups_in(tenant_id: UUID, *where: ColumnElement[bool]) -> Source:
    """The tenant's groups."""
    return Source(GROUP, (Group.tenant_id == tenant_id, Group.deleted_at.is_(None), *where))


def applications_in(tenant_id: UUID, *where: ColumnElement[bool]) -> Source:
    """The tenant's own registrations."""
    return Source(APPLICATION, (Application.tenant_id == tenant_id, Application.deleted_at.is_(None), *where))


def principals_in(tenant_id: UUID, *where: ColumnElement[bool]) -> Source:
    """The applications that the tenant knows."""
    return Source(PRINCIPAL, (ServicePrincipal.tenant_id == tenant_id, *where))


def any_of(tenant_id: UUID, ids: Any, *casts: str) -> list[Source]:
    """Objects of the tenant among these ids, of the types that the casts name, else users and groups.

    ids: a list, or a query.
    """
    sources = {
        "user": users_in(tenant_id, User.id.in_(ids)),
        "group": groups_in(tenant_id, Group.id.in_(ids)),
        "serviceprincipal": principals_in(tenant_id, ServicePrincipal.id.in_(ids)),
    }
    wanted = [each.lower() for each in casts] or ["user", "group"]
    return [sources[each] for each in wanted if each in sources]


def member_ids(group_id: UUID) -> Select[Any]:
    """Direct members of a group."""
    return select(GroupMember.member_id).where(GroupMember.group_id == group_id)


def owner_ids(group_id: UUID) -> Select[Any]:
    """Owners of a group."""
    return select(GroupOwner.owner_id).where(GroupOwner.group_id == group_id)


def nested_member_ids(group_id: UUID) -> Select[Any]:
    """Members of a group and of the groups in it, however deep."""
    nested = member_ids(group_id).cte("nested", recursive=True)
    below = select(GroupMember.member_id).join(nested, GroupMember.group_id == nested.c.member_id)
    return select(nested.union(below).c.member_id)


def containing_ids(principal_id: UUID, *, nested: bool) -> Select[Any]:
    """Groups that hold a principal, directly or also through others."""
    direct = select(GroupMember.group_id).where(GroupMember.member_id == principal_id)
    if not nested:
        return direct
    containing = direct.cte("containing", recursive=True)
    above = select(GroupMember.group_id).join(containing, GroupMember.member_id == containing.c.group_id)
    return select(containing.union(above).c.group_id)


def deleted_users_in(tenant_id: UUID) -> Source:
    """The tenant's bin."""
    return Source(USER, (User.tenant_id == tenant_id, User.deleted_at.is_not(None)))


def log_of(actor: Actor, *resource_types: str) -> ColumnElement[bool]:
    """The log's entries about these resources of the actor's tenant; ``service.scope`` says where they stand."""
    of_kind = LogEntry.resource_type.in_(resource_types)
    if actor.tenant_kind is TenantKind.CUSTOMER:
        return and_(of_kind, LogEntry.customer_id == actor.tenant)
    partner = LogEntry.partner_id
    of_partner = partner == actor.tenant if actor.tenant_kind is TenantKind.PARTNER else partner.is_(None)
    return and_(of_kind, of_partner, LogEntry.customer_id.is_(None))


def users_feed(actor: Actor) -> Feed:
    """What changed of users."""
    source = Source(USER, (User.tenant_id == actor.tenant,))
    return Feed(source, log_of(actor, "user"), alive=User.deleted_at.is_(None))


def groups_feed(actor: Actor) -> Feed:
    """What changed of groups and their members."""
    source = Source(GROUP, (Group.tenant_id == actor.tenant,))
    return Feed(source, log_of(actor, "group"), Group.deleted_at.is_(None), beside=members_delta, reason="deleted")


TYPE_OF_KIND = {
    PrincipalKind.USER: "#microsoft.graph.user",
    PrincipalKind.GROUP: "#microsoft.graph.group",
    PrincipalKind.SERVICE_PRINCIPAL: "#microsoft.graph.servicePrincipal",
}


def members_delta(
    uow: UnitOfWork, groups: Collection[UUID], since: int | None
) -> Mapping[UUID, dict[str, list[dict[str, Any]]]]:
    """``members@delta`` of groups: who is a member now, of those that came or went since; all of them at first."""
    found: dict[UUID, dict[str, list[dict[str, Any]]]] = {}
    present = {
        (row.group_id, row.member_id): row.member_kind
        for row in uow.db.scalars(
            select(GroupMember).where(GroupMember.group_id.in_(groups)).order_by(GroupMember.member_id)
        )
    }
    touched = list(present) if since is None else _touched(uow, groups, since)
    for group_id, member_id in touched:
        kind = present.get((group_id, member_id))
        shown: dict[str, Any] = {"@odata.type": TYPE_OF_KIND[kind or PrincipalKind.USER], "id": str(member_id)}
        if kind is None:
            shown["@removed"] = {"reason": "deleted"}
        found.setdefault(group_id, {"members@delta": []})["members@delta"].append(shown)
    return found


def _touched(uow: UnitOfWork, groups: Collection[UUID], since: int) -> list[tuple[UUID, UUID]]:
    rows = uow.db.execute(
        select(LogEntry.body)
        .where(
            LogEntry.kind.in_(["GroupMemberAdded", "GroupMemberRemoved"]),
            LogEntry.resource_type == "group",
            LogEntry.resource_id.in_([str(group) for group in groups]),
            LogEntry.seq > since,
        )
        .order_by(LogEntry.seq)
    )
    pairs = [_pair(row.body) for row in rows]
    return list(dict.fromkeys(pairs))


def _pair(body: str) -> tuple[UUID, UUID]:
    said = msgspec.json.decode(body)["data"]
    return UUID(said["group_id"]), UUID(said["member_id"])
