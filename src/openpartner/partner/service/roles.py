"""Giving and taking roles, wherever they are kept, and requests for them."""

from collections.abc import Iterable
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.identity import service as directory_service
from openpartner.partner import queries, rules
from openpartner.partner.events import RoleAssigned, RoleRemoved, RoleRequestAnswered, RoleRequested
from openpartner.partner.models import AccessRequest, RoleAssignment
from openpartner.platform.actor import ActorKind, TenantKind
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.permissions import (
    OPERATOR_USERS,
    OWN_PROFILE,
    PUBLISHER_USERS,
    ROLE_INFO,
    USERS_COMPLIANCE_ADMIN,
    USERS_DIRECTORY_ROLES,
    USERS_PARTNER_ROLES,
    USERS_REPORT_VIEWERS,
    Function,
    Role,
    RoleStore,
    who_can_grant,
)
from openpartner.platform.work import UnitOfWork

WHOLE_COMPANY = "*"

_FUNCTION_OF_STORE: dict[RoleStore, Function] = {
    RoleStore.DIRECTORY_ROLE: USERS_DIRECTORY_ROLES,
    RoleStore.SECURITY_GROUP: USERS_DIRECTORY_ROLES,
    RoleStore.PARTNER_CENTER: USERS_PARTNER_ROLES,
    RoleStore.CONTACT: USERS_PARTNER_ROLES,
    RoleStore.PUBLISHER_ACCOUNT: PUBLISHER_USERS,
    RoleStore.OPERATOR: OPERATOR_USERS,
    RoleStore.EVERY_USER: USERS_DIRECTORY_ROLES,
}
_FUNCTION_OF_ROLE: dict[Role, Function] = {
    Role.COMPLIANCE_ADMIN: USERS_COMPLIANCE_ADMIN,
    Role.EXECUTIVE_REPORT_VIEWER: USERS_REPORT_VIEWERS,
    Role.REPORT_VIEWER: USERS_REPORT_VIEWERS,
}


def function_of(role: Role) -> Function:
    """The row of the matrix under which a role is given and taken."""
    return _FUNCTION_OF_ROLE.get(role) or _FUNCTION_OF_STORE[ROLE_INFO[role].store]


def grantable_roles(uow: UnitOfWork, *, guest: bool = False) -> list[Role]:
    """The roles of this tenant that the actor may give, in their order. Pages offer these."""
    kind = uow.actor.tenant_kind or TenantKind.PARTNER
    return [
        role
        for role in Role
        if role in queries.ROLES_OF_TENANT[kind]
        and uow.actor.may(function_of(role).write)
        and who_can_grant(role) & uow.actor.roles
        and (ROLE_INFO[role].guests or not guest)
    ]


def _check_grant(uow: UnitOfWork, role: Role) -> None:
    if uow.actor.kind is ActorKind.SYSTEM:
        return
    uow.actor.require(function_of(role).write)
    rules.check_grantor(uow.actor.roles, role)


def assign_role(
    uow: UnitOfWork, user_id: UUID, role: Role, *, locations: Iterable[UUID] = (), tenant_id: UUID | None = None
) -> None:
    """Give a user of the actor's tenant a role, for the whole company or for some locations; once more changes nothing.

    tenant_id: for seeds. Raises RoleNeeded, RoleNotYours, NotForGuests, NotByLocation, LocationUnknown, NotFound.
    Emits RoleAssigned.
    """
    _check_grant(uow, role)
    tenant_id = tenant_id or uow.actor.tenant
    user = directory.user_by_id(uow, user_id, tenant_id)
    tenant = directory.tenant_by_id(uow, tenant_id)
    if role not in queries.ROLES_OF_TENANT[tenant.kind]:
        raise Invalid(f"{ROLE_INFO[role].title} is no role of this tenant.")
    scopes = sorted(str(location) for location in locations)
    rules.check_assignment(
        who_can_grant(role),  # who acts was asked above; the system acts for nobody
        role,
        guest=user.is_external,
        locations=scopes,
        known_locations=[str(each.id) for each in queries.locations(uow, tenant_id)],
    )
    for scope in scopes or [WHOLE_COMPANY]:
        if _give(uow, tenant_id, user_id, role, scope):
            uow.emit(
                RoleAssigned(
                    partner_id=_log_of(tenant.kind, tenant_id),
                    tenant_id=tenant_id,
                    user_id=user_id,
                    role=role,
                    scope=scope,
                    after={"role": ROLE_INFO[role].title, "scope": scope, "userPrincipalName": user.upn},
                )
            )


