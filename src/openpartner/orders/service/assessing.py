"""A look at lines before they are bought: what the catalogue says of them, what they cost, and what stands in the way.

The cart, the portal's review and the order itself all come from here, so a preview cannot differ from the deed.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.queries import Offered, Priced, Quote
from openpartner.catalogue.rules import (
    BillingCycle,
    CatalogItemId,
    CatalogItemIdInvalid,
    Plan,
    ProductKind,
    Promotion,
    Segment,
    best_promotion,
    ineligibilities,
    is_legacy_offer_id,
    may_buy_segment,
)
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.customers.rules import Review, qualified_for
from openpartner.orders import rules
from openpartner.orders.rules import (
    ADDITIONAL_RESELLER,
    RESELLER,
    AzureSubscription,
    Buyer,
    Checked,
    GroupedLine,
    LineAnswer,
    LineError,
    LineProblem,
    LineRequest,
    LineWanted,
    Prices,
    Pricing,
    PurchaseFacts,
    ValidationStatus,
)
from openpartner.partner import queries as partners
from openpartner.partner import service as partner_service
from openpartner.partner.models import PartnerAccount, ProgramEnrolment
from openpartner.partner.rules import PartnerKind, Program, Reason, blocked
from openpartner.platform import countries, permissions
from openpartner.platform.addresses import problems_of
from openpartner.platform.errors import NotFound
from openpartner.platform.money import Money
from openpartner.platform.permissions import Function
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries as relationships
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.queries import HeldTally
from openpartner.subscriptions.rules import CotermTarget, SeatPrice, Status, Term, first_term

FUNCTION_OF_KIND = {
    ProductKind.LICENSE: permissions.ORDERS_PLACE,
    ProductKind.SOFTWARE_SUBSCRIPTION: permissions.SOFTWARE,
    ProductKind.PERPETUAL_SOFTWARE: permissions.SOFTWARE,
    ProductKind.LINUX_SOFTWARE: permissions.SOFTWARE,
    ProductKind.RESERVATION: permissions.RESERVATIONS_BUY,
    ProductKind.SAVINGS_PLAN: permissions.SAVINGS_PLANS,
    ProductKind.AZURE_PLAN: permissions.AZURE_PLAN_BUY,
    ProductKind.SAAS: permissions.MARKETPLACE_PRODUCTS_SELL,
}
"""Which function of the matrix sells each kind."""

HELD = frozenset({Status.PENDING, Status.ACTIVE, Status.SUSPENDED})
"""What counts against a concurrent limit: suspended ones too. Source: portal-workspaces §2.5."""

_VALIDATION = {
    Review.ALLOWED: ValidationStatus.ALLOWED,
    Review.UNDER_REVIEW: ValidationStatus.UNDER_REVIEW,
    Review.NOT_ALLOWED: ValidationStatus.NOT_ALLOWED,
    Review.UNKNOWN: ValidationStatus.UNKNOWN,
    Review.NOT_READY: ValidationStatus.UNKNOWN,
}


class AssessedLine(msgspec.Struct, frozen=True):
    """A line with everything that is known of it. offered, plan, quote, pricing: none as far as a problem forbids.

    promotion: the one that applies. term: the first one. group: lines of one group become one order.
    """

    number: int
    request: LineRequest
    offered: Offered | None = None
    plan: Plan | None = None
    quote: Quote | None = None
    promotion: Promotion | None = None
    term: Term | None = None
    pricing: Pricing | None = None
    group: str = ""
    problems: tuple[LineProblem, ...] = ()

    @property
    def title(self) -> str:
        """What the line is called: the SKU's title, or the id that nothing is known of."""
        return self.offered.sku.title if self.offered is not None else self.request.catalog_item_id

    @property
    def answer(self) -> LineAnswer:
        """What a cart shows of it."""
        cycle = self.plan.billing_cycle if self.plan is not None else self.request.billing_cycle
        item = self.offered.item if self.offered is not None else None
        return LineAnswer(
            billing_cycle=cycle or (item.default_billing_cycle if item is not None else BillingCycle.NONE),
            group=self.group,
            currency=item.currency if item is not None else self.request.currency,
            duration=self.plan.duration if self.plan is not None else self.request.duration,
            promotion_id=self.promotion.id if self.promotion is not None else self.request.promotion_id,
            prices=Prices.of(self.pricing) if self.pricing is not None else None,
            error=LineError.of(self.problems),
        )


