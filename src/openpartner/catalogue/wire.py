"""The catalogue's JSON: products, SKUs, availabilities, inventory, promotions and legacy offers.

Source: partner-center-resources §5-§7.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec
from babel.numbers import get_currency_symbol

from openpartner.catalogue import models, queries, rules, service
from openpartner.platform.http.answers import Attributes, Link, Wire, link

_LOCALE = "en-US"
_OFFER_SPACE = UUID("8c2f5e51-0c6e-5bb8-8f55-1f1c6b2a7d10")
_CATALOG = uuid5(_OFFER_SPACE, "catalog")
_UNENDING = 9999


class Scope(msgspec.Struct, frozen=True):
    """Under which path a catalogue is read: links stay under it.

    prefix: empty, or ``/customers/{id}``. query: what each link repeats, empty for a customer's catalogue.
    """

    prefix: str = ""
    query: str = ""

    @classmethod
    def of_market(cls, market: str) -> "Scope":
        """A country's catalogue."""
        return cls(query=f"country={market}")

    @classmethod
    def of_customer(cls, customer_id: UUID) -> "Scope":
        """A customer's."""
        return cls(prefix=f"/customers/{customer_id}")

    def uri(self, path: str, **more: str | None) -> str:
        """A link below this catalogue, with the request's query."""
        given = [f"{name}={value}" for name, value in more.items() if value]
        query = "&".join([*([self.query] if self.query else []), *given])
        return f"{self.prefix}{path}" + (f"?{query}" if query else "")


def _attributes(object_type: str) -> Attributes:
    return Attributes(object_type=object_type)


class ItemType(Wire, kw_only=True):
    """A product type; subType for reservations."""

    id: str
    display_name: str
    sub_type: "ItemType | None" = None


class Product(Wire, kw_only=True):
    """A product as the catalogue lists it."""

    id: str
    title: str
    description: str
    product_type: ItemType
    is_microsoft_product: bool
    publisher_name: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, product: models.Product, scope: Scope) -> "Product":
        """The product in this catalogue."""
        kind = rules.PRODUCT_TYPES[product.kind]
        sub_type = product.sub_type or kind.sub_type
        path = f"/products/{product.id}"
        return cls(
            id=product.id,
            title=product.title,
            description=product.description,
            product_type=ItemType(
                id=kind.id,
                display_name=kind.display_name,
                sub_type=ItemType(id=sub_type, display_name=sub_type) if sub_type else None,
            ),
            is_microsoft_product=product.is_microsoft,
            publisher_name=product.publisher_name,
            links={"skus": link(scope.uri(f"{path}/skus")), "self": link(scope.uri(path))},
            attributes=_attributes("Product"),
        )


class Constraint(Wire, kw_only=True):
    """A limit of a SKU."""

    constraint_name: str
    constraint_value: int
    constraint_type: str


class SkuAttestationProperties(Wire, kw_only=True):
    """Whether an order line must carry ``attestationAccepted``."""

    enforce_attestation: bool
    attestation_type: str


class Sku(Wire, kw_only=True):
    """A SKU. ``dynamicAttributes`` is an open map."""

    id: str
    product_id: str
    title: str
    description: str
    minimum_quantity: int
    maximum_quantity: int
    is_trial: bool
    supported_billing_cycles: list[rules.BillingCycle]
    purchase_prerequisites: list[str]
    inventory_variables: list[str]
    provisioning_variables: list[str]
    constraints: list[Constraint] | None = None
    actions: list[str]
    dynamic_attributes: dict[str, Any]
    attestation_properties: SkuAttestationProperties | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, product: models.Product, sku: models.Sku, plans: Sequence[rules.Plan], scope: Scope) -> "Sku":
        """The SKU with the billing cycles of its plans."""
        path = f"/products/{sku.product_id}/skus/{sku.id}"
        limit = sku.ownership_limit
        constraints = [
            Constraint(
                constraint_name="AssetOwnershipLimit",
                constraint_value=limit,
                constraint_type="Lifetime" if sku.is_ownership_limit_lifetime else "ConcurrentCount",
            )
            for limit in ([] if limit is None else [limit])
        ]
        return cls(
            id=sku.id,
            product_id=sku.product_id,
            title=sku.title,
            description=sku.description,
            minimum_quantity=sku.minimum_quantity,
            maximum_quantity=sku.maximum_quantity,
            is_trial=sku.is_trial,
            supported_billing_cycles=list(dict.fromkeys(plan.billing_cycle for plan in plans)),
            purchase_prerequisites=_prerequisites(product, sku),
            inventory_variables=sku.inventory_variables,
            provisioning_variables=sku.provisioning_variables,
            constraints=constraints or None,
            actions=_actions(product.kind),
            dynamic_attributes=_dynamic(product, sku),
            attestation_properties=SkuAttestationProperties(
                enforce_attestation=True, attestation_type=sku.attestation_type
            )
            if sku.enforces_attestation
            else None,
            links={"availabilities": link(scope.uri(f"{path}/availabilities")), "self": link(scope.uri(path))},
            attributes=_attributes("Sku"),
        )


