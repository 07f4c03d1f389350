"""What hangs on a subscription. Source: partner-center-endpoints, area subscriptions."""

from datetime import UTC, date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.catalogue.rules import Duration
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.permissions import (
    AZURE_SUBSCRIPTION_CANCEL,
    CUSTOMER_SUPPORT_CONTACTS,
    SUBSCRIPTIONS_MANAGE,
)
from openpartner.platform.work import Begin
from openpartner.subscriptions import queries, rules, service
from openpartner.subscriptions.api.subscriptions import facts_of, marks
from openpartner.subscriptions.wire import extras as wire
from openpartner.subscriptions.wire import subscriptions as subscription_wire
from openpartner.subscriptions.wire.subscriptions import day_of, subscription_uri

TermDuration = Annotated[str, QueryParameter(name="term_duration")]
TermDurationOld = Annotated[str, QueryParameter(name="termduration")]
TermStart = Annotated[str, QueryParameter(name="term_start_date")]
TermStartOld = Annotated[str, QueryParameter(name="termstartdate")]
Target = Annotated[str, QueryParameter(name="target_coterm_subscription_id")]
TargetOld = Annotated[str, QueryParameter(name="targetcotermsubscriptionid")]
EntitlementType = Annotated[str, QueryParameter(name="entitlementtype")]
ShowExpiry = Annotated[str, QueryParameter(name="showexpiry")]

ONE = "/v1/customers/{customer_id:uuid}/subscriptions/{subscription_id:uuid}"
NAME = "/v1/customers/{customer-id}/subscriptions/{subscription-id}"


