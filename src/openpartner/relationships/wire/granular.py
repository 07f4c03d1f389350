"""The JSON that Graph takes for granular relationships, and how its values are written. Source: gdap §2, §8, §9."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from openpartner.platform.graph.bodies import Change
from openpartner.relationships.rules.assignments import ContainerType, ContainerTypeUnknown, GroupUnknown
from openpartner.relationships.rules.granular_consent import CustomerRefused
from openpartner.relationships.rules.granular_terms import RolesMissing, RoleUnknown, TermsChange, WantedTerms

RESELLER_TYPE = "#microsoft.graph.resellerDelegatedAdminRelationship"


def seven_digits(at: datetime | None) -> str | None:
    """An instant with seven digits of a second, as these resources have it. Source: gdap §2."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def unified_roles(roles: Any) -> dict[str, Any]:
    """``accessDetails`` of some roles."""
    return {"unifiedRoles": [{"roleDefinitionId": str(role)} for role in roles or ()]}


class UnifiedRoleIn(Change, kw_only=True):
    """A role by its template id."""

    role_definition_id: str | UnsetType | None = UNSET


class AccessDetailsIn(Change, kw_only=True):
    """The roles."""

    unified_roles: list[UnifiedRoleIn] | UnsetType | None = UNSET

    def read(self) -> frozenset[UUID]:
        """The roles as the rules take them. Raises RoleUnknown for what is no template id."""
        if not self.unified_roles:
            return frozenset()
        return frozenset(_role(each.role_definition_id or "") for each in self.unified_roles)


def _role(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RoleUnknown(text) from None


class CustomerIn(Change, kw_only=True):
    """The customer, by its tenant; its name is the server's to know."""

    tenant_id: str | UnsetType | None = UNSET
    display_name: str | UnsetType | None = UNSET

    def read(self) -> UUID | None:
        """The tenant's id. Raises CustomerRefused."""
        if not self.tenant_id:
            return None
        try:
            return UUID(self.tenant_id)
        except ValueError:
            raise CustomerRefused(self.tenant_id) from None


class RelationshipIn(Change, kw_only=True):
    """A relationship to create, or what of it to change; read-only members are left aside, as clients echo them."""

    odata_type: str = msgspec.field(default="", name="@odata.type")
    display_name: str | UnsetType | None = UNSET
    customer: CustomerIn | UnsetType | None = UNSET
    access_details: AccessDetailsIn | UnsetType | None = UNSET
    duration: str | UnsetType | None = UNSET
    auto_extend_duration: str | UnsetType | None = UNSET
    status: Any = UNSET
    created_date_time: Any = UNSET
    activated_date_time: Any = UNSET
    end_date_time: Any = UNSET
    last_modified_date_time: Any = UNSET
    indirect_provider_tenant_id: Any = UNSET
    is_partner_consent_pending: Any = UNSET

    @property
    def for_reseller(self) -> bool:
        """Whether an indirect provider asks in its reseller's name."""
        return self.odata_type.lower() == RESELLER_TYPE.lower()

    def wanted(self) -> WantedTerms:
        """What to create; what is missing is refused by the rules."""
        return WantedTerms(
            display_name=self.display_name or "",
            duration=self.duration or "",
            roles=self.access_details.read() if self.access_details else frozenset(),
            customer_id=self.customer.read() if self.customer else None,
            auto_extend_duration=self.auto_extend_duration or None,
        )

    def change(self) -> TermsChange:
        """What to change."""
        return TermsChange(
            display_name=UNSET if self.display_name is UNSET else self.display_name or "",
            duration=UNSET if self.duration is UNSET else self.duration or "",
            auto_extend_duration=self.auto_extend_duration,
            customer_id=UNSET if self.customer is UNSET else self.customer.read() if self.customer else None,
            roles=UNSET
            if self.access_details is UNSET
            else self.access_details.read()
            if self.access_details
            else frozenset(),
        )


class AccessContainerIn(Change, kw_only=True):
    """What roles are given to."""

    access_container_id: str | UnsetType | None = UNSET
    access_container_type: str | UnsetType | None = UNSET


class AssignmentIn(Change, kw_only=True):
    """An access assignment to create, or the roles to give it instead."""

    access_container: AccessContainerIn | UnsetType | None = UNSET
    access_details: AccessDetailsIn | UnsetType | None = UNSET
    status: Any = UNSET
    created_date_time: Any = UNSET
    last_modified_date_time: Any = UNSET

    def group(self) -> UUID:
        """The security group. Raises ContainerTypeUnknown, GroupUnknown."""
        container = self.access_container or AccessContainerIn()
        kind = container.access_container_type
        if kind is not UNSET and str(kind).lower() != ContainerType.SECURITY_GROUP.lower():
            raise ContainerTypeUnknown(str(kind))
        try:
            return UUID(container.access_container_id or "")
        except ValueError:
            raise GroupUnknown(container.access_container_id or "''") from None

    def roles(self) -> frozenset[UUID]:
        """The roles. Raises RolesMissing when the member is."""
        if not self.access_details:
            raise RolesMissing
        return self.access_details.read()


class RequestIn(Change, kw_only=True):
    """An order."""

    action: str | UnsetType | None = UNSET
    status: Any = UNSET


class ConstraintsIn(Change, kw_only=True):
    """The roles that a customer lets a partner hold."""

    allowed_role_template_ids: list[str] | UnsetType | None = UNSET

    def read(self) -> frozenset[UUID]:
        """The roles; none when nothing is said. Raises RoleUnknown."""
        return frozenset(_role(each) for each in self.allowed_role_template_ids or ())