def _prerequisites(product: models.Product, sku: models.Sku) -> list[str]:
    needed = {
        "InventoryCheck": sku.has_inventory,
        "AzureSubscriptionRegistration": sku.needs_registration,
        "MicrosoftCustomerAgreement": product.is_microsoft,
    }
    return [name for name, is_needed in needed.items() if is_needed]


def _actions(kind: rules.ProductKind) -> list[str]:
    actions = ["Edit"] if kind in {rules.ProductKind.LICENSE, rules.ProductKind.SAAS} else []
    return ["Cancel", *actions] if rules.cancellation_window(kind, rules.YEAR) else actions


def _dynamic(product: models.Product, sku: models.Sku) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "isMicrosoftProduct": product.is_microsoft,
        "hasConstraints": sku.ownership_limit is not None,
        "isAddon": sku.is_addon,
        "isSoftwareAssuranceApplicable": False,
        "internal": False,
        "billingType": "Usage" if product.kind is rules.ProductKind.AZURE_PLAN else "License",
    }
    if sku.prerequisite_skus:
        facts["prerequisiteSkus"] = sku.prerequisite_skus
    if sku.upgrade_targets:
        facts["upgradeTargetOffers"] = sku.upgrade_targets
    if sku.converts_to:
        facts["conversionInstructions"] = {"targetSkus": [sku.converts_to]}
    if sku.provisioning_id:
        facts["provisioningId"] = str(sku.provisioning_id)
    return facts | sku.attributes


class CurrencyInfo(Wire, kw_only=True):
    """A currency with its sign."""

    code: str
    symbol: str


class RenewalOption(Wire, kw_only=True):
    """What a term may renew to."""

    term_duration: str
    description: str


class CancellationRefundOption(Wire, kw_only=True):
    """One step of what a cancellation gives back."""

    sequence_id: int
    type: str
    expires_after: str


class CancellationPolicy(Wire, kw_only=True):
    """The steps, the soonest to end first."""

    refund_options: list[CancellationRefundOption]


class AvailabilityTerm(Wire, kw_only=True):
    """A duration with a billing cycle."""

    id: str
    duration: str
    description: str
    billing_cycle: str
    renewal_options: list[RenewalOption]
    cancellation_policies: list[CancellationPolicy]


class RenewalInstructionOption(Wire, kw_only=True):
    """The SKU a term becomes."""

    renew_to_id: str
    is_auto_renewable: bool


class RenewalInstruction(Wire, kw_only=True):
    """What the named terms become."""

    applicable_term_ids: list[str]
    renewal_options: list[RenewalInstructionOption]


class Availability(Wire, kw_only=True):
    """Where a SKU is sold and with which terms. It has no prices: those are in the price sheets."""

    id: str
    product_id: str
    sku_id: str
    catalog_item_id: str
    default_currency: CurrencyInfo
    segment: str
    country: str
    is_purchasable: bool
    is_renewable: bool
    renewal_instructions: list[RenewalInstruction] | None = None
    terms: list[AvailabilityTerm]
    product: Product
    sku: Sku
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, offered: queries.Offered, scope: Scope) -> "Availability":
        """The availability with copies of its product and SKU."""
        item, sku = offered.item, offered.sku
        terms = [_term(item, plan) for plan in offered.plans]
        path = f"/products/{sku.product_id}/skus/{sku.id}/availabilities/{offered.availability.id}"
        return cls(
            id=offered.availability.id,
            product_id=sku.product_id,
            sku_id=sku.id,
            catalog_item_id=str(item.id),
            default_currency=CurrencyInfo(
                code=item.currency, symbol=get_currency_symbol(item.currency, locale="en_US")
            ),
            segment=item.segment,
            country=item.country,
            is_purchasable=item.is_purchasable,
            is_renewable=item.is_renewable,
            renewal_instructions=_renewals(sku, terms),
            terms=terms,
            product=Product.of(offered.product, scope),
            sku=Sku.of(offered.product, sku, offered.plans, scope),
            links={"self": link(scope.uri(path))},
            attributes=_attributes("Availability"),
        )


