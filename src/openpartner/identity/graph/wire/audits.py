"""Changes of a directory as Graph shows them: facts of the event log under the names that tools look for.

Source: graph-endpoints, area audit; the published list of audit activities.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, case, or_, select

from openpartner.identity.graph import reading
from openpartner.identity.models import Application, Group, ServicePrincipal, User
from openpartner.platform.actor import Actor
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.events import LogEntry
from openpartner.platform.graph.edm import Kind, Many, Property, Resource, declare, fixed, guid, instant, text
from openpartner.platform.graph.errors import UnsupportedQuery
from openpartner.platform.graph.pages import Source
from openpartner.platform.graph.sql import escaped
from openpartner.platform.work import UnitOfWork

Row = dict[str, Any]

_ACTIVITIES = """
TenantUpdated                | Set Company Information                                     | Update
DomainAdded                  | Add unverified domain                                       | Add
DomainVerified               | Verify domain                                               | Update
DomainRemoved                | Remove unverified domain                                    | Delete
UserCreated                  | Add user                                                    | Add
UserUpdated                  | Update user                                                 | Update
UserDeleted                  | Delete user                                                 | Delete
GuestInvited                 | Invite external user                                        | Add
InvitationRedeemed           | Redeem external user invite                                 | Update
UserRestored                 | Restore user                                                | Update
PasswordReset                | Reset user password                                         | Update
PasswordChanged              | Change user password                                        | Update
UserLockedOut                | User account locked                                         | Update
SignInMethodRegistered       | User registered security info                               | Update
SignInMethodRemoved          | User deleted security info                                  | Update
SessionsRevoked              | Update StsRefreshTokenValidFrom Timestamp                   | Update
LicensesChanged              | Change user license                                         | Update
DirectoryRoleAssigned        | Add member to role                                          | Assign
DirectoryRoleRemoved         | Remove member from role                                     | Unassign
GroupCreated                 | Add group                                                   | Add
GroupUpdated                 | Update group                                                | Update
GroupDeleted                 | Delete group                                                | Delete
GroupMemberAdded             | Add member to group                                         | Assign
GroupMemberRemoved           | Remove member from group                                    | Unassign
ApplicationRegistered        | Add application                                             | Add
ApplicationUpdated           | Update application                                          | Update
ApplicationDeleted           | Delete application                                          | Delete
ApplicationCredentialAdded   | Update application \u2013 Certificates and secrets management | Update
ApplicationCredentialRemoved | Update application \u2013 Certificates and secrets management | Update
ConsentGranted               | Consent to application                                      | Assign
ConsentRevoked               | Remove delegated permission grant                           | Unassign
AppRoleAssigned              | Add app role assignment to service principal                | Assign
AppRoleRemoved               | Remove app role assignment from service principal           | Unassign
ServicePrincipalAdded        | Add service principal                                       | Add
ServicePrincipalUpdated      | Update service principal                                    | Update
ServicePrincipalRemoved      | Remove service principal                                    | Delete
CrossTenantPartnerAdded      | Add a partner to cross-tenant access setting                | Add
CrossTenantPartnerRemoved    | Delete partner specific cross-tenant access setting         | Delete
"""


@dataclass(frozen=True)
class Activity:
    """How the original calls a kind of fact. operation: ``Add``, ``Assign``, …"""

    name: str
    operation: str


ACTIVITIES: Mapping[str, Activity] = MappingProxyType(
    {
        kind.strip(): Activity(name.strip(), operation.strip())
        for kind, name, operation in (line.split("|") for line in _ACTIVITIES.strip().splitlines())
    }
)
"""By kind of fact. One that is not named here is shown under its own name."""

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "tenant": "DirectoryManagement",
        "domain": "DirectoryManagement",
        "user": "UserManagement",
        "license": "UserManagement",
        "customer_directory_role": "RoleManagement",
        "group": "GroupManagement",
        "application": "ApplicationManagement",
        "application_credential": "ApplicationManagement",
        "cross_tenant_partner": "CrossTenantAccessSettings",
    }
)
"""By resource type: what of the event log is the directory's."""

_TYPES = {"user": "User", "license": "User", "group": "Group", "customer_directory_role": "Role"}
_OF_APPLICATIONS = frozenset({"application", "application_credential"})


def _switched(enabled: str) -> ColumnElement[bool]:
    """Whether a fact says that somebody may sign in from then on, or may not."""
    words = LogEntry.body.contains(f'"after":{{"accountEnabled":{enabled}}}', autoescape=True)
    return and_(LogEntry.kind == "UserUpdated", words)


