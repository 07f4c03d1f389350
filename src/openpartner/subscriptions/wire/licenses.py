"""Licences on the wire: what a customer has, what a user holds, and the change of it.

Source: partner-center-resources §4.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.subscriptions import models
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.rules.licences import plan_id, plan_name

GROUP = "group1"
"""What a directory manages; ``group2`` is for products with a licensing of their own, which nothing sold here has."""


class ProductSku(Wire, kw_only=True):
    """The licence as the directory knows it."""

    id: str
    name: str
    sku_part_number: str
    target_type: str
    license_group_id: str

    @classmethod
    def of(cls, row: models.Subscription) -> "ProductSku":
        """What a subscription gives."""
        return cls(
            id=str(row.provisioning_id),
            name=row.offer_name,
            sku_part_number=row.provisioning_string,
            target_type="User",
            license_group_id=GROUP,
        )


class ServicePlan(Wire, kw_only=True):
    """One service inside a licence."""

    display_name: str
    service_name: str
    id: str
    capability_status: str
    target_type: str


def service_plans(names: Sequence[str], status: str, disabled: Sequence[str] = ()) -> list[ServicePlan]:
    """The services of a licence; switched off ones say so."""
    return [
        ServicePlan(
            display_name=name,
            service_name=plan_name(name),
            id=plan_id(name),
            capability_status="Disabled" if plan_id(name) in disabled else status,
            target_type="User",
        )
        for name in names
    ]


class SubscribedSku(Wire, kw_only=True):
    """The seats of one product, whichever subscriptions they come from."""

    available_units: int
    active_units: int
    consumed_units: int
    suspended_units: int
    total_units: int
    warning_units: int
    product_sku: ProductSku
    service_plans: list[ServicePlan]
    capability_status: str
    attributes: Attributes

    @classmethod
    def of(cls, rows: Sequence[models.Subscription], consumed: int, plans: Sequence[str]) -> "SubscribedSku":
        """rows: the subscriptions of one product. An expired one still gives its seats, as a warning."""

        def seats(*states: Status) -> int:
            return sum(row.quantity for row in rows if row.status in states)

        active, warning = seats(Status.ACTIVE), seats(Status.EXPIRED)
        suspended = seats(Status.SUSPENDED, Status.DISABLED)
        states = (("Enabled", active), ("Warning", warning), ("Suspended", suspended), ("Deleted", 1))
        status = next(name for name, count in states if count)
        return cls(
            available_units=active + warning - consumed,
            active_units=active,
            consumed_units=consumed,
            suspended_units=suspended,
            total_units=active + warning,
            warning_units=warning,
            product_sku=ProductSku.of(rows[-1]),
            service_plans=service_plans(plans, status),
            capability_status=status,
            attributes=Attributes(object_type="SubscribedSku"),
        )


class License(Wire, kw_only=True):
    """A licence that a user holds."""

    service_plans: list[ServicePlan]
    product_sku: ProductSku
    attributes: Attributes

    @classmethod
    def of(cls, held: models.LicenseAssignment, row: models.Subscription, plans: Sequence[str]) -> "License":
        """row: a subscription of the product."""
        return cls(
            service_plans=service_plans(plans, "Assigned", held.disabled_plans),
            product_sku=ProductSku.of(row),
            attributes=Attributes(object_type="License"),
        )


class LicenseAssignment(msgspec.Struct, rename="camel", omit_defaults=True):
    """A licence to give, in and out."""

    sku_id: str
    excluded_plans: list[str] | None = None


class LicenseUpdateIn(msgspec.Struct, rename="camel"):
    """What is asked for."""

    licenses_to_assign: list[LicenseAssignment] = []
    licenses_to_remove: list[str] = []

    def read(self) -> tuple[dict[UUID, list[str]], list[UUID]]:
        """What to give, with the plans to leave out, and what to take. Raises Invalid for what is no GUID."""
        assign = {
            _guid(each.sku_id): [plan.lower() for plan in each.excluded_plans or ()] for each in self.licenses_to_assign
        }
        remove = [_guid(each) for each in self.licenses_to_remove]
        if not assign and not remove:
            raise Invalid("Name licences to assign or to remove.")
        return assign, remove


def _guid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is not the id of a licence. List subscribedskus to see them.", value=text) from error


class LicenseUpdate(Wire, kw_only=True):
    """What was done."""

    licenses_to_assign: list[LicenseAssignment] | None = None
    licenses_to_remove: list[str] | None = None
    license_warnings: list[str]
    attributes: Attributes

    @classmethod
    def of(cls, asked: LicenseUpdateIn) -> "LicenseUpdate":
        """As it was asked for: all of it was done."""
        return cls(
            licenses_to_assign=asked.licenses_to_assign or None,
            licenses_to_remove=asked.licenses_to_remove or None,
            license_warnings=[],
            attributes=Attributes(object_type="LicenseUpdate"),
        )
