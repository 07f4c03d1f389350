"""Graph's routes of licences. Source: graph-endpoints, areas licences and users."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.users import USER
from openpartner.identity.models import Tenant, User
from openpartner.identity.service.administering.allowing import allow
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, lists, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.paths import key_of
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.subscriptions.graph import service
from openpartner.subscriptions.graph.wire import (
    COMPANY_SUBSCRIPTION,
    GROUP_LICENCES,
    LICENSE_DETAILS,
    SUBSCRIBED_SKU,
    USER_LICENCES,
    LicenceChange,
    Row,
    details_rows,
    sku_rows,
    subscription_rows,
)


def _skus(uow: UnitOfWork) -> list[Row]:
    tenant_id = allow(uow, DirectoryAction.LICENCES_READ)
    return list(sku_rows(uow, tenant_id, uow.db.get_one(Tenant, tenant_id).name))


@get("/subscribedskus", sync_to_thread=True, opt={"operation": "GET /v1.0/subscribedSkus"})
def list_subscribed_skus(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The tenant's licences: owned, used."""
    with begin.read() as uow:
        return answers.listed(asked, lists.list_of(asked, SUBSCRIBED_SKU, _skus(uow)))


@get("/subscribedskus/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/subscribedSkus/{id}"})
def get_subscribed_sku(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Those of one product, by ``{tenantId}_{skuId}``."""
    with begin.read() as uow:
        found = next((row for row in _skus(uow) if row["id"] == key.lower()), None)
        return answers.shown(asked, lists.one_in(asked, SUBSCRIBED_SKU, found, key))


def _subscriptions(uow: UnitOfWork) -> list[Row]:
    return list(subscription_rows(uow, allow(uow, DirectoryAction.SUBSCRIPTIONS_READ)))


@get("/directory/subscriptions", sync_to_thread=True, opt={"operation": "GET /v1.0/directory/subscriptions"})
def list_company_subscriptions(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The subscriptions that give the tenant licences."""
    with begin.read() as uow:
        return answers.listed(asked, lists.list_of(asked, COMPANY_SUBSCRIPTION, _subscriptions(uow)))


@get("/directory/subscriptions/{key:str}", sync_to_thread=True)
def get_company_subscription(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """One of them, by its id or ``(commerceSubscriptionId='…')``: here they are one."""
    with begin.read() as uow:
        name, value = key_of(key)
        rows = _subscriptions(uow) if name in {"", "commercesubscriptionid"} else []
        found = next((row for row in rows if str(row["id"]) == value.lower()), None)
        return answers.shown(asked, lists.one_in(asked, COMPANY_SUBSCRIPTION, found, value))


# Users


def _details(begin: Begin, asked: Asked, key: str | None) -> Response[Any]:
    with begin.read() as uow:
        user = service.user_whose_licences(uow, key)
        rows = details_rows(uow, user.tenant_id, [user.id]).get(user.id, [])
        context = f"users('{user.id}')/licenseDetails"
        return answers.listed(asked, lists.list_of(asked, LICENSE_DETAILS, rows, context=context))


@get("/me/licensedetails", sync_to_thread=True)
def list_my_license_details(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What the signed-in user holds."""
    return _details(begin, asked, None)


@get("/users/{key:str}/licensedetails", sync_to_thread=True, opt={"operation": "GET /v1.0/users/{id}/licenseDetails"})
def list_license_details(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """What a user holds."""
    return _details(begin, asked, key)


def _shown(uow: UnitOfWork, asked: Asked, user_id: UUID) -> Response[Any]:
    source = reading.users_in(uow.actor.tenant, User.id == user_id)
    return answers.shown(asked, pages.one_of(uow, asked, source, user_id, context=USER.entity_set))


def _assign(begin: Begin, asked: Asked, key: str | None, data: LicenceChange) -> Response[Any]:
    with begin() as uow:
        return _shown(uow, asked, service.assign_license(uow, key, data).id)


@post("/me/assignlicense", status_code=200, sync_to_thread=True)
def assign_my_license(
    data: JSONBody[LicenceChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Give the caller licences and take licences."""
    return _assign(begin, asked, None, data)


@post(
    "/users/{key:str}/assignlicense",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/users/{id}/assignLicense"},
)
def assign_license(
    key: FromPath[str], data: JSONBody[LicenceChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Give a user licences and take licences."""
    return _assign(begin, asked, key, data)


def _reprocess(begin: Begin, asked: Asked, key: str | None) -> Response[Any]:
    with begin() as uow:
        return _shown(uow, asked, service.user_to_license(uow, key).id)


@post("/me/reprocesslicenseassignment", status_code=200, sync_to_thread=True)
def reprocess_my_licenses(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """Try the caller's licences that come from groups again."""
    return _reprocess(begin, asked, None)


@post(
    "/users/{key:str}/reprocesslicenseassignment",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/users/{id}/reprocessLicenseAssignment"},
)
def reprocess_licenses(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Try licences that come from groups again: groups give none here, so that all of them hold as they are."""
    return _reprocess(begin, asked, key)


ROUTES: list[Any] = [
    list_subscribed_skus,
    get_subscribed_sku,
    list_company_subscriptions,
    get_company_subscription,
    list_my_license_details,
    list_license_details,
    assign_my_license,
    assign_license,
    reprocess_my_licenses,
    reprocess_licenses,
]
RESOURCES = (SUBSCRIBED_SKU, COMPANY_SUBSCRIPTION, LICENSE_DETAILS)
EXTENSIONS = (USER_LICENCES, GROUP_LICENCES)