def term_id(item: rules.CatalogItemId, plan: rules.Plan) -> str:
    """A short opaque id that stays the same while the plan does."""
    text = f"{item.sku}:{plan.duration_text}:{plan.billing_cycle}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


_COUNTS = {1: "One", 3: "Three", 5: "Five"}


def term_description(plan: rules.Plan, *, is_trial: bool = False) -> str:
    """``One-Year commitment for monthly/yearly billing``: prose that clients show and some parse."""
    duration = plan.duration
    if duration is None:
        return "Usage-based billing" if plan.billing_cycle is rules.BillingCycle.MONTHLY else "One-time purchase"
    years, months = divmod(duration.months, 12)
    count, unit = (years, "Year") if not months else (duration.months, "Month")
    if is_trial:
        return f"{_COUNTS.get(count, count)}-{unit} commitment for trial"
    cycles = {
        rules.BillingCycle.MONTHLY: "monthly",
        rules.BillingCycle.ANNUAL: "yearly",
        rules.BillingCycle.TRIENNIAL: "triennial",
    }
    return f"{_COUNTS.get(count, count)}-{unit} commitment for {cycles.get(plan.billing_cycle, 'upfront')} billing"


def _term(item: rules.Item, plan: rules.Plan) -> AvailabilityTerm:
    steps = rules.refund_steps(item.kind, plan.duration)
    renewals = [other for other in item.plans if other.duration and other.billing_cycle is plan.billing_cycle]
    return AvailabilityTerm(
        id=term_id(item.id, plan),
        duration=plan.duration_text,
        description=term_description(plan, is_trial=item.is_trial),
        billing_cycle=plan.billing_cycle.pascal,
        renewal_options=[
            RenewalOption(term_duration=other.duration_text, description=term_description(other))
            for other in (renewals if item.is_renewable and plan.duration and not item.is_trial else [])
        ],
        cancellation_policies=[
            CancellationPolicy(
                refund_options=[
                    CancellationRefundOption(sequence_id=n, type=step.refund, expires_after=step.iso)
                    for n, step in enumerate(steps)
                ]
            )
        ]
        if steps
        else [],
    )


def _renewals(sku: models.Sku, terms: Sequence[AvailabilityTerm]) -> list[RenewalInstruction] | None:
    lasting = [term.id for term in terms if term.duration]
    if not sku.is_renewable or not lasting:
        return None
    becomes = RenewalInstructionOption(renew_to_id=sku.converts_to or sku.key, is_auto_renewable=True)
    return [RenewalInstruction(applicable_term_ids=lasting, renewal_options=[becomes])]


# --- inventory


class InventoryRestriction(Wire, kw_only=True):
    """Why an item cannot be bought."""

    reason_code: str
    description: str
    properties: dict[str, str]


class InventoryItem(Wire, kw_only=True):
    """An item asked for, and the answer."""

    product_id: str = ""
    sku_id: str | None = None
    is_restricted: bool | None = None
    restrictions: list[InventoryRestriction] | None = None

    @classmethod
    def of(cls, inventory: service.Inventory) -> "InventoryItem":
        """What the inventory says of it."""
        restriction = InventoryRestriction(
            reason_code="NotAvailableForSubscription",
            description="The item is sold out in this region. Choose another region.",
            properties={"type": "Location", "values": inventory.region},
        )
        return cls(
            product_id=inventory.asked.product_id,
            sku_id=inventory.asked.sku_id or None,
            is_restricted=inventory.is_restricted,
            restrictions=[restriction] if inventory.is_restricted else [],
        )


class InventoryCheckRequest(Wire, kw_only=True):
    """The items, and what is known of the buyer."""

    target_items: list[InventoryItem]
    inventory_context: dict[str, str] | None = None

    def items(self) -> list[service.InventoryAsked]:
        """What the service is asked."""
        return [service.InventoryAsked(item.product_id, item.sku_id or "") for item in self.target_items]