class Assessment(msgspec.Struct, frozen=True):
    """Lines that one customer might buy now, and the conditions under which it may."""

    lines: tuple[AssessedLine, ...]
    conditions: tuple[Checked, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way."""
        return bool(self.lines) and not self.unmet and not any(line.problems for line in self.lines)

    @property
    def unmet(self) -> list[Checked]:
        """The conditions that do not hold."""
        return [row for row in self.conditions if row.unmet is not None]

    @property
    def functions(self) -> set[Function]:
        """What the buyer must be allowed to do."""
        kinds = {line.offered.product.kind for line in self.lines if line.offered is not None}
        return {permissions.ORDERS_PLACE} | {FUNCTION_OF_KIND[kind] for kind in kinds}

    @property
    def totals(self) -> list[tuple[Money, Money]]:
        """Of each currency what is due at once, and the whole terms; currencies by name."""
        found: dict[str, tuple[Money, Money]] = {}
        for line in self.lines:
            if line.pricing is not None:
                currency = line.pricing.whole_term.currency
                now, whole = found.get(currency, (Money.zero(currency), Money.zero(currency)))
                found[currency] = (now + line.pricing.first_charge, whole + line.pricing.whole_term)
        return [found[currency] for currency in sorted(found)]


class _Known(msgspec.Struct, frozen=True):
    """What of customer, partner and holdings the rules are told.

    parents: the subscriptions that lines name as theirs. enrolments: the partner's.
    """

    customer: Customer
    account: PartnerAccount
    enrolments: Sequence[ProgramEnrolment]
    qualifications: frozenset[str]
    held: Sequence[HeldTally]
    parents: Mapping[UUID, Subscription]

    @property
    def is_indirect_provider(self) -> bool:
        """Whether the partner sells through resellers."""
        return any(
            each.program is Program.CSP and each.kind is PartnerKind.INDIRECT_PROVIDER for each in self.enrolments
        )


def assess(uow: UnitOfWork, customer: Customer, requests: Sequence[LineRequest]) -> Assessment:
    """Everything about these lines, bought by this customer now: prices, groups, problems, conditions.

    The caller has checked that the actor may see the customer; who is to buy holds the customer's row. The number of
    statements does not grow with the lines, nor what is read with what the customer holds.
    """
    known = _known(uow, customer, requests)
    lines = _looked_up(uow, known, requests)
    buyer = _buyer(uow, known, lines)
    found = rules.line_problems([_wanted(line) for line in lines], buyer, uow.now)
    found += [problem for line in lines for problem in _parent_problems(known, line)]
    by_line = {line.number: tuple(each for each in found if each.line == line.number) for line in lines}
    groups = rules.order_groups([_grouped(line) for line in lines])
    assessed = tuple(
        msgspec.structs.replace(line, group=group, problems=by_line[line.number])
        for line, group in zip(lines, groups, strict=True)
    )
    return Assessment(assessed, tuple(rules.checklist(_facts(uow, known, assessed))))


def conditions(uow: UnitOfWork, customer: Customer) -> list[Checked]:
    """What must hold before the customer is sold anything at all."""
    return rules.checklist(_facts(uow, _known(uow, customer, ()), ()))


def _known(uow: UnitOfWork, customer: Customer, requests: Sequence[LineRequest]) -> _Known:
    account = partners.account_of(uow, customer.partner_id)
    if account is None:
        raise NotFound("Partner account", customer.partner_id)
    parents = {request.parent_subscription_id for request in requests} - {None}
    return _Known(
        customer=customer,
        account=account,
        enrolments=partners.enrolments(uow, customer.partner_id),
        qualifications=frozenset(each.value for each in qualified_for(customers.held_qualifications(uow, customer))),
        held=subscriptions.held_tallies(uow, customer.commerce_id) if requests else (),
        parents=subscriptions.held_by_id(uow, customer.commerce_id, [each for each in parents if each is not None]),
    )


# --- a line and the catalogue


def _looked_up(uow: UnitOfWork, known: _Known, requests: Sequence[LineRequest]) -> list[AssessedLine]:
    """The lines with what the catalogue says of them now."""
    lines = _planned(uow, requests)
    wanted = {
        line.number: Priced(line.offered.item, line.plan, max(line.request.quantity, 1))
        for line in lines
        if line.offered is not None and line.plan is not None
    }
    quotes = dict(zip(wanted, catalogue.prices_of(uow, list(wanted.values()), uow.now), strict=True))
    skus = {wanted[number].item.id.sku for number, quote in quotes.items() if quote is not None}
    promotions = catalogue.promotions_of_skus(uow, skus)
    found: list[AssessedLine] = []
    for line in lines:
        quote = quotes.get(line.number)
        if quote is None:
            found.append(line)
        else:
            priced = wanted[line.number]
            found.append(_priced(uow, line, priced, quote, _promotion(uow, known, line, priced, promotions)))
    return found


def _planned(uow: UnitOfWork, requests: Sequence[LineRequest]) -> list[AssessedLine]:
    """The lines with their items, as far as there are such, and the plans that were meant."""
    ids: dict[int, CatalogItemId] = {}
    for number, request in enumerate(requests):
        with suppress(CatalogItemIdInvalid):
            ids[number] = CatalogItemId.parse(request.catalog_item_id)
    items = catalogue.offered_items(uow, set(ids.values()))
    lines = [
        AssessedLine(number, request, items.get(ids[number]) if number in ids else None)
        for number, request in enumerate(requests)
    ]
    return [
        line if line.offered is None else msgspec.structs.replace(line, plan=rules.chosen_plan(_wanted(line)))
        for line in lines
    ]


def _priced(
    uow: UnitOfWork, line: AssessedLine, priced: Priced, quote: Quote, promotion: Promotion | None
) -> AssessedLine:
    plan = priced.plan
    custom_end = _end_within(uow, line.request, plan)
    term = first_term(uow.now, plan.duration, is_trial=priced.item.is_trial, custom_term_end_on=custom_end)
    seat = SeatPrice(quote.cycle_price, quote.currency, promotion.discount if promotion else Decimal(0))
    quantity = max(line.request.quantity, 0)
    return msgspec.structs.replace(
        line,
        quote=quote,
        promotion=promotion,
        term=term,
        pricing=rules.price_line(seat, quantity, term, plan.duration, plan.billing_cycle),
    )


def _end_within(uow: UnitOfWork, request: LineRequest, plan: Plan) -> date | None:
    """The end date asked for, as far as a price can be given for it; the rules refuse the others."""
    if request.custom_term_end_on is None or plan.duration is None:
        return None
    plain = first_term(uow.now, plan.duration)
    if plain.ends_on is None or not plain.starts_on <= request.custom_term_end_on:
        return None
    return min(request.custom_term_end_on, plain.ends_on + timedelta(days=1))


def _promotion(
    uow: UnitOfWork, known: _Known, line: AssessedLine, priced: Priced, promotions: Mapping[str, Sequence[Promotion]]
) -> Promotion | None:
    """The promotion asked for, or else the best of those that apply by themselves."""
    item, plan = priced.item, priced.plan
    bound = [each for each in promotions[item.id.sku] if each.segment is item.segment]
    if not bound:
        return None
    segments = frozenset(each for each in Segment if may_buy_segment(each, known.qualifications))
    buyer = subscriptions.promotion_buyer_of(known.customer.country, segments, known.held)
    eligible = [
        promotion
        for promotion in bound
        if not ineligibilities(
            promotion,
            buyer,
            uow.now,
            quantity=line.request.quantity,
            duration=plan.duration,
            billing_cycle=plan.billing_cycle,
        )
    ]
    asked = line.request.promotion_id.upper()
    if asked:
        return next((promotion for promotion in eligible if promotion.id.upper() == asked), None)
    return best_promotion(promotion for promotion in eligible if promotion.is_auto_applicable)


def _wanted(line: AssessedLine) -> LineWanted:
    request = line.request
    return LineWanted(
        number=line.number,
        item=line.offered.item if line.offered is not None else None,
        quantity=request.quantity,
        billing_cycle=request.billing_cycle,
        duration=request.duration,
        currency=request.currency.upper(),
        promotion_id=request.promotion_id.upper(),
        participants=request.participants,
        provisioning_context=request.provisioning_context,
        custom_term_end_on=request.custom_term_end_on,
        attestation_accepted=request.attestation_accepted,
        is_legacy=is_legacy_offer_id(request.catalog_item_id),
    )


def _grouped(line: AssessedLine) -> GroupedLine:
    answer = line.answer
    return GroupedLine(answer.billing_cycle, answer.currency, is_legacy_offer_id(line.request.catalog_item_id))


# --- who buys


def _buyer(uow: UnitOfWork, known: _Known, lines: Sequence[AssessedLine]) -> Buyer:
    owned: dict[str, int] = {}
    held: dict[str, int] = {}
    ever: dict[str, int] = {}
    for each in known.held:
        ever[each.sku] = ever.get(each.sku, 0) + each.count
        if each.status in HELD:
            held[each.sku] = held.get(each.sku, 0) + each.count
        if each.status is Status.ACTIVE:
            owned[each.sku] = owned.get(each.sku, 0) + each.seats
    known_ids, resellers = _resellers(uow, known, _named(lines))
    promotions: dict[str, frozenset[str]] = {}
    for line in lines:
        if line.offered is not None and line.plan is not None and line.promotion is not None:
            key = rules.promotion_key(line.offered.item, line.plan)
            promotions[key] = promotions.get(key, frozenset()) | {line.promotion.id}
    market = {
        line.offered.item.currency
        for line in lines
        if line.offered is not None and line.offered.item.country == known.customer.country
    }
    return Buyer(
        country=known.customer.country,
        currencies=frozenset(market | {known.account.currency}),
        qualifications=known.qualifications,
        owned_skus=owned,
        held_skus=held,
        ever_held_skus=ever,
        is_indirect_provider=known.is_indirect_provider,
        own_mpn_id=known.account.global_partner_id,
        resellers=resellers,
        known_mpn_ids=known_ids,
        promotions=promotions,
        coterm_targets=_coterm_targets(uow, known, lines),
        azure_subscriptions=_azure_subscriptions(uow, known, lines),
        restricted_skus=frozenset(_sold_out(lines)),
        is_sandbox=uow.world.settings.sandbox_limits,
    )


def _coterm_targets(uow: UnitOfWork, known: _Known, lines: Sequence[AssessedLine]) -> tuple[CotermTarget, ...]:
    """What an end date may be aligned with, where a line names one."""
    if all(line.request.custom_term_end_on is None for line in lines):
        return ()
    return tuple(subscriptions.coterm_targets(uow, known.customer.commerce_id))


def _azure_subscriptions(
    uow: UnitOfWork, known: _Known, lines: Sequence[AssessedLine]
) -> Mapping[str, AzureSubscription]:
    """What a reservation can be bought for, where a line is one."""
    if all(line.offered is None or line.offered.item.kind is not ProductKind.RESERVATION for line in lines):
        return {}
    return {
        str(row.id): AzureSubscription(row.status is Status.ACTIVE, row.registration == "registered")
        for row in subscriptions.azure_plans(uow, known.customer.commerce_id)
    }


def _named(lines: Iterable[AssessedLine]) -> set[str]:
    return {
        person.mpn_id
        for line in lines
        for person in line.request.participants
        if person.role in {RESELLER, ADDITIONAL_RESELLER}
    }


def _resellers(uow: UnitOfWork, known: _Known, mpn_ids: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Which of these ids exist, and which of them are active indirect resellers'."""
    tenants = {mpn_id: partners.name_of_partner_id(uow, mpn_id) for mpn_id in mpn_ids}
    exist = {mpn_id: found[1] for mpn_id, found in tenants.items() if found is not None}
    fit = {mpn_id for mpn_id, tenant_id in exist.items() if _is_reseller(uow, known, tenant_id)}
    return frozenset(exist), frozenset(fit)


def _is_reseller(uow: UnitOfWork, known: _Known, tenant_id: UUID) -> bool:
    """Whether a tenant is an active indirect reseller and works with the seller. Source: portal-workspaces §2.8."""
    return relationships.csp_kind(uow, tenant_id) is PartnerKind.INDIRECT_RESELLER and relationships.are_partners(
        uow, known.account.tenant_id, tenant_id
    )


def _sold_out(lines: Iterable[AssessedLine]) -> Iterable[str]:
    """SKUs that the region named by a line does not have."""
    for line in lines:
        if line.offered is not None and line.offered.sku.has_inventory:
            context = {key.lower(): value for key, value in line.request.provisioning_context.items()}
            sku = line.offered.sku
            region = context.get("armregionname", sku.attributes.get("armRegionName", ""))
            if region.lower() in sku.restricted_regions:
                yield sku.key


def _parent_problems(known: _Known, line: AssessedLine) -> Iterable[LineProblem]:
    """An add-on for a subscription needs that one active, and of a SKU that it goes with."""
    parent_id = line.request.parent_subscription_id
    if parent_id is None or line.offered is None:
        return
    parent = known.parents.get(parent_id)
    if parent is None or parent.status is not Status.ACTIVE:
        yield LineProblem(
            line.number,
            rules.Problem.PARENT_INVALID,
            "The parentSubscriptionId names no active subscription of the customer.",
        )
    elif f"{parent.product_id}:{parent.sku_id}" not in line.offered.sku.prerequisite_skus:
        yield LineProblem(
            line.number,
            rules.Problem.PARENT_UNFIT,
            f"{line.offered.sku.title} does not go with {parent.offer_name}. Name a base that it needs.",
        )


# --- the conditions


def _facts(uow: UnitOfWork, known: _Known, lines: Sequence[AssessedLine]) -> PurchaseFacts:
    customer = known.customer
    reason = _partner_reason(uow, known.account, known.enrolments)
    billing = customers.billing_profile(uow, customer)
    registration = countries.rules_of(customer.country).registration_number
    return PurchaseFacts(
        partner_id=str(customer.partner_id),
        customer_id=str(customer.tenant_id),
        is_program_active=reason is None or reason.code == NOT_SIGNED,
        has_reseller_relationship=customer.is_active,
        is_partner_agreement_signed=reason is None or reason.code != NOT_SIGNED,
        is_indirect_reseller_agreement_signed=_reseller_signed(uow, lines),
        validation=_VALIDATION[customer.review] if customer.review is not None else None,
        is_customer_agreement_accepted=customers.has_agreement(uow, customer),
        has_address=not problems_of(billing.default_address),
        needs_phone_number=registration is not None,
        has_phone_number=bool(billing.default_address.phone_number.strip()),
        needs_registration_number=registration is not None,
        has_registration_number=bool(customer.registration_number.strip()),
        segments=frozenset(line.offered.item.segment for line in lines if line.offered is not None),
        qualifications=known.qualifications,
    )


NOT_SIGNED = 900124


def _partner_reason(uow: UnitOfWork, account: PartnerAccount, enrolments: Sequence[ProgramEnrolment]) -> Reason | None:
    return blocked(permissions.ORDERS_PLACE, partner_service.standing_with(uow, account, enrolments))


def _reseller_signed(uow: UnitOfWork, lines: Sequence[AssessedLine]) -> bool | None:
    """Whether each indirect reseller on the lines has signed; none when none is named or known."""
    answers: list[bool] = []
    for mpn_id in sorted(_named(lines)):
        found = partners.name_of_partner_id(uow, mpn_id)
        account = partners.account_of(uow, found[1]) if found is not None else None
        if account is not None:
            reason = _partner_reason(uow, account, partners.enrolments(uow, account.tenant_id))
            answers.append(reason is None or reason.code != NOT_SIGNED)
    return all(answers) if answers else None