_NAME: ColumnElement[str] = case(
    (_switched("true"), "Enable account"),
    (_switched("false"), "Disable account"),
    *((LogEntry.kind == kind, activity.name) for kind, activity in ACTIVITIES.items()),
    else_=LogEntry.kind,
)
_OPERATION: ColumnElement[str] = case(
    *((LogEntry.kind == kind, activity.operation) for kind, activity in ACTIVITIES.items()), else_="Other"
)
_CATEGORY: ColumnElement[str] = case(
    *((LogEntry.resource_type == each, category) for each, category in CATEGORIES.items()), else_="Other"
)


# Who and what


@dataclass(frozen=True)
class _Names:
    """The present names of what facts speak of; what is gone for good has none. users: display and sign-in name."""

    users: Mapping[str, tuple[str, str]]
    others: Mapping[str, str]
    groups: frozenset[str]

    def of(self, key: str) -> tuple[str | None, str | None]:
        """Display name and user principal name of an object."""
        return self.users.get(key) or (self.others.get(key), None)

    def type_of(self, key: str) -> str:
        """What an object is."""
        return "User" if key in self.users else "Group" if key in self.groups else "ServicePrincipal"


def _facts(uow: UnitOfWork, keys: Sequence[Any]) -> dict[Any, Row]:
    rows = uow.db.execute(select(LogEntry.seq, LogEntry.body).where(LogEntry.seq.in_(keys)))
    return {row.seq: msgspec.json.decode(row.body) for row in rows}


_NAMING = ("user_id", "member_id", "principal_id", "group_id", "app_id")


def _names(uow: UnitOfWork, facts: Iterable[Row]) -> _Names:
    told = [str(fact["data"][name]) for fact in facts for name in _NAMING if fact["data"].get(name)]
    told += [str(fact["actor"]["principalId"]) for fact in facts if fact["actor"].get("principalId")]
    ids = {UUID(each) for each in told}
    users = uow.db.execute(select(User.id, User.display_name, User.upn).where(User.id.in_(ids)))
    groups = {
        str(row.id): row.display_name
        for row in uow.db.execute(select(Group.id, Group.display_name).where(Group.id.in_(ids)))
    }
    applications = uow.db.execute(
        select(Application.app_id, ServicePrincipal.id, Application.display_name)
        .outerjoin(ServicePrincipal, ServicePrincipal.app_id == Application.app_id)
        .where(or_(Application.app_id.in_(ids), ServicePrincipal.id.in_(ids)))
    ).all()
    others = {str(key): row.display_name for row in applications for key in (row.app_id, row.id)}
    return _Names({str(row.id): (row.display_name, row.upn) for row in users}, {**others, **groups}, frozenset(groups))


def _initiators(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Row]:
    facts = _facts(uow, keys)
    names = _names(uow, facts.values())
    return {seq: _initiator(fact["actor"], names) for seq, fact in facts.items()}


def _initiator(actor: Row, names: _Names) -> Row:
    principal = actor.get("principalId")
    if actor["kind"] == "user":
        shown, _ = names.of(str(principal))
        user = {"id": principal, "displayName": shown, "userPrincipalName": actor["name"], "ipAddress": None}
        return {"user": user, "app": None}
    app = {
        "appId": actor.get("appId"),
        "displayName": actor["name"] or None,
        "servicePrincipalId": principal,
        "servicePrincipalName": None,
    }
    return {"user": None, "app": app}


def _targets(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Row]]:
    facts = _facts(uow, keys)
    names = _names(uow, facts.values())
    return {seq: _targets_of(fact, names) for seq, fact in facts.items()}


def _targets_of(fact: Row, names: _Names) -> list[Row]:
    """First whom or what it was done to, then the group or role it is about."""
    kind, key, data = fact["resourceType"], str(fact["resourceId"]), fact["data"]
    whole = {
        "id": key,
        "type": _TYPES.get(kind, "Other"),
        "groupType": "unknownFutureValue" if kind == "group" else None,
    }
    changed = _changed(fact["before"], fact["after"])
    member = data.get("member_id") or data.get("principal_id")
    if member is not None:
        shown, upn = names.of(str(member))
        container = _container(kind, key, names)
        first = {"id": str(member), "displayName": shown, "type": names.type_of(str(member)), "userPrincipalName": upn}
        parted = fact["kind"].endswith("Removed")
        listed = [_modified(name, value if parted else None, None if parted else value) for name, value in container]
        return [
            {**first, "groupType": None, "modifiedProperties": listed},
            {**whole, "displayName": container[1][1], "userPrincipalName": None, "modifiedProperties": []},
        ]
    shown, upn = names.of(key)
    named_type = "Application" if kind in _OF_APPLICATIONS else whole["type"]
    is_name = kind == "domain"
    return [
        {
            **whole,
            "displayName": key if is_name else shown,
            "type": named_type,
            "userPrincipalName": upn,
            "modifiedProperties": changed,
        }
    ]