# --- promotions


class ProductPromotionProperties(Wire, kw_only=True):
    """Whether it applies by itself; else the line names it."""

    is_auto_applicable: bool


class ProductPromotionTerm(Wire, kw_only=True):
    """The plan it is bound to."""

    duration: str
    billing_cycle: str


class ProductPromotionPricingPolicy(Wire, kw_only=True):
    """The discount, a fraction as text."""

    policy_type: str
    value: str


class ProductPromotionRequiredProduct(Wire, kw_only=True):
    """What has to be bought."""

    product_id: str
    sku_id: str
    term: ProductPromotionTerm
    pricing_policies: list[ProductPromotionPricingPolicy]


class SeatConstraint(Wire, kw_only=True):
    """Seats of one purchase."""

    min_seats: int
    max_seats: int
    type: str


class AssetOwnershipLimit(Wire, kw_only=True):
    """Subscriptions of one customer that may use it."""

    min_assets: int
    max_assets: int
    type: str


class EligibilityConstraint(Wire, kw_only=True):
    """A condition on the customer."""

    is_applicable: bool
    type: str


class ProductOwnershipConstraint(Wire, kw_only=True):
    """A product that must be held."""

    big_id: str
    min_seats: int
    max_seats: int


class PromotionConstraints(Wire, kw_only=True):
    """Every condition; productOwnershipConstraints are alternatives, each a list."""

    seat_constraints: list[SeatConstraint]
    asset_ownership_limits: list[AssetOwnershipLimit]
    eligibility_constraints: list[EligibilityConstraint]
    product_ownership_constraints: list[list[ProductOwnershipConstraint]]

    @classmethod
    def of(cls, promotion: rules.Promotion) -> "PromotionConstraints":
        """The conditions of a promotion."""
        lowest, highest = promotion.minimum_seats, promotion.maximum_seats
        return cls(
            seat_constraints=[]
            if lowest is None and highest is None
            else [SeatConstraint(min_seats=lowest or 1, max_seats=highest or 10_000_000, type="SeatCount")],
            asset_ownership_limits=[]
            if promotion.redemption_limit is None
            else [AssetOwnershipLimit(min_assets=0, max_assets=promotion.redemption_limit, type="ConcurrentCount")],
            eligibility_constraints=[EligibilityConstraint(is_applicable=True, type="OfferPurchasedPreviously")]
            if promotion.is_for_new_buyers
            else [],
            product_ownership_constraints=[
                [
                    ProductOwnershipConstraint(
                        big_id=product.product_id, min_seats=product.minimum_seats, max_seats=product.maximum_seats
                    )
                    for product in alternative
                ]
                for alternative in promotion.owned
            ],
        )


class ProductPromotion(Wire, kw_only=True):
    """A promotion. Its constraints are in the answer that shows one, not in lists."""

    id: str
    name: str
    description: str
    start_date: datetime
    end_date: datetime
    properties: ProductPromotionProperties
    required_products: list[ProductPromotionRequiredProduct]
    promotion_constraints: PromotionConstraints | None = None
    attributes: Attributes

    @classmethod
    def of(cls, promotion: rules.Promotion, *, constraints: bool = False) -> "ProductPromotion":
        """The promotion, with its constraints when one is shown."""
        return cls(
            id=promotion.id,
            name=promotion.name,
            description=promotion.description,
            start_date=promotion.starts_at,
            end_date=promotion.ends_at,
            properties=ProductPromotionProperties(is_auto_applicable=promotion.is_auto_applicable),
            required_products=[
                ProductPromotionRequiredProduct(
                    product_id=promotion.product_id,
                    sku_id=promotion.sku_id,
                    term=ProductPromotionTerm(
                        duration=str(promotion.duration), billing_cycle=promotion.billing_cycle.pascal
                    ),
                    pricing_policies=[
                        ProductPromotionPricingPolicy(
                            policy_type="PercentDiscount", value=_fraction(promotion.discount)
                        )
                    ],
                )
            ],
            promotion_constraints=PromotionConstraints.of(promotion) if constraints else None,
            attributes=_attributes("ProductPromotion"),
        )


def _fraction(discount: Decimal) -> str:
    return f"{discount.normalize():f}"


# --- legacy offers