@get(f"{ONE}/addons", sync_to_thread=True, opt=marks(f"GET {NAME}/addons"))
def get_addons(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[subscription_wire.Subscription]:
    """The customer's add-ons that go with this product."""
    with begin.read() as uow:
        base = queries.one_subscription(uow, customer_id, subscription_id)
        facts = facts_of(uow)
        items = [subscription_wire.Subscription.of(row, facts) for row in queries.addons_of(uow, base)]
        return collection(items, f"{subscription_uri(customer_id, subscription_id)}/addons")


@get(f"{ONE}/provisioningstatus", sync_to_thread=True, opt=marks(f"GET {NAME}/provisioningstatus"))
def get_provisioning_status(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> wire.ProvisioningStatus:
    """Whether the product is set up."""
    with begin.read() as uow:
        uow.actor.require_user()
        return wire.ProvisioningStatus.of(queries.one_subscription(uow, customer_id, subscription_id))


@get(f"{ONE}/registrationstatus", sync_to_thread=True, opt=marks(f"GET {NAME}/registrationstatus"))
def get_registration_status(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> wire.RegistrationStatus:
    """Whether reservations may be bought for it."""
    with begin.read() as uow:
        return wire.RegistrationStatus.of(queries.one_subscription(uow, customer_id, subscription_id))


@post(
    f"{ONE}/registrations",
    status_code=202,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/registrations", SUBSCRIPTIONS_MANAGE.write),
)
def post_registration(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[None]:
    """Register an Azure plan for reservations."""
    with begin() as uow:
        service.register_subscription(uow, customer_id, subscription_id)
        location = f"{subscription_uri(customer_id, subscription_id)}/registrationstatus"
        return reply(uow, None, status=202, headers={"Location": location})


@post(
    f"{ONE}/activate",
    status_code=200,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/activate", SUBSCRIPTIONS_MANAGE.write),
)
def post_activation(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[wire.ActivationResult]:
    """Set a marketplace product up."""
    with begin() as uow:
        activated = service.activate_subscription(uow, customer_id, subscription_id)
        return reply(uow, wire.ActivationResult(subscription_id=str(activated.id), status="Success"))


@get(f"{ONE}/activationlinks", sync_to_thread=True, opt=marks(f"GET {NAME}/activationlinks"))
def get_activation_links(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.ActivationLink]:
    """Where a marketplace product is set up; none for anything else, and none when it is."""
    with begin.read() as uow:
        row = queries.one_subscription(uow, customer_id, subscription_id)
        items = [wire.ActivationLink.of(row)] if queries.awaits_activation(row) else []
        return collection(items, f"{subscription_uri(customer_id, subscription_id)}/activationlinks")


@get(
    f"{ONE}/supportcontact",
    sync_to_thread=True,
    opt=marks(f"GET {NAME}/supportcontact", CUSTOMER_SUPPORT_CONTACTS.read),
)
def get_support_contact(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> wire.SupportContact:
    """Who answers the customer's questions."""
    with begin.read() as uow:
        contact = service.support_contact(uow, customer_id, subscription_id)
        return wire.SupportContact.of(contact, customer_id, subscription_id)


@put(
    f"{ONE}/supportcontact",
    sync_to_thread=True,
    opt=marks(f"PUT {NAME}/supportcontact", CUSTOMER_SUPPORT_CONTACTS.write),
)
def put_support_contact(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    data: JSONBody[wire.SupportContactIn],
    begin: NamedDependency[Begin],
) -> Response[wire.SupportContact]:
    """Name another partner."""
    with begin() as uow:
        contact = service.change_support_contact(uow, customer_id, subscription_id, data.read())
        return reply(uow, wire.SupportContact.of(contact, customer_id, subscription_id))


@get(
    "/v1/customers/{customer_id:uuid}/subscriptions/customtermenddates",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/subscriptions/customTermEndDates"),
)
def get_custom_term_end_dates(
    *,
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    term_duration: TermDuration = "",
    term_duration_old: TermDurationOld = "",
    term_start: TermStart = "",
    term_start_old: TermStartOld = "",
    target: Target = "",
    target_old: TargetOld = "",
) -> Collection[wire.AllowedCustomTermEndDate]:
    """The end dates a new term may be shortened to."""
    with begin.read() as uow:
        queries.require_reading(uow.actor)
        duration = Duration.parse(term_duration or term_duration_old)
        wanted = (target or target_old).lower()
        starts_on: date = day_of(term_start or term_start_old) or uow.now.astimezone(UTC).date()
        rows = rules.allowed_custom_term_end_dates(starts_on, duration, queries.coterm_targets_of(uow, customer_id))
        items = [wire.AllowedCustomTermEndDate.of(row) for row in rows if not wanted or wanted in row.subscription_ids]
        return collection(items)


@get(f"{ONE}/azureentitlements", sync_to_thread=True, opt=marks(f"GET {NAME}/azureEntitlements"))
def get_azure_entitlements(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.AzureEntitlement]:
    """The Azure subscriptions under an Azure plan."""
    with begin.read() as uow:
        plan = queries.one_subscription(uow, customer_id, subscription_id)
        return collection([wire.AzureEntitlement.of(row) for row in queries.entitlements_of(uow, plan)])


@get(
    f"{ONE}/azureentitlements/{{entitlement_id:uuid}}",
    sync_to_thread=True,
    opt=marks(f"GET {NAME}/azureEntitlements/{{entitlement-id}}"),
)
def get_azure_entitlement(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    entitlement_id: FromPath[UUID],
    begin: NamedDependency[Begin],
) -> wire.AzureEntitlement:
    """One Azure subscription."""
    with begin.read() as uow:
        plan = queries.one_subscription(uow, customer_id, subscription_id)
        return wire.AzureEntitlement.of(queries.one_entitlement(uow, plan, entitlement_id))


@post(
    f"{ONE}/azureentitlements/{{entitlement_id:uuid}}/cancel",
    status_code=200,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/azureEntitlements/{{entitlement-id}}/cancel", AZURE_SUBSCRIPTION_CANCEL.write),
)
def post_entitlement_cancellation(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    entitlement_id: FromPath[UUID],
    data: JSONBody[wire.EntitlementCancellation],
    begin: NamedDependency[Begin],
) -> Response[wire.AzureEntitlement]:
    """Cancel an Azure subscription."""
    with begin() as uow:
        cancelled = service.cancel_entitlement(
            uow, customer_id, subscription_id, entitlement_id, data.cancellation_reason
        )
        return reply(uow, wire.AzureEntitlement.of(cancelled))


@post(
    f"{ONE}/azureentitlements/{{entitlement_id:uuid}}/reactivate",
    status_code=200,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/azureEntitlements/{{entitlement-id}}/reactivate", AZURE_SUBSCRIPTION_CANCEL.write),
)
def post_entitlement_reactivation(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    entitlement_id: FromPath[UUID],
    begin: NamedDependency[Begin],
) -> Response[wire.AzureEntitlement]:
    """Bring a cancelled Azure subscription back."""
    with begin() as uow:
        found = service.reactivate_entitlement(uow, customer_id, subscription_id, entitlement_id)
        return reply(uow, wire.AzureEntitlement.of(found))


@get(
    "/v1/customers/{customer_id:uuid}/entitlements",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/entitlements"),
)
def get_entitlements(
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    entitlement_type: EntitlementType = "",
    show_expiry: ShowExpiry = "",
) -> Collection[wire.Entitlement]:
    """The software and the reservations that a customer owns, by order."""
    with begin.read() as uow:
        uow.actor.require_user()
        rows = queries.every_subscription(uow, customer_id)
        return collection(wire.entitlements(rows, entitlement_type, show_expiry=show_expiry.lower() == "true"))


ROUTES: list[Any] = [
    get_addons,
    get_provisioning_status,
    get_registration_status,
    post_registration,
    post_activation,
    get_activation_links,
    get_support_contact,
    put_support_contact,
    get_custom_term_end_dates,
    get_azure_entitlements,
    get_azure_entitlement,
    post_entitlement_cancellation,
    post_entitlement_reactivation,
    get_entitlements,
]
