"""What Graph shows of granular relationships, declared once. Source: gdap §2; graph-conventions §16."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from openpartner.identity.models import Tenant
from openpartner.platform.graph.edm import (
    Enumeration,
    Kind,
    Many,
    Property,
    Resource,
    boolean,
    choice,
    declare,
    fixed,
    guid,
    instant,
    nested,
    text,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.assignments import AccessAssignment, AccessAssignmentRole
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole, CrossTenantPartner
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.queries.assignments import roles_of_assignments
from openpartner.relationships.queries.granular import roles_of_many
from openpartner.relationships.rules.assignments import AssignmentStatus
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.rules.granular_words import BEHIND_THE_SENTINEL
from openpartner.relationships.rules.operations import OperationStatus, OperationType
from openpartner.relationships.rules.requests import RequestAction, RequestStatus
from openpartner.relationships.wire.granular import seven_digits, unified_roles

MOST = 300
"""The greatest page. Source: gdap §7."""


def _enumeration(name: str, members: Any) -> Enumeration:
    return Enumeration(
        name=name,
        members=[each.value for each in members if each not in BEHIND_THE_SENTINEL],
        later=[each.value for each in members if each in BEHIND_THE_SENTINEL],
    )


RELATIONSHIP_STATUS = _enumeration("delegatedAdminRelationshipStatus", Status)
ASSIGNMENT_STATUS = _enumeration("delegatedAdminAccessAssignmentStatus", AssignmentStatus)
REQUEST_ACTION = _enumeration("delegatedAdminRelationshipRequestAction", RequestAction)
REQUEST_STATUS = _enumeration("delegatedAdminRelationshipRequestStatus", RequestStatus)
OPERATION_TYPE = _enumeration("delegatedAdminRelationshipOperationType", OperationType)
OPERATION_STATUS = _enumeration("longRunningOperationStatus", OperationStatus)
CONTAINER_TYPE = Enumeration(name="delegatedAdminAccessContainerType", members=("securityGroup",))


def _instant(name: str, column: Any, *, is_nullable: bool = False) -> Property:
    return instant(name, column, wire=seven_digits, is_nullable=is_nullable)


def _access_details(load: Any, many: Many) -> Property:
    roles = Property(
        name="unifiedRoles",
        kind=Kind.COMPLEX,
        type_name="unifiedRole",
        is_collection=True,
        members=declare(text("roleDefinitionId")),
        many=many,
    )
    return nested("accessDetails", "delegatedAdminAccessDetails", roles, load=load, wire=unified_roles)


def _roles_of_relationships(uow: UnitOfWork, keys: Sequence[str]) -> Mapping[str, list[UUID]]:
    return roles_of_many(uow, keys)


def _roles_of_assignments(uow: UnitOfWork, keys: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
    return roles_of_assignments(uow, keys)


_RELATIONSHIP_ROLES = Many(
    elements={"roleDefinitionId": guid("roleDefinitionId", AdminRelationshipRole.role_template_id)},
    exists=lambda part: exists().where(AdminRelationshipRole.relationship_id == AdminRelationship.id, part),
)
_ASSIGNMENT_ROLES = Many(
    elements={"roleDefinitionId": guid("roleDefinitionId", AccessAssignmentRole.role_template_id)},
    exists=lambda part: exists().where(AccessAssignmentRole.assignment_id == AccessAssignment.id, part),
)

RELATIONSHIP = Resource(
    name="delegatedAdminRelationship",
    entity_set="delegatedAdminRelationships",
    properties=declare(
        text("id", AdminRelationship.id, is_nullable=False),
        text("displayName", AdminRelationship.display_name),
        Property(name="duration", kind=Kind.DURATION, column=AdminRelationship.duration),
        Property(name="autoExtendDuration", kind=Kind.DURATION, column=AdminRelationship.auto_extend_duration),
        nested(
            "customer",
            "delegatedAdminRelationshipCustomerParticipant",
            guid("tenantId", AdminRelationship.customer_id),
            text("displayName", AdminRelationship.customer_name),
            null_unless="tenantId",
        ),
        _access_details(_roles_of_relationships, _RELATIONSHIP_ROLES),
        choice("status", RELATIONSHIP_STATUS, AdminRelationship.status, stored=Status, is_nullable=False),
        _instant("createdDateTime", AdminRelationship.created_at),
        _instant("activatedDateTime", AdminRelationship.activated_at, is_nullable=True),
        _instant("endDateTime", AdminRelationship.end_at, is_nullable=True),
        _instant("lastModifiedDateTime", AdminRelationship.modified_at),
    ),
    version=AdminRelationship.version,
    order=("createdDateTime",),
    top=100,
    most=MOST,
)

RESELLER_MEMBERS = declare(
    guid("indirectProviderTenantId", AdminRelationship.indirect_provider_id),
    boolean("isPartnerConsentPending", AdminRelationship.is_partner_consent_pending),
)
"""What the derived type has besides."""

RESELLER_RELATIONSHIP = Resource(
    name="resellerDelegatedAdminRelationship",
    entity_set="tenantRelationships/delegatedAdminRelationships",
    properties={**RELATIONSHIP.properties, **RESELLER_MEMBERS},
    version=AdminRelationship.version,
)

ASSIGNMENT = Resource(
    name="delegatedAdminAccessAssignment",
    entity_set="tenantRelationships/accessAssignments",
    properties=declare(
        guid("id", AccessAssignment.id, is_nullable=False),
        choice("status", ASSIGNMENT_STATUS, AccessAssignment.status, stored=AssignmentStatus, is_nullable=False),
        _instant("createdDateTime", AccessAssignment.created_at),
        _instant("lastModifiedDateTime", AccessAssignment.modified_at),
        nested(
            "accessContainer",
            "delegatedAdminAccessContainer",
            guid("accessContainerId", AccessAssignment.group_id),
            fixed("accessContainerType", "securityGroup", Kind.ENUM, enumeration=CONTAINER_TYPE),
        ),
        _access_details(_roles_of_assignments, _ASSIGNMENT_ROLES),
    ),
    version=AccessAssignment.version,
    order=("createdDateTime",),
    top=100,
    most=MOST,
)

REQUEST = Resource(
    name="delegatedAdminRelationshipRequest",
    entity_set="tenantRelationships/requests",
    properties=declare(
        guid("id", RelationshipRequest.id, is_nullable=False),
        choice("action", REQUEST_ACTION, RelationshipRequest.action, stored=RequestAction, is_nullable=False),
        choice("status", REQUEST_STATUS, RelationshipRequest.status, stored=RequestStatus, is_nullable=False),
        _instant("createdDateTime", RelationshipRequest.created_at),
        _instant("lastModifiedDateTime", RelationshipRequest.modified_at),
    ),
    order=("createdDateTime",),
    top=100,
    most=MOST,
)


def _data_of(uow: UnitOfWork, keys: Sequence[UUID]) -> Mapping[UUID, str]:
    """``data``: the wanted roles as JSON text; whose shape no client relies on. Source: gdap §6."""
    row = RelationshipOperation
    statement = select(row.id, row.assignment_id, row.roles).where(row.id.in_(list(keys)))
    found = {}
    for key, assignment_id, roles in uow.db.execute(statement):
        wanted: dict[str, Any] = {"accessDetails": unified_roles(roles)}
        if assignment_id is not None:
            wanted = {"id": str(assignment_id), **wanted}
        found[key] = json.dumps(wanted, separators=(",", ":"))
    return found


OPERATION = Resource(
    name="delegatedAdminRelationshipOperation",
    entity_set="tenantRelationships/operations",
    properties=declare(
        guid("id", RelationshipOperation.id, is_nullable=False),
        choice(
            "operationType",
            OPERATION_TYPE,
            RelationshipOperation.operation_type,
            stored=OperationType,
            is_nullable=False,
        ),
        choice("status", OPERATION_STATUS, RelationshipOperation.status, stored=OperationStatus, is_nullable=False),
        _instant("createdDateTime", RelationshipOperation.created_at),
        _instant("lastModifiedDateTime", RelationshipOperation.modified_at),
        text("data", load=_data_of),
    ),
    version=RelationshipOperation.version,
    order=("createdDateTime",),
    top=100,
    most=MOST,
)

CUSTOMER = Resource(
    name="delegatedAdminCustomer",
    entity_set="delegatedAdminCustomers",
    properties=declare(
        guid("id", Tenant.id, is_nullable=False),
        guid("tenantId", Tenant.id),
        text("displayName", Tenant.name),
    ),
    order=("displayName",),
    top=100,
    most=MOST,
)

SERVICE_MANAGEMENT = Resource(
    name="delegatedAdminServiceManagementDetail",
    entity_set="tenantRelationships/serviceManagementDetails",
    properties=declare(text("id"), text("serviceName"), text("serviceManagementUrl")),
    most=MOST,
)

TENANT_INFORMATION = Resource(
    name="tenantInformation",
    entity_set="microsoft.graph.tenantInformation",
    key_name="tenantId",
    properties=declare(text("tenantId"), text("federationBrandName"), text("displayName"), text("defaultDomainName")),
)

_UNSET_POLICIES = (
    "inboundTrust",
    "b2bCollaborationOutbound",
    "b2bCollaborationInbound",
    "b2bDirectConnectOutbound",
    "b2bDirectConnectInbound",
    "tenantRestrictions",
)

CROSS_TENANT_PARTNER = Resource(
    name="crossTenantAccessPolicyConfigurationPartner",
    entity_set="policies/crossTenantAccessPolicy/partners",
    key_name="tenantId",
    properties=declare(
        guid("tenantId", CrossTenantPartner.partner_id, is_nullable=False),
        boolean("isServiceProvider", CrossTenantPartner.is_service_provider),
        fixed("isInMultiTenantOrganization", value=False, kind=Kind.BOOLEAN),
        *(fixed(name, None, Kind.COMPLEX) for name in _UNSET_POLICIES),
        fixed(
            "automaticUserConsentSettings",
            {"inboundAllowed": None, "outboundAllowed": None},
            Kind.COMPLEX,
        ),
    ),
    order=("tenantId",),
)

RESOURCES: tuple[Resource, ...] = (
    RELATIONSHIP,
    RESELLER_RELATIONSHIP,
    ASSIGNMENT,
    REQUEST,
    OPERATION,
    CUSTOMER,
    SERVICE_MANAGEMENT,
    TENANT_INFORMATION,
    CROSS_TENANT_PARTNER,
)
"""What ``$metadata`` names."""
