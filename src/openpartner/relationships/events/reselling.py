"""Facts about reseller relationships. ``partner_id`` is the partner told; a combined one is told to both."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class ResellerRelationshipAcceptedByCustomer(Event, frozen=True, kw_only=True):
    """A customer's Global admin has accepted the partner as its reseller.

    Source: partner-center-conventions §17, reseller-relationship-accepted-by-customer.
    """

    resource_type: ClassVar[str] = "customer"
    operation_type: ClassVar[str] = "reseller_relationship_accepted_by_customer"

    commerce_id: UUID
    seller_id: UUID
    reseller_id: UUID | None = None

    @property
    def resource_id(self) -> str:
        return str(self.customer_id)


class _OfInvitation(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "partner_customer_relationship"

    invitation_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.invitation_id)


class CustomerInvited(_OfInvitation, frozen=True, kw_only=True):
    """A partner has written to a customer."""

    operation_type: ClassVar[str] = "invite_customer"


class CustomerInvitationWithdrawn(_OfInvitation, frozen=True, kw_only=True):
    """The partner has taken an unanswered invitation back."""

    operation_type: ClassVar[str] = "withdraw_customer_invitation"


class ResellerRelationshipRefusedByCustomer(_OfInvitation, frozen=True, kw_only=True):
    """A customer's Global admin has refused the partner."""

    operation_type: ClassVar[str] = "reseller_relationship_refused_by_customer"

    reason: str = ""


class IndirectResellerRemoved(Event, frozen=True, kw_only=True):
    """A customer has taken an indirect reseller off; its provider stays. Told to both partners."""

    resource_type: ClassVar[str] = "partner_customer_relationship"
    operation_type: ClassVar[str] = "remove_partner_customer_relationship"

    commerce_id: UUID
    reseller_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.commerce_id)