class OfferCategory(Wire, kw_only=True):
    """A legacy category; of an add-on it is empty."""

    id: str
    name: str
    rank: int
    locale: str
    country: str
    attributes: Attributes

    @classmethod
    def of(cls, category: rules.OfferCategory, market: str) -> "OfferCategory":
        """A category of a market."""
        text = rules.OFFER_CATEGORIES[category]
        return cls(
            id=category.value,
            name=text.name,
            rank=text.rank,
            locale=_LOCALE,
            country=market,
            attributes=_attributes("OfferCategory"),
        )


class OfferProduct(Wire, kw_only=True):
    """The product of a legacy offer."""

    id: str
    name: str
    unit: str


class Offer(Wire, kw_only=True):
    """A legacy offer. None can be bought any more: their products are sold in the catalogue."""

    id: str
    name: str
    description: str
    minimum_quantity: int
    maximum_quantity: int
    rank: int
    uri: str
    locale: str
    country: str
    category: OfferCategory
    prerequisite_offers: list[str]
    is_add_on: bool
    is_available_for_purchase: bool
    billing: str
    supported_billing_cycles: list[rules.BillingCycle]
    is_auto_renewable: bool
    upgrade_target_offers: list[str] | None = None
    conversion_target_offers: list[str] | None = None
    sales_group_id: str
    limit_unit_of_measure: str
    limit: int
    has_add_ons: bool
    is_trial: bool
    is_internal: bool
    is_microsoft_product: bool
    product: OfferProduct
    unit_type: str
    term_unit_of_measure: str
    term: int
    acquisition_type: str
    supported_catalog_types: list[str]
    actions: list[str]
    partner_qualifications: list[str]
    reseller_qualifications: str
    resellee_qualifications: str = msgspec.field(name="reselleeQualifications")
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, offer: queries.LegacyOffer, market: str, rank: int) -> "Offer":
        """The offer in a market. rank: its place in the list."""
        sku, offer_id = offer.offered.sku, str(offer.offer_id).upper()
        unit = "Add-On Licenses" if sku.is_addon else "Licenses"
        category = OfferCategory.of(offer.category, market)
        if sku.is_addon:
            category.id, category.name, category.rank = "", "", 0
        is_nonprofit = offer.offered.availability.segment is rules.Segment.NONPROFIT
        return cls(
            id=offer_id,
            name=sku.title,
            description=sku.description,
            minimum_quantity=sku.minimum_quantity,
            maximum_quantity=sku.maximum_quantity,
            rank=rank,
            uri=f"/{_CATALOG}/Offers/{offer_id}",
            locale=_LOCALE,
            country=market,
            category=category,
            prerequisite_offers=_ids(offer.prerequisites),
            is_add_on=sku.is_addon,
            is_available_for_purchase=False,
            billing="license",
            supported_billing_cycles=[rules.BillingCycle.NONE]
            if sku.is_trial
            else [rules.BillingCycle.ANNUAL, rules.BillingCycle.MONTHLY],
            is_auto_renewable=not sku.is_trial,
            upgrade_target_offers=_ids(offer.upgrades) or None,
            conversion_target_offers=_ids(offer.conversions) or None,
            sales_group_id=f"Trial-{offer_id}" if sku.is_trial else "Default",
            limit_unit_of_measure="Lifetime" if sku.is_trial else "None",
            limit=1 if sku.is_trial else 0,
            has_add_ons=offer.has_addons,
            is_trial=sku.is_trial,
            is_internal=False,
            is_microsoft_product=offer.offered.product.is_microsoft,
            product=OfferProduct(
                id=str(sku.provisioning_id or uuid5(_OFFER_SPACE, sku.key)), name=sku.title, unit=unit
            ),
            unit_type=unit,
            term_unit_of_measure="Day" if sku.is_trial else "Year",
            term=30 if sku.is_trial else 1,
            acquisition_type="purchase",
            supported_catalog_types=["sandbox", "live"],
            actions=["Cancel", "Edit"],
            partner_qualifications=[],
            reseller_qualifications="",
            resellee_qualifications="Nonprofit" if is_nonprofit else "",
            links={"self": link(f"/offers/{offer_id}?country={market}")},
            attributes=_attributes("Offer"),
        )


def _ids(offers: Sequence[UUID]) -> list[str]:
    return [str(offer_id).upper() for offer_id in offers]
