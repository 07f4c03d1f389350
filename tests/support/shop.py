"""A small catalogue and a customer who may buy from it: figures that a reader can check in the head.

Prices are for the whole term, as the catalogue keeps them: Basic 7.20 a month, or a year at 72.00 however it is billed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from openpartner.catalogue.models import Availability, Price, Product, PublishedPromotion, Sku
from openpartner.catalogue.rules import (
    MONTH,
    YEAR,
    BillingCycle,
    Duration,
    Plan,
    ProductKind,
    Promotion,
    Segment,
)
from openpartner.customers.models import BillingProfile, Customer, CustomerAgreement
from openpartner.customers.queries import name_key
from openpartner.customers.rules import AcceptanceMethod, AgreementType, Relationship
from openpartner.customers.service.finding import have_found
from openpartner.identity.models import Tenant
from openpartner.partner.models import PartnerAccount
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.addresses import Address
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from tests.support import scene
from tests.support.client import AppClient
from tests.support.lab import Lab

BASIC = "CFQ7TTC0LH18:0001:CFQ7TTC0K971"
BASIC_TRIAL = "CFQ7TTC0LH18:0002:CFQ7TTC0K972"
E3 = "CFQ7TTC0LFLX:0001:CFQ7TTC0KE31"
VISIO = "CFQ7TTC0HD32:0001:CFQ7TTC0KV21"
PHONE = "CFQ7TTC0PH0N:0001:CFQ7TTC0KPH1"
FACULTY = "CFQ7TTC0FACT:0001:CFQ7TTC0KFA1"
GERMAN = "CFQ7TTC0LH18:0001:CFQ7TTC0KDE1"
SERVER = "DG7GMGF0DVT9:0001:DG7GMGF0DS01"
ACCESS = "DG7GMGF0D7FV:0001:DG7GMGF0DA01"
BACKUP = "DZH318Z0SAAS:0001:DZH318Z0SB01"
AZURE_PLAN = "DZH318Z0BPS6:0001:DZH318Z0AP01"
RESERVATION = "DZH318Z0BNZ5:006G:DZH318Z0RI01"
PROMOTION = "39NFJQT1PJQB:0001:39NFJQT1Q5KN"
"""15 % off E3 for a year billed by the month; applied by itself."""
ASKED_PROMOTION = "39NFJQT1PJQC:0001:39NFJQT1Q5KP"
"""20 % off E3 for a year billed at once, from 10 seats; only when asked for."""

_YEARS_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_NAMESPACE = UUID("6b6f1f9e-4b1d-4d51-9d5d-0d2a55b0a001")
Prices = Mapping[tuple[Duration | None, BillingCycle], str]
_SEAT_PLANS: Prices = {
    (MONTH, BillingCycle.MONTHLY): "7.20",
    (YEAR, BillingCycle.MONTHLY): "72",
    (YEAR, BillingCycle.ANNUAL): "72",
}


def _sell(
    uow: UnitOfWork,
    item: str,
    title: str,
    prices: Prices,
    *,
    kind: ProductKind = ProductKind.LICENSE,
    market: str = "US",
    currency: str = "USD",
    segment: Segment = Segment.COMMERCIAL,
    **facts: Any,
) -> None:
    product_id, sku_id, availability_id = item.split(":")
    if uow.db.get(Product, product_id) is None:
        publisher = "Northwind" if kind is ProductKind.SAAS else "Microsoft"
        uow.db.add(
            Product(
                id=product_id,
                kind=kind,
                title=title,
                description="",
                publisher_name=publisher,
                is_microsoft=kind is not ProductKind.SAAS,
                created_at=_YEARS_AGO,
            )
        )
        uow.db.flush()
    if uow.db.get(Sku, (product_id, sku_id)) is None:
        licence = uuid5(_NAMESPACE, f"{product_id}:{sku_id}") if kind is ProductKind.LICENSE else None
        uow.db.add(Sku(product_id=product_id, id=sku_id, title=title, description="", provisioning_id=licence, **facts))
        uow.db.flush()
    plans = [Plan(duration, cycle) for duration, cycle in prices]
    uow.db.add(
        Availability(
            id=availability_id,
            product_id=product_id,
            sku_id=sku_id,
            market=market,
            segment=segment,
            currency=currency,
            plans=plans,
        )
    )
    for (duration, cycle), price in prices.items():
        uow.db.add(
            Price(
                id=uuid5(_NAMESPACE, f"{availability_id}/{duration}/{cycle}"),
                product_id=product_id,
                sku_id=sku_id,
                market=market,
                segment=segment,
                currency=currency,
                duration=str(duration) if duration else "",
                billing_cycle=cycle,
                tier_from=Decimal(0),
                unit_price=Decimal(price),
                valid_from=_YEARS_AGO,
            )
        )
    uow.db.flush()


def stock(uow: UnitOfWork) -> None:
    """Put the small catalogue on the shelf."""
    _sell(uow, BASIC, "Microsoft 365 Business Basic", _SEAT_PLANS, maximum_quantity=300)
    _sell(uow, GERMAN, "Microsoft 365 Business Basic", _SEAT_PLANS, market="DE", currency="EUR")
    _sell(
        uow,
        BASIC_TRIAL,
        "Microsoft 365 Business Basic trial",
        {(MONTH, BillingCycle.MONTHLY): "0"},
        is_trial=True,
        converts_to="CFQ7TTC0LH18:0001",
        minimum_quantity=25,
        maximum_quantity=25,
        ownership_limit=1,
        is_ownership_limit_lifetime=True,
    )
    _sell(
        uow,
        E3,
        "Microsoft 365 E3",
        {(YEAR, BillingCycle.MONTHLY): "432", (YEAR, BillingCycle.ANNUAL): "432"},
        ownership_limit=1,
    )
    _sell(
        uow,
        VISIO,
        "Visio Plan 2",
        {(YEAR, BillingCycle.MONTHLY): "180"},
        is_addon=True,
        prerequisite_skus=["CFQ7TTC0LH18:0001"],
    )
    _sell(uow, PHONE, "Calling Plan", {(MONTH, BillingCycle.MONTHLY): "12"}, enforces_attestation=True)
    _sell(
        uow,
        FACULTY,
        "Microsoft 365 A3 for faculty",
        {(YEAR, BillingCycle.ANNUAL): "69"},
        segment=Segment.EDUCATION,
    )
    once: Prices = {(None, BillingCycle.ONE_TIME): "164"}
    _sell(uow, SERVER, "Windows Server 2022 CAL", once, kind=ProductKind.PERPETUAL_SOFTWARE)
    _sell(
        uow,
        ACCESS,
        "Access LTSC 2021",
        once,
        kind=ProductKind.PERPETUAL_SOFTWARE,
        attributes={"requiresPurchaseOrder": "true"},
    )
    _sell(uow, BACKUP, "Northwind Backup", {(MONTH, BillingCycle.MONTHLY): "3.50"}, kind=ProductKind.SAAS)
    _sell(uow, AZURE_PLAN, "Azure plan", {(None, BillingCycle.MONTHLY): "0"}, kind=ProductKind.AZURE_PLAN)
    _sell(
        uow,
        RESERVATION,
        "Reserved VM Instance, Standard_D2s_v5",
        {(YEAR, BillingCycle.ONE_TIME): "603"},
        kind=ProductKind.RESERVATION,
        needs_registration=True,
        provisioning_variables=["subscriptionId", "scope"],
    )
    offer = Promotion(
        id=PROMOTION,
        name="Launch",
        description="15 % off",
        product_id="CFQ7TTC0LFLX",
        sku_id="0001",
        duration=YEAR,
        billing_cycle=BillingCycle.MONTHLY,
        discount=Decimal("0.15"),
        starts_at=_YEARS_AGO,
        ends_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    asked = Promotion(
        id=ASKED_PROMOTION,
        name="Upfront",
        description="20 % off",
        product_id="CFQ7TTC0LFLX",
        sku_id="0001",
        duration=YEAR,
        billing_cycle=BillingCycle.ANNUAL,
        discount=Decimal("0.2"),
        starts_at=_YEARS_AGO,
        ends_at=datetime(2030, 1, 1, tzinfo=UTC),
        is_auto_applicable=False,
        minimum_seats=10,
    )
    for promotion in (offer, asked):
        uow.db.add(
            PublishedPromotion(
                id=promotion.id,
                product_id=promotion.product_id,
                sku_id=promotion.sku_id,
                segment=promotion.segment,
                starts_at=promotion.starts_at,
                ends_at=promotion.ends_at,
                terms=promotion,
            )
        )
    uow.db.flush()


def buyer(
    uow: UnitOfWork, partner: Tenant, name: str = "Relecloud", *, country: str = "US", agreed: bool = True
) -> Customer:
    """A customer of the partner with a full address, and with the agreement accepted unless told otherwise."""
    tenant = scene.tenant(uow, TenantKind.CUSTOMER, name, country)
    customer = Customer(
        commerce_id=uow.ids.uuid(),
        partner_id=partner.id,
        tenant_id=tenant.id,
        relationship=Relationship.RESELLER,
        since_at=uow.now,
        company_name=name,
        name_key=name_key(name),
        domain=tenant.default_domain,
        country=country,
    )
    uow.db.add(customer)
    uow.db.flush()
    uow.db.add(
        BillingProfile(
            commerce_id=customer.commerce_id,
            id=uow.ids.uuid(),
            email=f"billing@{tenant.default_domain}",
            culture="en-US",
            language="en",
            company_name=name,
            default_address=Address(
                country,
                "One Microsoft Way",
                city="Redmond",
                state="WA",
                postal_code="98052",
                phone_number="4255550101",
            ),
        )
    )
    if agreed:
        agree(uow, customer)
    uow.db.flush()
    have_found(uow, customer)
    return customer


def agree(uow: UnitOfWork, customer: Customer) -> None:
    """Record that the customer accepted the customer agreement."""
    uow.db.add(
        CustomerAgreement(
            id=uow.ids.uuid(),
            tenant_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            method=AcceptanceMethod.ATTESTED,
            agreement_type=AgreementType.CUSTOMER,
            template_id="998b88de-aa99-4388-a42c-1b3517d49490",
            first_name="Gena",
            last_name="Soto",
            email="gena@relecloud.example",
            agreed_at=uow.now,
            recorded_at=uow.now,
        )
    )
    uow.db.flush()


@dataclass
class Shop:
    """A stocked catalogue, a partner's admin agent, and a customer who may buy."""

    lab: Lab
    partner: Tenant
    agent: Actor
    client: AppClient
    customer: Customer

    @property
    def url(self) -> str:
        """The customer on the wire."""
        return f"/v1/customers/{self.customer.tenant_id}"

    @property
    def customer_id(self) -> UUID:
        """The customer's tenant."""
        return self.customer.tenant_id

    def order(self, *lines: dict[str, Any], **members: Any) -> dict[str, Any]:
        """An order placed over the wire; what was answered."""
        answer = self.client.post(f"{self.url}/orders", order_body(*lines, **members))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def order_body(*lines: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The body of an order of these lines, numbered in order."""
    return {"lineItems": [{"lineItemNumber": number, **line} for number, line in enumerate(lines)], **members}


def line(item: str = BASIC, quantity: int = 1, term: str | None = "P1Y", **members: Any) -> dict[str, Any]:
    """A line of an order."""
    return {"offerId": item, "quantity": quantity, **({"termDuration": term} if term else {}), **members}


def cart_line(item: str = BASIC, quantity: int = 1, term: str | None = "P1Y", **members: Any) -> dict[str, Any]:
    """A line of a cart."""
    return {"catalogItemId": item, "quantity": quantity, **({"termDuration": term} if term else {}), **members}


def open_shop(lab: Lab, *, kind: PartnerKind = PartnerKind.DIRECT_BILL) -> Shop:
    """A partner of a kind, its admin agent, the small catalogue, and the customer Relecloud, whom it administers."""
    with lab.begin() as uow:
        stock(uow)
        partner = scene.tenant(uow, TenantKind.PARTNER, "Contoso Partner")
        scene.account(uow, partner, kind=kind)
        customer = buyer(uow, partner)
        scene.give_delegated_access(uow, partner.id, customer.tenant_id)
    agent = lab.user(partner, Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)
    return Shop(lab, partner, agent, lab.client(agent), customer)


def reseller(lab: Lab, of: Shop | None = None, name: str = "Fabrikam Reseller") -> PartnerAccount:
    """An active indirect reseller; ``of``: the shop whose partner it is a partner of."""
    with lab.begin() as uow:
        tenant = scene.tenant(uow, TenantKind.PARTNER, name)
        account = scene.account(uow, tenant, kind=PartnerKind.INDIRECT_RESELLER)
        if of is not None:
            scene.partnership(uow, of.partner.id, tenant.id)
        return account
