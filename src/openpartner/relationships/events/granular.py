"""What happens to granular relationships. The words are the vendor's audit words (partner-center-resources §19)."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfRelationship(Event, frozen=True, kw_only=True):
    """A fact about one relationship. indirect_provider_id: of a reseller's relationship, who asked for it."""

    resource_type: ClassVar[str] = "granular_admin_relationship"
    operation_type: ClassVar[str] = "granular_admin_relationship_updated"

    relationship_id: str
    display_name: str
    indirect_provider_id: UUID | None = None

    @property
    def resource_id(self) -> str:
        return self.relationship_id


class AdminRelationshipCreated(_OfRelationship, frozen=True, kw_only=True):
    """A partner has drawn one up. is_default: it came with a customer that the partner made."""

    operation_type: ClassVar[str] = "granular_admin_relationship_created"
    is_default: bool = False


class AdminRelationshipUpdated(_OfRelationship, frozen=True, kw_only=True):
    """A draft, or an active one's automatic extension or roles, changed."""


class AdminRelationshipDeleted(_OfRelationship, frozen=True, kw_only=True):
    """A draft is gone."""

    operation_type: ClassVar[str] = "granular_admin_relationship_deleted"


class AdminRelationshipLocked(_OfRelationship, frozen=True, kw_only=True):
    """It waits for the customer; nothing of it changes any more."""

    operation_type: ClassVar[str] = "granular_admin_relationship_approval_requested"


class AdminRelationshipReviewed(_OfRelationship, frozen=True, kw_only=True):
    """The indirect reseller agrees that the customer is asked."""

    operation_type: ClassVar[str] = "granular_admin_relationship_reviewed"


class AdminRelationshipApproved(_OfRelationship, frozen=True, kw_only=True):
    """The customer consented. approved_by: Customer, or Partner for what came with a customer the partner made."""

    operation_type: ClassVar[str] = "granular_admin_relationship_approved"
    approved_by: str


class AdminRelationshipRejected(_OfRelationship, frozen=True, kw_only=True):
    """The customer, or the indirect reseller, refused (``rejected_by``). AdminRelationshipTerminated follows."""

    operation_type: ClassVar[str] = "granular_admin_relationship_rejected"
    rejected_by: str
    reason: str = ""


class AdminRelationshipActivating(_OfRelationship, frozen=True, kw_only=True):
    """It is being set up in the customer's tenant."""

    operation_type: ClassVar[str] = "granular_admin_relationship_activating"


class AdminRelationshipActivated(_OfRelationship, frozen=True, kw_only=True):
    """Groups can be assigned from now on."""

    operation_type: ClassVar[str] = "granular_admin_relationship_activated"


class AdminRelationshipExtended(_OfRelationship, frozen=True, kw_only=True):
    """Its last day was reached, and its end moved on by itself."""

    operation_type: ClassVar[str] = "granular_admin_relationship_autoextended"


class AdminRelationshipTerminationRequested(_OfRelationship, frozen=True, kw_only=True):
    """One side ended it (``requested_by``); access is gone already."""

    operation_type: ClassVar[str] = "granular_admin_relationship_termination_requested"
    requested_by: str


class AdminRelationshipTerminating(_OfRelationship, frozen=True, kw_only=True):
    """Its assignments are being removed."""

    operation_type: ClassVar[str] = "granular_admin_relationship_terminating"


class AdminRelationshipTerminated(_OfRelationship, frozen=True, kw_only=True):
    """It has ended before its time."""

    operation_type: ClassVar[str] = "granular_admin_relationship_terminated"


class AdminRelationshipExpiring(_OfRelationship, frozen=True, kw_only=True):
    """Its time is over; access is gone already."""

    operation_type: ClassVar[str] = "granular_admin_relationship_expiring"


class AdminRelationshipExpired(_OfRelationship, frozen=True, kw_only=True):
    """It has ended at its time."""

    operation_type: ClassVar[str] = "granular_admin_relationship_expired"


class AdminRelationshipRemoved(_OfRelationship, frozen=True, kw_only=True):
    """Nothing of it is kept any more. reason: ``unanswered``, ``ended a year ago`` or ``customer deleted``."""

    operation_type: ClassVar[str] = "granular_admin_relationship_cleaned_up"
    reason: str


class ServiceProviderConstraintsChanged(Event, frozen=True, kw_only=True):
    """A customer has said which roles a partner may ever hold in it."""

    resource_type: ClassVar[str] = "service_provider_constraints"
    operation_type: ClassVar[str] = "update_service_provider_constraints"

    @property
    def resource_id(self) -> str:
        return str(self.partner_id)


class CrossTenantPartnerAdded(Event, frozen=True, kw_only=True):
    """A customer tenant's cross-tenant access policy names the partner as a service provider."""

    resource_type: ClassVar[str] = "cross_tenant_partner"
    operation_type: ClassVar[str] = "add_cross_tenant_partner"

    @property
    def resource_id(self) -> str:
        return str(self.partner_id)


class CrossTenantPartnerRemoved(Event, frozen=True, kw_only=True):
    """It does so no longer."""

    resource_type: ClassVar[str] = "cross_tenant_partner"
    operation_type: ClassVar[str] = "remove_cross_tenant_partner"

    @property
    def resource_id(self) -> str:
        return str(self.partner_id)
