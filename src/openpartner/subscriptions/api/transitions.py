"""Upgrades and trial conversions. Source: partner-center-endpoints, area subscriptions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import Begin
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.api.extras import NAME, ONE
from openpartner.subscriptions.api.subscriptions import marks
from openpartner.subscriptions.rules import QuantityRefused
from openpartner.subscriptions.wire import transitions as wire
from openpartner.subscriptions.wire.subscriptions import subscription_uri

EligibilityType = Annotated[str, QueryParameter(name="eligibilitytype")]
OperationId = Annotated[str, QueryParameter(name="operationid")]


@get(f"{ONE}/transitioneligibilities", sync_to_thread=True, opt=marks(f"GET {NAME}/transitionEligibilities"))
def get_transition_eligibilities(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    eligibility_type: EligibilityType = "immediate",
) -> Collection[wire.TransitionEligibility]:
    """What it can become, at once or at renewal. Targets that are there are listed for what happens at once only."""
    scheduled = eligibility_type.lower() == "scheduled"
    if not scheduled and eligibility_type.lower() != "immediate":
        raise Invalid("The eligibilityType is immediate or scheduled.")
    with begin.read() as uow:
        source = queries.one_subscription(uow, customer_id, subscription_id)
        items = []
        for sku, offered in queries.transition_targets(uow, source).items():
            refusal = service.transition_refusal(uow, source)
            targets = [] if scheduled else service.transition_candidates(uow, source, sku)
            shown = [wire.TargetSubscription.of(row, reason) for row, reason in targets]
            items.append(wire.TransitionEligibility.of(source, offered, refusal, shown))
        return collection(items, f"{subscription_uri(customer_id, subscription_id)}/transitionEligibilities")


@get(f"{ONE}/transitions", sync_to_thread=True, opt=marks(f"GET {NAME}/transitions"))
def get_transitions(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    operation_id: OperationId = "",
) -> Collection[wire.Transition]:
    """What was upgraded or converted; one of them by its operation id."""
    with begin.read() as uow:
        source = queries.one_subscription(uow, customer_id, subscription_id)
        items = [wire.Transition.of(row) for row in queries.transitions_of(uow, source)]
        wanted = operation_id.lower()
        found = [each for each in items if wanted in {"", each.operation_id}]
        return collection(found, f"{subscription_uri(customer_id, subscription_id)}/transitions")


@post(
    f"{ONE}/transitions",
    status_code=200,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/transitions", SUBSCRIPTIONS_MANAGE.write),
)
def post_transition(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    data: JSONBody[wire.TransitionIn],
    begin: NamedDependency[Begin],
) -> Response[wire.Transition]:
    """Upgrade all or some of the seats, or convert a trial."""
    with begin() as uow:
        uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
        made = service.transition_subscription(uow, customer_id, subscription_id, data.read())
        return reply(uow, wire.Transition.of(made))


@get(f"{ONE}/conversions", sync_to_thread=True, opt=marks(f"GET {NAME}/conversions"))
def get_conversions(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.Conversion]:
    """What a trial can be converted to; nothing for anything else."""
    with begin.read() as uow:
        uow.actor.require_user()
        source = queries.one_subscription(uow, customer_id, subscription_id)
        items = [wire.Conversion.of(source)] if source.is_trial and source.converts_to else []
        return collection(items, f"{subscription_uri(customer_id, subscription_id)}/conversions")


@post(
    f"{ONE}/conversions",
    status_code=200,
    sync_to_thread=True,
    opt=marks(f"POST {NAME}/conversions", SUBSCRIPTIONS_MANAGE.write),
)
def post_conversion(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    data: JSONBody[wire.ConversionIn],
    begin: NamedDependency[Begin],
) -> Response[wire.ConversionResult]:
    """Convert a trial at once. What the rules refuse is an error inside the answer, as the original has it."""
    with begin.read() as uow:  # who may not is told so before what was sent is read
        uow.actor.require_user()
        uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    wanted = data.read()
    try:
        with begin() as uow:
            made = service.transition_subscription(uow, customer_id, subscription_id, wanted)
            return reply(uow, wire.ConversionResult.of(subscription_id, made.from_item, data))
    except (Invalid, QuantityRefused) as refusal:
        return _refused(begin, customer_id, subscription_id, data, refusal)


def _refused(
    begin: Begin, customer_id: UUID, subscription_id: UUID, asked: wire.ConversionIn, refusal: DomainError
) -> Response[wire.ConversionResult]:
    with begin.read() as uow:
        source = queries.one_subscription(uow, customer_id, subscription_id)
        code = wire.OTHER if source.is_trial else wire.NO_CONVERSION
        error = wire.ConversionError(code=code, description=refusal.message)
        return Response(wire.ConversionResult.of(source.id, str(source.item_id), asked, error))


ROUTES: list[Any] = [
    get_transition_eligibilities,
    get_transitions,
    post_transition,
    get_conversions,
    post_conversion,
]