def _container(kind: str, key: str, names: _Names) -> list[tuple[str, str | None]]:
    if kind == "group":
        return [("Group.ObjectID", key), ("Group.DisplayName", names.of(key)[0])]
    role = DIRECTORY_ROLES.get(UUID(key))
    return [("Role.TemplateId", key), ("Role.DisplayName", role.name if role else None)]


def _changed(before: Any, after: Any) -> list[Row]:
    old, new = before or {}, after or {}
    return [
        _modified(name[:1].upper() + name[1:], old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _modified(name: str, old: Any, new: Any) -> Row:
    """A property with its values as JSON text; null for none."""
    return {"displayName": name, "oldValue": _json(old), "newValue": _json(new)}


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


# The resource


def _about(operator: str, value: Any) -> ColumnElement[bool]:
    """Whether a fact is about an object, as what it is of or as who joined it."""
    if operator != "eq":
        raise UnsupportedQuery("The id of a target can be compared with 'eq' only.")
    key = str(value).lower()
    return or_(LogEntry.resource_id == key, LogEntry.body.like(f'%\\_id":"{escaped(key)}"%', escape="\\"))


_TARGET_PROPERTIES = declare(
    text("id"),
    text("displayName"),
    text("type"),
    text("userPrincipalName"),
    text("groupType"),
    Property(
        name="modifiedProperties",
        kind=Kind.COMPLEX,
        type_name="modifiedProperty",
        members=declare(text("displayName"), text("oldValue"), text("newValue")),
        is_collection=True,
    ),
)


def _record_id(seq: int) -> str:
    return f"Directory_{seq:012}"


def place_of(record_id: str) -> int:
    """Where a record stands in the log; 0 for what is no id of one."""
    head, _, place = record_id.partition("_")
    return int(place) if head.lower() == "directory" and place.isascii() and place.isdecimal() else 0


def _correlation(body: str) -> str | None:
    said = msgspec.json.decode(body)["correlationId"]
    return str(said) if said else None


AUDIT = Resource(
    name="directoryAudit",
    entity_set="auditLogs/directoryAudits",
    key=LogEntry.seq,
    order=("activityDateTime desc",),
    properties=declare(
        Property(
            name="id",
            kind=Kind.TEXT,
            column=LogEntry.seq,
            wire=_record_id,
            stored=place_of,
            is_nullable=False,
            is_filterable=False,
        ),
        text("category", _CATEGORY),
        Property(name="correlationId", column=LogEntry.body, wire=_correlation, is_filterable=False),
        fixed("result", "success"),
        fixed("resultReason", None),
        text("activityDisplayName", _NAME),
        instant("activityDateTime", LogEntry.at, is_nullable=False),
        fixed("loggedByService", "Core Directory"),
        text("operationType", _OPERATION),
        Property(
            name="initiatedBy",
            kind=Kind.COMPLEX,
            type_name="auditActivityInitiator",
            members=declare(
                Property(
                    name="user",
                    kind=Kind.COMPLEX,
                    type_name="userIdentity",
                    members=declare(
                        guid("id"),
                        text("displayName"),
                        text("userPrincipalName", LogEntry.actor_name),
                        text("ipAddress"),
                    ),
                ),
                Property(
                    name="app",
                    kind=Kind.COMPLEX,
                    type_name="appIdentity",
                    members=declare(
                        guid("appId"),
                        text("displayName", LogEntry.actor_name),
                        guid("servicePrincipalId"),
                        text("servicePrincipalName"),
                    ),
                ),
            ),
            load=_initiators,
        ),
        Property(
            name="targetResources",
            kind=Kind.COMPLEX,
            type_name="targetResource",
            members=_TARGET_PROPERTIES,
            load=_targets,
            many=Many(elements={"id": Property(name="id", test=_about)}, exists=lambda part: part),
            is_collection=True,
        ),
        Property(name="additionalDetails", wire=lambda _: [], is_collection=True, is_filterable=False),
    ),
    top=1000,
    most=1000,
)


def audits_of(actor: Actor, *where: ColumnElement[bool]) -> Source:
    """The changes of the tenant that the token is for."""
    return Source(AUDIT, (reading.log_of(actor, *CATEGORIES), *where))
