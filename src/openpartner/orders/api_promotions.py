"""``POST /v1/customers/{id}/promotionEligibilities``: it stands here because it asks what the customer holds."""

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.orders import wire_promotions as wire
from openpartner.orders.service import eligibilities as service
from openpartner.platform.http.answers import Collection, collection
from openpartner.platform.permissions import PROMOTIONS
from openpartner.platform.work import Begin


@post(
    "/v1/customers/{customer_id:uuid}/promotioneligibilities",
    status_code=200,
    opt={"operation": "POST /v1/customers/{customer-id}/promotionEligibilities", "permission": PROMOTIONS.read},
    sync_to_thread=True,
)
def verify_promotion_eligibilities(
    customer_id: FromPath[UUID], data: JSONBody[wire.PromotionEligibilitiesRequest], begin: NamedDependency[Begin]
) -> Collection[wire.PromotionEligibilities]:
    """May this customer use promotions on these items."""
    with begin.read() as uow:
        asked = [item.asked() for item in data.items]
        found = service.verify_promotion_eligibilities(uow, customer_id, asked)
        return collection(
            [
                wire.PromotionEligibilities.of(item, wanted, verdicts)
                for item, wanted, verdicts in zip(data.items, asked, found, strict=True)
            ]
        )


ROUTES = (verify_promotion_eligibilities,)