def remove_role(uow: UnitOfWork, user_id: UUID, role: Role, *, scope: str | None = None) -> None:
    """Take a role away, in one scope or in all. Raises RoleNeeded, RoleNotYours, NotFound, LastGlobalAdmin.

    Emits RoleRemoved.
    """
    _check_grant(uow, role)
    tenant_id = uow.actor.tenant
    user = directory.user_by_id(uow, user_id, tenant_id)
    tenant = directory.tenant_by_id(uow, tenant_id)
    keep_an_administrator(uow, user_id, losing=role)
    taken = _take(uow, tenant_id, user_id, role, scope)
    if not taken:
        raise NotFound(f"{ROLE_INFO[role].title} of user", user.upn)
    for each in taken:
        uow.emit(
            RoleRemoved(
                partner_id=_log_of(tenant.kind, tenant_id),
                tenant_id=tenant_id,
                user_id=user_id,
                role=role,
                scope=each,
                before={"role": ROLE_INFO[role].title, "scope": each, "userPrincipalName": user.upn},
            )
        )


def keep_an_administrator(uow: UnitOfWork, user_id: UUID, *, losing: Role = Role.GLOBAL_ADMIN) -> None:
    """Refuse to take the last Global admin from the actor's tenant: by role, by blocking or by deleting.

    Raises LastGlobalAdmin.
    """
    if losing is not Role.GLOBAL_ADMIN:
        return
    kind = uow.actor.tenant_kind or TenantKind.PARTNER
    admins = {each.id for each in queries.holders(uow, uow.actor.tenant, kind, (Role.GLOBAL_ADMIN,))}
    if kind is TenantKind.OPERATOR:
        admins = {each.id for each in queries.holders(uow, uow.actor.tenant, kind, (Role.OPERATOR_ADMIN,))}
    rules.check_admin_remains(is_global_admin=user_id in admins, other_global_admins=len(admins - {user_id}))


def _log_of(kind: TenantKind, tenant_id: UUID) -> UUID | None:
    return tenant_id if kind is TenantKind.PARTNER else None


def _give(uow: UnitOfWork, tenant_id: UUID, user_id: UUID, role: Role, scope: str) -> bool:
    """Whether anything changed."""
    info = ROLE_INFO[role]
    if info.store is RoleStore.DIRECTORY_ROLE:
        held = UUID(info.kept_as) in directory.directory_roles_of(uow, user_id, tenant_id)
        directory_service.assign_directory_role(uow, tenant_id, UUID(info.kept_as), user_id)
        return not held
    if info.store is RoleStore.SECURITY_GROUP:
        group = directory.group_by_name(uow, tenant_id, info.kept_as)
        if group is None:
            group = directory_service.create_group(uow, tenant_id, info.kept_as)
        held = any(member.member_id == user_id for member in directory.members_of_group(uow, group.id))
        directory_service.add_group_member(uow, group.id, user_id)
        return not held
    present = [each for each in queries.assignments_of_role(uow, tenant_id, role) if each.user_id == user_id]
    if any(each.scope in {scope, WHOLE_COMPANY} for each in present):
        return False
    if scope == WHOLE_COMPANY:
        for each in present:  # the whole company includes each location
            uow.db.delete(each)
        uow.db.flush()
    uow.db.add(
        RoleAssignment(
            id=uow.ids.uuid(),
            tenant_id=tenant_id,
            user_id=user_id,
            role=role,
            scope=scope,
            assigned_by=uow.actor.name,
            assigned_at=uow.now,
        )
    )
    uow.db.flush()
    return True


def _take(uow: UnitOfWork, tenant_id: UUID, user_id: UUID, role: Role, scope: str | None) -> list[str]:
    """The scopes in which it was held."""
    info = ROLE_INFO[role]
    if info.store is RoleStore.DIRECTORY_ROLE:
        given = directory.role_assignments(uow, tenant_id, UUID(info.kept_as))
        if not any(each.principal_id == user_id for each in given):
            return []
        directory_service.remove_directory_role(uow, tenant_id, UUID(info.kept_as), user_id)
        return [WHOLE_COMPANY]
    if info.store is RoleStore.SECURITY_GROUP:
        group = directory.group_by_name(uow, tenant_id, info.kept_as)
        if group is None or not any(m.member_id == user_id for m in directory.members_of_group(uow, group.id)):
            return []
        directory_service.remove_group_member(uow, group.id, user_id)
        return [WHOLE_COMPANY]
    held = [
        each
        for each in queries.assignments_of_role(uow, tenant_id, role)
        if each.user_id == user_id and scope in {None, each.scope}
    ]
    for each in held:
        uow.db.delete(each)
    uow.db.flush()
    return [each.scope for each in held]


