"""What an Admin agent does in a customer's tenant by its roles there. Source: partner-center-endpoints, customers."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.customers import queries as customers
from openpartner.identity.queries.delegation import directory_roles_in
from openpartner.platform import permissions
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.work import Begin
from openpartner.relationships.rules.service_management import places_open_to
from openpartner.relationships.service import application_consents as service
from openpartner.relationships.wire import on_behalf as wire

CONSENTS = "/v1/customers/{customer_id:uuid}/applicationconsents"


@post(
    CONSENTS,
    sync_to_thread=True,
    opt={
        "operation": "POST /v1/customers/{customer-id}/applicationconsents",
        "permission": permissions.ADMINISTER_ON_BEHALF.write,
    },
)
def grant_consent(
    customer_id: FromPath[UUID], data: JSONBody[wire.ConsentIn], begin: NamedDependency[Begin]
) -> Response[wire.ConsentOut]:
    """Consent for everybody in the customer's tenant."""
    with begin() as uow:
        service.grant_application_consent(uow, customer_id, data.application_id, data.read())
        return reply(uow, wire.ConsentOut.of(data), status=201)


@delete(
    CONSENTS + "/{application_id:uuid}",
    sync_to_thread=True,
    status_code=200,
    opt={
        "operation": "DELETE /v1/customers/{customer-id}/applicationconsents/{application-id}",
        "permission": permissions.ADMINISTER_ON_BEHALF.write,
    },
)
def withdraw_consent(
    customer_id: FromPath[UUID], application_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[None]:
    """Take it back."""
    with begin() as uow:
        service.withdraw_application_consent(uow, customer_id, application_id)
        return reply(uow, None)


@get(
    "/v1/customers/{customer_id:uuid}/managedservices",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/managedservices",
        "permission": permissions.ADMINISTER_ON_BEHALF.read,
    },
)
def list_managed_services(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.ManagedService]:
    """The services that the caller's roles in the customer's tenant open."""
    with begin.read() as uow:
        uow.actor.require(permissions.ADMINISTER_ON_BEHALF.read)
        uow.actor.require_user()
        tenant_id = customers.one_customer(uow, customer_id).tenant_id
        return collection(
            [
                wire.ManagedService.of(place.id, place.name, place.path.format(tenant=tenant_id))
                for place in places_open_to(directory_roles_in(uow, tenant_id))
            ]
        )


ROUTES: list[Any] = [grant_consent, withdraw_consent, list_managed_services]
