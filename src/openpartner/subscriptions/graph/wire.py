"""Licences and the subscriptions behind them as Graph shows and takes them. Source: graph-conventions §16."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import exists, false, func, literal, select

from openpartner.catalogue import queries as catalogue
from openpartner.identity.graph.wire.groups import GROUP
from openpartner.identity.graph.wire.users import USER
from openpartner.identity.models import User
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import (
    Kind,
    Many,
    Navigation,
    Property,
    Resource,
    boolean,
    declare,
    guid,
    instant,
    integer,
    on_request,
    text,
)
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.graph.options import Selection
from openpartner.platform.graph.rendering import render
from openpartner.platform.graph.surface import Extension
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.models import LicenseAssignment, Subscription
from openpartner.subscriptions.rules import Status, due_at
from openpartner.subscriptions.rules.licences import plan_id, plan_name
from openpartner.subscriptions.wire import licenses as wire

Row = dict[str, Any]

SERVICE_PLAN = declare(
    text("servicePlanId"),
    text("servicePlanName"),
    text("provisioningStatus"),
    text("appliesTo"),
)


def _plans(names: Sequence[str], disabled: Sequence[str] = ()) -> list[Row]:
    return [
        {
            "servicePlanId": plan_id(name),
            "servicePlanName": plan_name(name),
            "provisioningStatus": "Disabled" if plan_id(name) in disabled else "Success",
            "appliesTo": "User",
        }
        for name in names
    ]


def _service_plans() -> Property:
    return Property(
        name="servicePlans",
        kind=Kind.COMPLEX,
        type_name="servicePlanInfo",
        members=SERVICE_PLAN,
        is_collection=True,
        is_filterable=False,
    )


SUBSCRIBED_SKU = Resource(
    name="subscribedSku",
    entity_set="subscribedSkus",
    properties=declare(
        guid("accountId", is_filterable=False),
        text("accountName", is_filterable=False),
        text("appliesTo", is_filterable=False),
        text("capabilityStatus", is_filterable=False),
        integer("consumedUnits", is_filterable=False),
        text("id", is_nullable=False, is_filterable=False),
        guid("skuId", is_filterable=False),
        text("skuPartNumber", is_filterable=False),
        Property(name="subscriptionIds", is_collection=True, is_filterable=False),
        Property(
            name="prepaidUnits",
            kind=Kind.COMPLEX,
            type_name="licenseUnitsDetail",
            members=declare(integer("enabled"), integer("suspended"), integer("warning"), integer("lockedOut")),
            is_filterable=False,
        ),
        _service_plans(),
    ),
    top=999,
    most=999,
)


def sku_rows(uow: UnitOfWork, tenant_id: UUID, tenant_name: str) -> Iterator[Row]:
    """The licences of a tenant, counted as ``/v1/customers/{id}/subscribedskus`` counts them."""
    used = queries.consumed(uow, tenant_id)
    for product, rows in queries.seats_of(uow, tenant_id).items():
        plans = catalogue.service_plans(uow, rows[-1].product_id, rows[-1].sku_id)
        counted = wire.SubscribedSku.of(rows, used.get(product, 0), plans)
        yield {
            "accountId": tenant_id,
            "accountName": tenant_name,
            "appliesTo": counted.product_sku.target_type,
            "capabilityStatus": counted.capability_status,
            "consumedUnits": counted.consumed_units,
            "id": f"{tenant_id}_{product}",
            "skuId": product,
            "skuPartNumber": counted.product_sku.sku_part_number,
            "subscriptionIds": [row.id for row in rows if row.status in DIRECTORY_STATUS],
            "prepaidUnits": {
                "enabled": counted.active_units,
                "suspended": counted.suspended_units,
                "warning": counted.warning_units,
                "lockedOut": 0,
            },
            "servicePlans": _plans(plans),
        }


# Subscriptions

DIRECTORY_STATUS = {
    Status.ACTIVE: "Enabled",
    Status.EXPIRED: "Warning",
    Status.SUSPENDED: "Suspended",
    Status.DISABLED: "Suspended",
    Status.DELETED: "Deleted",
}
"""How the directory calls a state. One that is still being provisioned is not there yet."""

COMPANY_SUBSCRIPTION = Resource(
    name="companySubscription",
    entity_set="directory/subscriptions",
    properties=declare(
        guid("id", is_nullable=False),
        guid("commerceSubscriptionId"),
        instant("createdDateTime"),
        boolean("isTrial"),
        instant("nextLifecycleDateTime"),
        guid("ownerId"),
        guid("ownerTenantId"),
        text("ownerType"),
        guid("skuId"),
        text("skuPartNumber"),
        text("status"),
        integer("totalLicenses"),
        Property(
            name="serviceStatus",
            kind=Kind.COMPLEX,
            type_name="servicePlanInfo",
            members=SERVICE_PLAN,
            is_collection=True,
            is_filterable=False,
        ),
    ),
    most=999,
)


def subscription_rows(uow: UnitOfWork, tenant_id: UUID) -> Iterator[Row]:
    """What gives licences in a tenant, by product and age. Bought through a partner: it is the owner."""
    for product, rows in queries.seats_of(uow, tenant_id).items():
        for row in rows:
            if row.status in DIRECTORY_STATUS:
                yield {
                    "id": row.id,
                    "commerceSubscriptionId": row.id,
                    "createdDateTime": row.created_at,
                    "isTrial": row.is_trial,
                    "nextLifecycleDateTime": due_at(row.status, row.term),
                    "ownerId": None,
                    "ownerTenantId": row.partner_id,
                    "ownerType": "Partner",
                    "skuId": product,
                    "skuPartNumber": row.provisioning_string,
                    "status": DIRECTORY_STATUS[row.status],
                    "totalLicenses": row.quantity,
                    "serviceStatus": _plans(catalogue.service_plans(uow, row.product_id, row.sku_id)),
                }


# What a user holds

LICENSE_DETAILS = Resource(
    name="licenseDetails",
    entity_set="licenseDetails",
    properties=declare(
        guid("id", is_nullable=False),
        guid("skuId"),
        text("skuPartNumber"),
        _service_plans(),
    ),
)

Held = list[tuple[LicenseAssignment, Subscription, list[str]]]
"""Licences, each with a subscription of its product and the names of its plans."""


def _held(uow: UnitOfWork, tenant_id: UUID, users: Sequence[UUID]) -> dict[UUID, Held]:
    statement = select(LicenseAssignment).where(LicenseAssignment.user_id.in_(users))
    rows = uow.db.scalars(statement.order_by(LicenseAssignment.assigned_at, LicenseAssignment.provisioning_id)).all()
    seats = queries.seats_of(uow, tenant_id) if rows else {}
    plans = {
        product: catalogue.service_plans(uow, given[-1].product_id, given[-1].sku_id)
        for product, given in seats.items()
        if any(row.provisioning_id == product for row in rows)
    }
    found: dict[UUID, Held] = {}
    for row in rows:
        if row.provisioning_id in plans:
            given = (row, seats[row.provisioning_id][-1], plans[row.provisioning_id])
            found.setdefault(row.user_id, []).append(given)
    return found


def details_rows(uow: UnitOfWork, tenant_id: UUID, users: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """``licenseDetails`` of each user."""
    return {
        user_id: [
            {
                "id": held.id,
                "skuId": held.provisioning_id,
                "skuPartNumber": row.provisioning_string,
                "servicePlans": _plans(plans, held.disabled_plans),
            }
            for held, row, plans in given
        ]
        for user_id, given in _held(uow, tenant_id, users).items()
    }


def _expanded(uow: UnitOfWork, keys: Sequence[Any], selection: Selection) -> Mapping[Any, list[Row]]:
    rows = details_rows(uow, uow.actor.tenant, keys)
    return {key: render(LICENSE_DETAILS, given, selection) for key, given in rows.items()}


def _assigned(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Row]]:
    statement = select(LicenseAssignment).where(LicenseAssignment.user_id.in_(keys))
    found: dict[Any, list[Row]] = {}
    for row in uow.db.scalars(statement.order_by(LicenseAssignment.assigned_at, LicenseAssignment.provisioning_id)):
        found.setdefault(row.user_id, []).append({"disabledPlans": row.disabled_plans, "skuId": row.provisioning_id})
    return found


def _assigned_plans(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Row]]:
    return {
        user_id: [
            {
                "assignedDateTime": held.assigned_at,
                "capabilityStatus": "Deleted" if plan_id(name) in held.disabled_plans else "Enabled",
                "service": plan_name(name),
                "servicePlanId": plan_id(name),
            }
            for held, _, plans in given
            for name in plans
        ]
        for user_id, given in _held(uow, uow.actor.tenant, keys).items()
    }


def _states(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Row]]:
    statement = select(LicenseAssignment).where(LicenseAssignment.user_id.in_(keys))
    found: dict[Any, list[Row]] = {}
    for row in uow.db.scalars(statement.order_by(LicenseAssignment.assigned_at, LicenseAssignment.provisioning_id)):
        state = {
            "assignedByGroup": None,
            "disabledPlans": row.disabled_plans,
            "error": "None",
            "lastUpdatedDateTime": row.assigned_at,
            "skuId": row.provisioning_id,
            "state": "Active",
        }
        found.setdefault(row.user_id, []).append(state)
    return found


_ASSIGNED_LICENSE = declare(Property(name="disabledPlans", is_collection=True), guid("skuId"))
_HELD = Many(
    elements={"skuId": guid("skuId", LicenseAssignment.provisioning_id)},
    exists=lambda part: exists().where(LicenseAssignment.user_id == User.id, part),
    count=select(func.count())
    .select_from(LicenseAssignment)
    .where(LicenseAssignment.user_id == User.id)
    .correlate(User)
    .scalar_subquery(),
)
_NONE = Many(elements={"skuId": guid("skuId", literal(None))}, exists=lambda _: false(), count=literal(0))


def _collection(name: str, type_name: str, members: Mapping[str, Property], **more: Any) -> Property:
    return Property(name=name, kind=Kind.COMPLEX, type_name=type_name, members=members, is_collection=True, **more)


USER_LICENCES = Extension(
    of=USER,
    properties=declare(
        *on_request(
            _collection("assignedLicenses", "assignedLicense", _ASSIGNED_LICENSE, load=_assigned, many=_HELD),
            _collection(
                "assignedPlans",
                "assignedPlan",
                declare(instant("assignedDateTime"), text("capabilityStatus"), text("service"), guid("servicePlanId")),
                load=_assigned_plans,
            ),
            _collection(
                "licenseAssignmentStates",
                "licenseAssignmentState",
                declare(
                    text("assignedByGroup"),
                    Property(name="disabledPlans", is_collection=True),
                    text("error"),
                    instant("lastUpdatedDateTime"),
                    guid("skuId"),
                    text("state"),
                ),
                load=_states,
            ),
        )
    ),
    navigations={"licenseDetails": Navigation(name="licenseDetails", load=_expanded, target=LICENSE_DETAILS)},
)
"""What a user holds, on the user itself."""

GROUP_LICENCES = Extension(
    of=GROUP,
    properties=declare(
        Property(
            name="assignedLicenses",
            kind=Kind.COMPLEX,
            type_name="assignedLicense",
            wire=lambda _: [],
            is_collection=True,
            is_default=False,
            many=_NONE,
        )
    ),
)
"""Groups give no licences here, and say so."""


class AssignedLicence(Change, kw_only=True):
    """A licence to give, and which of its plans stay off."""

    sku_id: str
    disabled_plans: list[str] | UnsetType | None = UNSET


class LicenceChange(Change, kw_only=True):
    """What ``assignLicense`` takes: both lists, empty ones too."""

    add_licenses: list[AssignedLicence] | UnsetType | None = UNSET
    remove_licenses: list[str] | UnsetType | None = UNSET

    def read(self) -> tuple[dict[UUID, list[str]], list[UUID]]:
        """What to give, with the plans to switch off, and what to take. Raises GraphInvalid."""
        add = _needed(self.add_licenses, "addLicenses")
        remove = _needed(self.remove_licenses, "removeLicenses")
        assign = {_guid(each.sku_id): [plan.lower() for plan in each.disabled_plans or ()] for each in add}
        return assign, [_guid(each) for each in remove]


def _needed(given: Any, name: str) -> Any:
    if not isinstance(given, list):
        raise GraphInvalid(
            f"One or more parameters of the operation 'assignLicense' are missing: send '{name}', as an empty list "
            "when there is nothing in it.",
            target=name,
        )
    return given


def _guid(text_: str) -> UUID:
    try:
        return UUID(text_)
    except ValueError as error:
        raise GraphInvalid(f"Invalid GUID: '{text_}'. Name licences by the skuId of subscribedSkus.") from error