# --- requests -----------------------------------------------------------------------------------------------------

OPEN, GRANTED, REFUSED, WITHDRAWN = "open", "granted", "refused", "withdrawn"


def request_role(uow: UnitOfWork, role: Role, reason: str) -> AccessRequest:
    """Ask whoever may give a role for it; they are told by mail. Raises UserNeeded, Conflict, Invalid.

    Emits RoleRequested.
    """
    uow.actor.require_user()
    uow.actor.require(OWN_PROFILE.write)
    kind = uow.actor.tenant_kind or TenantKind.PARTNER
    if role not in queries.ROLES_OF_TENANT[kind] or not who_can_grant(role):
        raise Invalid(f"{ROLE_INFO[role].title} cannot be asked for.")
    if role in uow.actor.roles:
        raise Conflict(f"You hold {ROLE_INFO[role].title} already.")
    user_id = uow.actor.principal_id
    if user_id is None:
        raise NotFound("User")
    if any(each.role is role for each in queries.access_requests(uow, state=OPEN, user_id=user_id)):
        raise Conflict(f"You have asked for {ROLE_INFO[role].title}; the request is still open.")
    request = AccessRequest(
        id=uow.ids.uuid(),
        tenant_id=uow.actor.tenant,
        user_id=user_id,
        user_name=uow.actor.name,
        role=role,
        reason=reason.strip()[:1000],
        state=OPEN,
        requested_at=uow.now,
    )
    uow.db.add(request)
    uow.db.flush()
    grantors = [each for each in Role if each in who_can_grant(role)]
    for admin in queries.holders(uow, uow.actor.tenant, kind, grantors):
        uow.mail(
            admin.mail or admin.upn,
            f"{uow.actor.name} asks for a role",
            f"{uow.actor.name} asks for the role {ROLE_INFO[role].title}: {request.reason or 'no reason given'}\n"
            "Answer it under Account settings > Role requests.",
            topic="roles",
            tenant_id=uow.actor.tenant,
        )
    uow.emit(
        RoleRequested(
            partner_id=_log_of(kind, uow.actor.tenant),
            tenant_id=uow.actor.tenant,
            user_id=user_id,
            request_id=request.id,
            role=role,
            after={"role": ROLE_INFO[role].title, "reason": request.reason},
        )
    )
    return request


def answer_role_request(uow: UnitOfWork, request_id: UUID, *, grant: bool, note: str = "") -> AccessRequest:
    """Grant or refuse a request; granting gives the role. Who may give the role may answer.

    Raises NotFound, Conflict when it is answered already, RoleNeeded, RoleNotYours. Emits RoleRequestAnswered.
    """
    request = queries.access_request(uow, request_id)
    _check_grant(uow, request.role)
    if request.state != OPEN:
        raise Conflict(f"This request is {request.state} already.")
    if grant:
        assign_role(uow, request.user_id, request.role)
    _answered(uow, request, GRANTED if grant else REFUSED, note)
    user = directory.user_by_id(uow, request.user_id, request.tenant_id)
    outcome = "granted" if grant else "refused"
    uow.mail(
        user.mail or user.upn,
        f"Your request for {ROLE_INFO[request.role].title} was {outcome}",
        f"{uow.actor.name} {outcome} it. {request.answer}".strip(),
        topic="roles",
        tenant_id=request.tenant_id,
    )
    return request


def withdraw_role_request(uow: UnitOfWork, request_id: UUID) -> AccessRequest:
    """Take back one's own request. Raises NotFound, Conflict. Emits RoleRequestAnswered."""
    uow.actor.require(OWN_PROFILE.write)
    request = queries.access_request(uow, request_id)
    if request.user_id != uow.actor.principal_id:
        raise NotFound("Role request", request_id)
    if request.state != OPEN:
        raise Conflict(f"This request is {request.state} already.")
    _answered(uow, request, WITHDRAWN, "")
    return request


def _answered(uow: UnitOfWork, request: AccessRequest, state: str, note: str) -> None:
    request.state, request.answer = state, note.strip()[:1000]
    request.answered_at, request.answered_by = uow.now, uow.actor.name
    uow.db.flush()
    uow.emit(
        RoleRequestAnswered(
            partner_id=_log_of(uow.actor.tenant_kind or TenantKind.PARTNER, request.tenant_id),
            tenant_id=request.tenant_id,
            user_id=request.user_id,
            request_id=request.id,
            role=request.role,
            answer=state,
            after={"state": state, "note": request.answer},
        )
    )
