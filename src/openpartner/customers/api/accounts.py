"""What stands on a customer's account: review, qualifications, agreement confirmations.

Source: partner-center-endpoints, areas customers and agreements.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.customers import queries, rules, service
from openpartner.customers.rules import AgreementType, QualificationRequest
from openpartner.customers.wire import agreements as agreements_wire
from openpartner.customers.wire import customers as wire
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.work import Begin

Code = Annotated[str | None, QueryParameter(name="code")]
Kind = Annotated[str | None, QueryParameter(name="type")]
AgreementKind = Annotated[str | None, QueryParameter(name="agreementtype")]

EVERY_AGREEMENT = "*"


@get(
    "/v1/customers/{customer_id:uuid}/validationstatus",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/validationStatus", "permission": permissions.CUSTOMERS.read},
)
def get_validation_status(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin], kind: Kind = None
) -> wire.ValidationStatus:
    """Where the review of the account stands; 404 with 600074 when there was none."""
    if kind is not None and kind.lower() not in {"account", "0"}:
        raise Invalid("The type of a validation status is account.")
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        uow.actor.require_user()
        customer = queries.one_customer(uow, customer_id)
        if customer.review is None:
            raise rules.ReviewAbsent(customer_id)
        return wire.ValidationStatus.of(customer)


@get(
    "/v1/customers/{customer_id:uuid}/qualifications",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/qualifications", "permission": permissions.CUSTOMERS.read},
)
def list_qualifications(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> list[wire.QualificationOut]:
    """All qualifications with their vetting, a bare array; a customer without any has ``None``."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        customer = queries.one_customer(uow, customer_id)
        asked = queries.qualifications_of(uow, customer)
        return [wire.QualificationOut.of(one) for one in asked] or [wire.NO_QUALIFICATION]


@post(
    "/v1/customers/{customer_id:uuid}/qualifications",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/qualifications", "permission": permissions.CUSTOMERS.write},
)
def request_qualification(
    customer_id: FromPath[UUID],
    data: JSONBody[wire.QualificationIn],
    begin: NamedDependency[Begin],
    code: Code = None,
) -> Response[wire.QualificationOut]:
    """Ask for a qualification; vetting begins where its kind is vetted."""
    with begin() as uow:
        uow.actor.require(permissions.CUSTOMERS.write)
        asked = service.request_qualification(uow, customer_id, data.read(code or ""))
        return reply(uow, wire.QualificationOut.of(asked), status=201)


@get(
    "/v1/customers/{customer_id:uuid}/qualification",
    sync_to_thread=True,
    media_type=MediaType.JSON,
    opt={"operation": "GET /v1/customers/{customer-id}/qualification", "permission": permissions.CUSTOMERS.read},
)
def get_single_qualification(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> str:
    """The one value of the older call, a bare JSON string."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        customer = queries.one_customer(uow, customer_id)
        return wire.snake(rules.single_qualification(queries.held_qualifications(uow, customer)).value)


@put(
    "/v1/customers/{customer_id:uuid}/qualification",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/customers/{customer-id}/qualification", "permission": permissions.CUSTOMERS.write},
)
def put_single_qualification(
    customer_id: FromPath[UUID], data: JSONBody[str], begin: NamedDependency[Begin], code: Code = None
) -> Response[str]:
    """The older call: a bare JSON string in and out. Putting what counts already changes nothing."""
    with begin() as uow:
        uow.actor.require(permissions.CUSTOMERS.write)
        wanted = rules.qualification_named(data)
        if wanted is None:
            raise Invalid(f"The qualification must be {' or '.join(sorted(rules.SETTABLE))}.")
        held = queries.held_qualifications(uow, queries.one_customer(uow, customer_id))
        if wanted not in rules.qualified_for(held):
            request = QualificationRequest(wanted, code=code or "")
            service.request_qualification(uow, customer_id, request, needs_segment=False)
        return reply(uow, wire.snake(wanted.value))


@get(
    "/v1/customers/all/validations",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/all/validations", "permission": permissions.CUSTOMERS.read},
)
def list_validation_codes(begin: NamedDependency[Begin]) -> list[wire.ValidationCodeOut]:
    """The partner's codes for the government community cloud, a bare array."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        return [wire.ValidationCodeOut.of(code) for code in queries.validation_codes(uow)]


@get(
    "/v1/customers/{customer_id:uuid}/validations",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/validations", "permission": permissions.CUSTOMERS.read},
)
def get_customer_validation(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> wire.GccValidationRelationship:
    """The code that the customer's government community cloud qualification used."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        customer = queries.one_customer(uow, customer_id)
        return wire.GccValidationRelationship.of(customer, queries.validation_code_of(uow, customer))


@get(
    "/v1/customers/{customer_id:uuid}/agreements",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/agreements", "permission": permissions.CUSTOMERS.read},
)
def list_customer_agreements(
    request: Request[Any, Any, Any],
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    agreement_kind: AgreementKind = None,
) -> Collection[agreements_wire.Agreement]:
    """Confirmations recorded for the customer, the newest first; of the older cloud agreement when no type is named."""
    kind = agreements_wire.agreement_type_named(agreement_kind or AgreementType.CLOUD)
    if kind is None and agreement_kind != EVERY_AGREEMENT:
        raise Invalid(f"The agreementType must be {' or '.join(AgreementType)} or *.")
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        uow.actor.require_user()
        customer = queries.one_customer(uow, customer_id)
        origin = uow.world.settings.base_url or str(request.base_url).rstrip("/")
        return collection(
            [
                agreements_wire.Agreement.of_listed(recorded, origin)
                for recorded in queries.agreements_of(uow, customer, kind)
            ]
        )


@post(
    "/v1/customers/{customer_id:uuid}/agreements",
    sync_to_thread=True,
    opt={
        "operation": "POST /v1/customers/{customer-id}/agreements",
        "permission": permissions.CUSTOMER_AGREEMENT.write,
    },
)
def confirm_customer_agreement(
    customer_id: FromPath[UUID], data: JSONBody[agreements_wire.AgreementIn], begin: NamedDependency[Begin]
) -> Response[agreements_wire.Agreement]:
    """The partner attests that the customer accepted."""
    with begin() as uow:
        uow.actor.require(permissions.CUSTOMER_AGREEMENT.write)
        recorded = service.confirm_customer_agreement(uow, customer_id, data.read())
        return reply(uow, agreements_wire.Agreement.of_recorded(recorded), status=201)


@get(
    "/v1/customers/{customer_id:uuid}/directsignedmicrosoftcustomeragreementstatus",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/directSignedMicrosoftCustomerAgreementStatus",
        "permission": permissions.CUSTOMERS.read,
    },
)
def get_direct_sign_status(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> agreements_wire.DirectSignedCustomerAgreementStatus:
    """Whether the customer accepted the agreement itself."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        uow.actor.require_user()
        customer = queries.one_customer(uow, customer_id)
        signed = queries.has_signed_directly(uow, customer)
        return agreements_wire.DirectSignedCustomerAgreementStatus.of(signed=signed)


ROUTES: list[Any] = [
    get_validation_status,
    list_qualifications,
    request_qualification,
    get_single_qualification,
    put_single_qualification,
    list_validation_codes,
    get_customer_validation,
    list_customer_agreements,
    confirm_customer_agreement,
    get_direct_sign_status,
]
