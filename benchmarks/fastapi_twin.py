"""The page of subscriptions as a FastAPI and Pydantic service would answer it: the twin that ours is measured against.

    python -m benchmarks.fastapi_twin PORT DATA BASE_URL

It verifies the same tokens, asks the same questions of the same database through the same functions and serves with the
same Granian; routing, dependencies, models and JSON are FastAPI's and Pydantic's.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from openpartner.catalogue.rules import CatalogItemId, Duration, cancellation_window, refund_steps
from openpartner.identity import access
from openpartner.partner import queries as partner
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.events import Reactions
from openpartner.platform.http.authentication import Principal, RememberedTokens
from openpartner.platform.http.etags import versioned_etag
from openpartner.platform.http.surfaces import Surface
from openpartner.platform.work import Begin
from openpartner.platform.world import make_world
from openpartner.settings import Settings
from openpartner.subscriptions import queries
from openpartner.subscriptions.api.subscriptions import facts_of
from openpartner.subscriptions.rules import BILLED, Status, refundable_blocks
from openpartner.subscriptions.wire import subscriptions as wire


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Link(Model):
    uri: str
    method: str
    headers: list[dict[str, str]]


class ItemType(Model):
    id: str
    display_name: str
    sub_type: "ItemType | None" = None


class RefundOption(Model):
    type: str
    expires_at: datetime


class RefundableQuantityDetail(Model):
    quantity: int
    allowed_until_date_time: datetime


class RefundableQuantity(Model):
    total_quantity: int
    details: list[RefundableQuantityDetail]


class Attributes(Model):
    etag: str | None = None
    object_type: str


class Subscription(Model):
    id: str
    offer_id: str
    offer_name: str
    friendly_name: str
    product_type: ItemType
    quantity: int
    unit_type: str
    has_purchasable_addons: bool
    creation_date: datetime
    effective_start_date: datetime
    commitment_end_date: datetime
    commitment_end_date_time: datetime
    cancellation_allowed_until_date: datetime | None = None
    billing_cycle_end_date: datetime | None = None
    billing_cycle_end_date_time: datetime | None = None
    status: str
    auto_renew_enabled: bool
    is_trial: bool
    billing_type: str
    billing_cycle: str
    actions: list[str] | None = None
    term_duration: str
    renewal_term_duration: str
    refund_options: list[RefundOption] | None = None
    is_microsoft_product: bool
    partner_id: str
    suspension_reasons: list[str] | None = None
    attention_needed: bool
    action_taken: bool
    contract_type: str
    publisher_name: str
    promotion_id: str | None = None
    refundable_quantity: RefundableQuantity | None = None
    custom_term_end_date: datetime | None = None
    order_id: str
    links: dict[str, Link]
    attributes: Attributes


class Subscriptions(Model):
    total_count: int
    items: list[Subscription]
    links: dict[str, Link]
    attributes: Attributes


PRODUCT_TYPES = {kind: ItemType.model_validate(found) for kind, found in wire.PRODUCT_TYPE_OF_KIND.items()}


def get_link(uri: str) -> Link:
    return Link(uri=uri, method="GET", headers=[])


def shown(row: Row[Any], facts: wire.Facts) -> Subscription:
    """What ``wire.Subscription.of`` shows, as Pydantic models from the start."""
    billed, at = row.status in BILLED, facts.at
    last_day = row.term_ends_on or wire.NEVER
    item = CatalogItemId(row.product_id, row.sku_id, row.availability_id)
    duration = Duration.parse(row.duration) if row.duration else None
    window = cancellation_window(row.kind, duration) if billed else None
    until = None if window is None else row.window_opened_at + window.length
    cycle = row.cycle_ends_on if billed else None
    steps = [(step.refund, row.window_opened_at + step.length) for step in refund_steps(row.kind, duration)]
    blocks = refundable_blocks(row.blocks, at)
    product = f"/products/{row.product_id}"
    sku = f"{product}/skus/{row.sku_id}"
    market = f"?country={row.market}"
    actions = ["Edit"] if row.status is Status.ACTIVE else []
    if until is not None and at <= until:
        actions.append("Cancel")
    return Subscription(
        id=str(row.id),
        offer_id=str(item),
        offer_name=row.offer_name,
        friendly_name=row.friendly_name,
        product_type=PRODUCT_TYPES[row.kind],
        quantity=row.quantity,
        unit_type="Licenses",
        has_purchasable_addons=item.sku in facts.addon_bases,
        creation_date=row.created_at,
        effective_start_date=row.term_starts_at,
        commitment_end_date=wire.first_second(last_day),
        commitment_end_date_time=wire.last_second(last_day),
        cancellation_allowed_until_date=until,
        billing_cycle_end_date=None if cycle is None else wire.first_second(cycle),
        billing_cycle_end_date_time=None if cycle is None else wire.last_second(cycle),
        status=row.status,
        auto_renew_enabled=row.auto_renew_enabled,
        is_trial=row.is_trial,
        billing_type="license",
        billing_cycle=row.billing_cycle,
        actions=actions or None,
        term_duration=row.duration,
        renewal_term_duration="" if row.scheduled is None else str(row.scheduled.duration),
        refund_options=[RefundOption(type=kind, expires_at=end) for kind, end in steps if at <= end] or None,
        is_microsoft_product=row.is_microsoft,
        partner_id=row.mpn_id,
        attention_needed=False,
        action_taken=False,
        contract_type="subscription",
        publisher_name=row.publisher_name,
        promotion_id=row.promotion_id or None,
        refundable_quantity=RefundableQuantity(
            total_quantity=sum(block.quantity for block in blocks),
            details=[
                RefundableQuantityDetail(quantity=block.quantity, allowed_until_date_time=block.allowed_until)
                for block in blocks
            ],
        ),
        order_id=row.order_id,
        links={
            "product": get_link(product + market),
            "sku": get_link(sku + market),
            "availability": get_link(f"{sku}/availabilities/{row.availability_id}{market}"),
            "self": get_link(f"/customers/{row.customer_id}/subscriptions/{row.id}"),
        },
        attributes=Attributes(object_type="Subscription", etag=versioned_etag(row.id, row.version)),
    )


def create() -> FastAPI:
    """The app over the world that the environment names."""
    settings = Settings(data=Path(os.environ["TWIN_DATA"]), base_url=os.environ["TWIN_BASE_URL"], demo_data=False)
    world = make_world(settings, Reactions(), {})
    tokens = RememberedTokens(access.authenticator(world))
    bearer = HTTPBearer()
    app = FastAPI()

    def principal(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> Principal:
        token = credentials.credentials
        try:
            return tokens.recall(token, Surface.PARTNER_CENTER) or tokens.verify(token, Surface.PARTNER_CENTER)
        except Unauthenticated as refusal:
            raise HTTPException(401, refusal.message) from refusal

    @app.get("/v1/customers/{customer_id}/subscriptions", response_model_exclude_none=True)
    def subscriptions(customer_id: UUID, who: Annotated[Principal, Depends(principal)]) -> Subscriptions:
        begin = Begin(world, lambda db, now: partner.resolve_actor(db, now, who))
        with begin.read() as uow:
            facts = facts_of(uow)
            rows = queries.subscriptions_of(uow, customer_id)
            items = [shown(row, facts) for row in rows]
        here = get_link(f"/customers/{customer_id}/subscriptions")
        return Subscriptions(
            total_count=len(items),
            items=items,
            links={"self": here},
            attributes=Attributes(object_type="Collection"),
        )

    return app


if __name__ == "__main__":
    os.environ["TWIN_DATA"], os.environ["TWIN_BASE_URL"] = sys.argv[2:4]
    Granian(
        "benchmarks.fastapi_twin:create",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
    ).serve()
