"""What hangs on a subscription: provisioning, registration, contact, end dates, Azure subscriptions, entitlements.

Source: partner-center-resources §9-§11.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from openpartner.catalogue.rules import ProductKind
from openpartner.platform.http.answers import Attributes, Link, Wire, link
from openpartner.subscriptions import models
from openpartner.subscriptions.rules import Aligned, Status
from openpartner.subscriptions.wire.subscriptions import NEVER, last_second, subscription_uri

NO_LICENCE = UUID(int=0)
"""The .NET client needs a GUID where a product has none."""


class ProvisioningStatus(Wire, kw_only=True):
    """Whether the product is set up."""

    sku_id: str
    status: str
    quantity: int
    end_date: datetime
    attributes: Attributes

    @classmethod
    def of(cls, row: models.Subscription) -> "ProvisioningStatus":
        """As it stands."""
        return cls(
            sku_id=str(row.provisioning_id or NO_LICENCE),
            status="pending" if row.status is Status.PENDING else "success",
            quantity=row.quantity,
            end_date=last_second(row.term_ends_on or NEVER),
            attributes=Attributes(object_type="SubscriptionProvisioningStatus"),
        )


class RegistrationStatus(Wire, kw_only=True):
    """Whether reservations may be bought for it."""

    subscription_id: str
    status: str
    attributes: Attributes

    @classmethod
    def of(cls, row: models.Subscription) -> "RegistrationStatus":
        """As it stands."""
        return cls(
            subscription_id=str(row.id),
            status=row.registration,
            attributes=Attributes(object_type="SubscriptionRegistrationStatus"),
        )


class ActivationResult(Wire, kw_only=True):
    """A marketplace product was set up."""

    subscription_id: str
    status: str


class ActivationLink(Wire, kw_only=True):
    """Where the customer sets a marketplace product up; here the operation that does it."""

    line_item_number: int
    link: Link

    @classmethod
    def of(cls, row: models.Subscription) -> "ActivationLink":
        """Source: partner-center-conventions §18: the sandbox's links are dummies, ``activate`` does it."""
        return cls(
            line_item_number=row.line_number, link=link(f"{subscription_uri(row.customer_id, row.id)}/activate", "POST")
        )


class SupportContact(Wire, kw_only=True):
    """Who answers the customer's questions."""

    support_tenant_id: str
    support_mpn_id: str
    name: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, contact: models.SupportContact, customer_id: UUID, subscription_id: UUID) -> "SupportContact":
        """With its link."""
        return cls(
            support_tenant_id=contact.support_tenant_id,
            support_mpn_id=contact.support_mpn_id,
            name=contact.name,
            links={"self": link(f"{subscription_uri(customer_id, subscription_id)}/supportcontact")},
            attributes=Attributes(object_type="SupportContact"),
        )


class SupportContactIn(msgspec.Struct, rename="camel"):
    support_tenant_id: str
    support_mpn_id: str
    name: str = ""

    def read(self) -> models.SupportContact:
        """As the service takes it."""
        return models.SupportContact(self.support_tenant_id.strip(), self.support_mpn_id.strip(), self.name)


class AllowedCustomTermEndDate(Wire, kw_only=True):
    """An end date that a new term may be shortened to; without a zone, as the original writes it."""

    allowed_custom_term_end_date_type: str
    allowed_custom_term_end_date: str
    coterm_subscription_ids: list[str] | None = None

    @classmethod
    def of(cls, row: Aligned) -> "AllowedCustomTermEndDate":
        """One row."""
        return cls(
            allowed_custom_term_end_date_type=row.type.value,
            allowed_custom_term_end_date=f"{row.on.isoformat()}T00:00:00",
            coterm_subscription_ids=list(row.subscription_ids) or None,
        )


class AzureEntitlement(Wire, kw_only=True):
    """An Azure subscription."""

    id: str
    status: str
    friendly_name: str
    subscription_id: str
    links: dict[str, Link]

    @classmethod
    def of(cls, row: models.AzureEntitlement) -> "AzureEntitlement":
        """Under its plan."""
        uri = f"{subscription_uri(row.customer_id, row.subscription_id)}/azureEntitlements/{row.id}"
        return cls(
            id=str(row.id),
            status="active" if row.is_active else "inactive",
            friendly_name=row.friendly_name,
            subscription_id=str(row.subscription_id),
            links={"self": link(uri)},
        )


class EntitlementCancellation(msgspec.Struct, rename="camel"):
    cancellation_reason: str = ""


# --- entitlements ---

RESERVED_INSTANCE = "reservedinstance"
SOFTWARE = "software"


class ReferenceOrder(Wire, kw_only=True):
    """The order it came by."""

    id: str
    line_item_id: str
    alternate_id: str


class QuantityDetail(Wire, kw_only=True):
    """How many are in which state."""

    quantity: int
    status: str


class Artifact(Wire, kw_only=True):
    """What the order gave. link, resourceId: of reservations."""

    artifact_type: str
    dynamic_attributes: dict[str, str] | None = None
    link: Link | None = None
    resource_id: str | None = None


class Entitlement(Wire, kw_only=True):
    """Software or reservations that a customer owns."""

    included_entitlements: list[str]
    reference_order: ReferenceOrder
    product_id: str
    quantity: int
    quantity_details: list[QuantityDetail]
    entitled_artifacts: list[Artifact]
    sku_id: str
    entitlement_type: str
    fulfillment_state: str
    expiry_date: datetime | None = None

    @classmethod
    def of(cls, row: models.Subscription, *, show_expiry: bool) -> "Entitlement":
        """What one order line gave."""
        is_reservation = row.kind is ProductKind.RESERVATION
        has_end = show_expiry and row.term_ends_on is not None
        return cls(
            included_entitlements=[],
            reference_order=ReferenceOrder(
                id=row.order_id, line_item_id=str(row.line_number), alternate_id=row.order_id
            ),
            product_id=row.product_id,
            quantity=row.quantity,
            quantity_details=[QuantityDetail(quantity=row.quantity, status=row.status.value)],
            entitled_artifacts=[_reserved(row)] if is_reservation else [],
            sku_id=row.sku_id,
            entitlement_type=RESERVED_INSTANCE if is_reservation else SOFTWARE,
            fulfillment_state="PrefulfillmentPending" if row.status is Status.PENDING else "Fulfilled",
            expiry_date=last_second(row.term_ends_on or NEVER) if has_end else None,
        )


def _reserved(row: models.Subscription) -> Artifact:
    uri = (
        f"/customers/{row.customer_id}/artifacts/reservedinstance/groups/{row.order_id}"
        f"/lineitems/{row.line_number}/resource/{row.id}"
    )
    return Artifact(
        artifact_type=RESERVED_INSTANCE,
        dynamic_attributes={"reservationType": "virtualmachines"},
        link=link(uri),
        resource_id=str(row.id),
    )


def entitlements(rows: Sequence[models.Subscription], wanted: str, *, show_expiry: bool) -> list[Entitlement]:
    """Those of a type: software, reservedInstance (also virtualMachineReservedInstance), or all."""
    kind = wanted.lower().removeprefix("virtualmachine")
    shown = [row for row in rows if row.kind.is_software or row.kind is ProductKind.RESERVATION]
    found = [Entitlement.of(row, show_expiry=show_expiry) for row in shown]
    return [each for each in found if kind in {"", each.entitlement_type}]
