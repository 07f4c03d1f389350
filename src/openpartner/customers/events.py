"""Facts about customers. Resource and operation types are the vendor's audit words (account-and-security §9).

What happens to a customer's users, roles and domains is announced by the directory (``identity.events``).

Who holds something that must be gone first refuses in its reaction (subscriptions to ``ResellerRelationshipEnded`` and
``CustomerDeleted``, for instance): a reaction runs in the same transaction, so its refusal undoes the whole unit.
"""

from typing import Any, ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class CustomerEvent(Event, frozen=True, kw_only=True):
    """A fact about one customer of one partner; ``customer_id`` is always given."""

    resource_type: ClassVar[str] = "customer"

    commerce_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.customer_id)


class CustomerCreated(CustomerEvent, frozen=True, kw_only=True):
    """A partner has made a customer tenant, or a customer tenant has accepted a partner (``made_tenant`` tells)."""

    operation_type: ClassVar[str] = "add_customer"

    company_name: str
    country: str
    reseller_id: UUID | None
    made_tenant: bool
    gdap_by_default: bool = False


class BillingProfileUpdated(CustomerEvent, frozen=True, kw_only=True):
    """The billing profile was replaced; ``before`` and ``after`` hold the members that differ."""

    operation_type: ClassVar[str] = "update_customer_billing_profile"


class CompanyProfileUpdated(CustomerEvent, frozen=True, kw_only=True):
    """The registration number of the customer changed."""

    operation_type: ClassVar[str] = "update_customer"


class CustomerReviewChanged(CustomerEvent, frozen=True, kw_only=True):
    """The account review began or was decided."""

    operation_type: ClassVar[str] = "update_customer_validation_status"

    reason: str = ""


class QualificationRequested(CustomerEvent, frozen=True, kw_only=True):
    """A partner has asked for a special qualification of the customer."""

    operation_type: ClassVar[str] = "update_customer_qualification"

    qualification: str


class QualificationDecided(CustomerEvent, frozen=True, kw_only=True):
    """A qualification that was in review was approved or denied."""

    operation_type: ClassVar[str] = "update_customer_qualification"

    qualification: str
    reason: str = ""


class AgreementAccepted(CustomerEvent, frozen=True, kw_only=True):
    """A partner has attested that the customer accepted its agreement, or the customer has signed it itself."""

    resource_type: ClassVar[str] = "agreement"
    operation_type: ClassVar[str] = "create_agreement"

    acceptance_id: UUID
    agreement_type: str
    template_id: str
    direct: bool

    @property
    def resource_id(self) -> str:
        return str(self.acceptance_id)


class ResellerRelationshipEnded(CustomerEvent, frozen=True, kw_only=True):
    """The partner, or the customer, has ended the reseller relationship."""

    operation_type: ClassVar[str] = "remove_partner_customer_relationship"


class DelegatedAccessRemoved(CustomerEvent, frozen=True, kw_only=True):
    """The partner has given up its delegated administration of the customer."""

    resource_type: ClassVar[str] = "partner_customer_dap"
    operation_type: ClassVar[str] = "dap_admin_relationship_terminated"


class CustomerDeleted(CustomerEvent, frozen=True, kw_only=True):
    """A sandbox customer is being destroyed with everything under it: each slice removes what it keeps of it."""

    operation_type: ClassVar[str] = "delete_tip_customer"


def differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members in which the two differ, on each side."""
    names = [name for name in before | after if before.get(name) != after.get(name)]
    return {n: before.get(n) for n in names}, {n: after.get(n) for n in names}
