"""Graph's routes of a tenant's cross-tenant access policy: what a customer's directory says of its partners.

Source: gdap §2.7; graph-conventions §16.
"""

from typing import Any

from litestar import Response, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.platform.actor import ActorKind
from openpartner.platform.directory_access import require_directory
from openpartner.platform.directory_actions import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.graph.paths import key_of
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.api import granular_resources as declared
from openpartner.relationships.api.granular_admission import guid_of
from openpartner.relationships.models.granular import CrossTenantPartner
from openpartner.relationships.queries.granular import constraint_of, cross_tenant_partner
from openpartner.relationships.wire.granular import ConstraintsIn, seven_digits

READ = "Policy.Read.All"
WRITE = "Policy.ReadWrite.CrossTenantAccess"
POLICY = "policies/crossTenantAccessPolicy"
_PATH = f"/{POLICY}".lower()
_ONE = f"{_PATH}/partners/{{partner:str}}"


def _reach(accessed: str, targets: tuple[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
    (who, who_kind), (what, what_kind) = targets
    return {
        "usersAndGroups": {"accessType": accessed, "targets": [{"target": who, "targetType": who_kind}]},
        "applications": {"accessType": accessed, "targets": [{"target": what, "targetType": what_kind}]},
    }


_EVERYTHING = (("AllUsers", "user"), ("AllApplications", "application"))

DEFAULT: dict[str, Any] = {
    "isServiceDefault": True,
    "inboundTrust": {
        "isMfaAccepted": False,
        "isCompliantDeviceAccepted": False,
        "isHybridAzureADJoinedDeviceAccepted": False,
    },
    "b2bCollaborationOutbound": _reach("allowed", _EVERYTHING),
    "b2bCollaborationInbound": _reach("allowed", _EVERYTHING),
    "b2bDirectConnectOutbound": _reach("blocked", _EVERYTHING),
    "b2bDirectConnectInbound": _reach("blocked", _EVERYTHING),
    "automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False},
    "tenantRestrictions": {"devices": None, **_reach("blocked", _EVERYTHING)},
}
"""What holds for tenants without an entry of their own: the service's own default, which nobody changes here."""


def _let_in(uow: UnitOfWork, *, writes: bool = False) -> None:
    """Refuse who may not see, or change, this tenant's policy."""
    wanted = DirectoryAction.CROSS_TENANT_POLICY_WRITE if writes else DirectoryAction.CROSS_TENANT_POLICY_READ
    if uow.actor.kind is not ActorKind.APP:  # an application's granted permissions are asked for below
        require_directory(uow.actor, wanted)
    require_scope(uow.actor, *((WRITE,) if writes else (READ, WRITE)))


def _entries(uow: UnitOfWork) -> Source:
    return Source(declared.CROSS_TENANT_PARTNER, (CrossTenantPartner.tenant_id == uow.actor.tenant,))


@get(f"{_PATH}/partners", sync_to_thread=True, opt={"operation": f"GET /v1.0/{POLICY}/partners"})
def list_partners(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """An entry for each partner that administers this tenant."""
    with begin.read() as uow:
        _let_in(uow)
        return answers.listed(asked, pages.page_of(uow, asked, _entries(uow)))


@get(_ONE, sync_to_thread=True)
def read_partner(partner: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        _let_in(uow)
        key = guid_of(key_of(partner)[1], "tenantId")
        own = Source(declared.CROSS_TENANT_PARTNER, (*_entries(uow).where, CrossTenantPartner.partner_id == key))
        return answers.shown(asked, pages.one_of(uow, asked, own, key))


@get(f"{_PATH}/default", sync_to_thread=True, opt={"operation": f"GET /v1.0/{POLICY}/default"})
def read_default(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What holds for everybody else."""
    with begin.read() as uow:
        _let_in(uow)
        named = asked.options.text("select")
        wanted = {name.strip() for name in named.split(",")} if named else set(DEFAULT)
        shown = {name: value for name, value in DEFAULT.items() if name in wanted}
        return answers.shown(asked, {"@odata.context": asked.context(f"{POLICY}/default", one=True), **shown})


def _constraints(uow: UnitOfWork, asked: Asked, partner: str) -> dict[str, Any]:
    key = guid_of(key_of(partner)[1], "tenantId")
    found = constraint_of(uow, uow.actor.tenant, key)
    if found is None and cross_tenant_partner(uow, uow.actor.tenant, key) is None:
        raise ResourceMissing(key)
    return {
        "@odata.context": asked.context(f"{POLICY}/partners('{key}')/serviceProviderConstraints", one=True),
        "allowedRoleTemplateIds": [] if found is None else [str(role) for role in found.allowed_roles],
        "createdDateTime": None if found is None else seven_digits(found.created_at),
        "lastModifiedDateTime": None if found is None else seven_digits(found.modified_at),
    }


@get(
    f"{_ONE}/serviceproviderconstraints",
    sync_to_thread=True,
    opt={"operation": f"GET /v1.0/{POLICY}/partners/{{tenantId}}/serviceProviderConstraints"},
)
def read_constraints(
    partner: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """The roles this tenant lets the partner hold; none named means any."""
    with begin.read() as uow:
        _let_in(uow)
        return answers.shown(asked, _constraints(uow, asked, partner))


@patch(f"{_ONE}/serviceproviderconstraints", sync_to_thread=True)
def change_constraints(
    partner: FromPath[str],
    data: JSONBody[ConstraintsIn],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Say which roles this tenant lets the partner hold; access it has already is narrowed at once."""
    with begin() as uow:
        _let_in(uow, writes=True)
        key = guid_of(key_of(partner)[1], "tenantId")
        service.set_service_provider_constraints(uow, key, data.read())
        return answers.changed(asked, _constraints(uow, asked, str(key)))


ROUTES: list[Any] = [list_partners, read_partner, read_default, read_constraints, change_constraints]
