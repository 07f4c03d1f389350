"""The operator's promotions: the list, and the form that publishes or replaces one."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from openpartner.catalogue import page_queries, queries, service
from openpartner.catalogue.page_queries import PromotionFilter, PromotionRow
from openpartner.catalogue.portal.shared import (
    CYCLE_WORDS,
    SEGMENTS,
    attempt,
    file_of,
    plan_words,
    term_words,
)
from openpartner.catalogue.rules import (
    MONTH,
    SEGMENT_WORDS,
    THREE_YEARS,
    YEAR,
    BillingCycle,
    Duration,
    Plan,
    Promotion,
    Segment,
)
from openpartner.platform.countries import MARKETS
from openpartner.platform.errors import InvalidFields
from openpartner.platform.identifiers import ALPHANUMERIC
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    Filter,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
BASE = "/operator/promotions"
HOME = (Crumb("Home", "/"), Crumb("Promotions", BASE))
STATES = (Choice("running", "Running"), Choice("coming", "Coming"), Choice("over", "Over"))
TERMS = tuple(Choice(str(term), term_words(term)) for term in (MONTH, YEAR, THREE_YEARS))
CYCLES = tuple(Choice(cycle.value, words) for cycle, words in CYCLE_WORDS.items() if cycle is not BillingCycle.NONE)


def percent(discount: Decimal) -> str:
    """``15%``."""
    return f"{(discount * 100).normalize():f}%"


def markets_words(promotion: Promotion) -> str:
    """Where it counts."""
    codes = sorted(promotion.markets)
    shown = 4
    return "All" if not codes else ", ".join(codes) if len(codes) <= shown else f"{len(codes)} markets"


def seats_words(promotion: Promotion) -> str:
    """How many seats a purchase must have."""
    low, high = promotion.minimum_seats, promotion.maximum_seats
    if low is None and high is None:
        return "Any"
    return f"{low or 1} to {high}" if high else f"{low} or more"


def state_of(promotion: Promotion, now: datetime) -> Badge:
    """Running, coming or over."""
    if promotion.starts_at > now:
        return Badge("Coming", "info")
    return Badge("Running", "success") if promotion.runs(now) else Badge("Over")


def promotion_columns(now: datetime, base: str, product_base: str) -> tuple[Column[PromotionRow], ...]:
    """The columns of both lists. base: where a promotion's page is, empty for none."""
    return (
        Column(
            "name",
            "Promotion",
            lambda row: Noted(row.promotion.terms.name, row.promotion.id),
            href=(lambda row: f"{base}/{row.promotion.id}") if base else None,
            export=lambda row: row.promotion.terms.name,
        ),
        Column("id", "Promotion ID", lambda row: row.promotion.id, optional=True),
        Column("product", "Product", lambda row: row.sku.title, href=lambda row: f"{product_base}/{row.product.id}"),
        Column("discount", "Discount", lambda row: percent(row.promotion.terms.discount), numeric=True),
        Column(
            "plan",
            "Term and billing",
            lambda row: plan_words(Plan(row.promotion.terms.duration, row.promotion.terms.billing_cycle)),
        ),
        Column("segment", "Segment", lambda row: SEGMENT_WORDS[row.promotion.segment], optional=True),
        Column("seats", "Seats", lambda row: seats_words(row.promotion.terms)),
        Column("markets", "Markets", lambda row: markets_words(row.promotion.terms), optional=not base),
        Column("from", "Starts", lambda row: row.promotion.starts_at.date(), optional=True),
        Column("until", "Ends", lambda row: row.promotion.ends_at.date()),
        Column("state", "State", lambda row: state_of(row.promotion.terms, now)),
    )


@get(BASE, include_in_schema=False, sync_to_thread=True)
def list_promotions(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """Every promotion."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        columns = promotion_columns(uow.now, BASE, "/operator/products")
        filters = (Filter("state", "State", STATES), Filter("segment", "Segment", SEGMENTS))
        asked = read_list_request(BASE, request.query_params.multi_items(), columns=columns, filters=filters)
        segment = asked.filters.get("segment")
        wanted = PromotionFilter(
            at=uow.now,
            text=asked.search,
            state=asked.filters.get("state", ""),
            segment=Segment(segment) if segment else None,
        )
        rows = page_queries.promotion_rows(uow, wanted)
        if asked.export:
            return file_of(uow, asked, columns, iter(rows), "Promotions")
        new = Action("New promotion", href=f"{BASE}/new", icon="add", primary=True)
        actions = [new] if uow.actor.may(OPERATOR_CATALOGUE.write) else []
        table = Table(
            "promotions",
            "Promotions",
            columns,
            rows,
            asked,
            Empty(
                "No promotions yet",
                "A promotion takes a share off the price of one SKU with one term, for who is eligible.",
                new if actions else None,
                "gift",
            ),
            total=len(rows),
            search_label="Search by promotion, product or ID",
            filters=filters,
        )
        return page.render(
            uow,
            "catalogue/promotions.html",
            promotions=table,
            heading="Promotions",
            lead="Discounts on one SKU with one term. Eligible orders get the largest one automatically.",
            actions=actions,
            tabs=[],
            crumbs=[HOME[0], Crumb("Promotions")],
        )


class PromotionForm(msgspec.Struct, kw_only=True):
    """A promotion. sku: ``product:sku``. discount: in percent. markets: codes, blank for all. Days are UTC's."""

    name: Annotated[str, Meta(title="Name", max_length=120)]
    description: Annotated[str, Meta(title="Description", max_length=1000)] = ""
    sku: Annotated[
        str,
        Meta(
            title="SKU",
            pattern=r"^[0-9A-Za-z]{12}:[0-9A-Za-z]{4}$",
            description=("SKU must be a product and SKU ID, such as CFQ7TTC0LH18:0001."),
        ),
    ]
    segment: Annotated[Segment, Meta(title="Segment")] = Segment.COMMERCIAL
    duration: Annotated[str, Meta(title="Term")]
    billing_cycle: Annotated[BillingCycle, Meta(title="Billing")]
    discount: Annotated[Decimal, Meta(title="Discount")]
    starts_on: Annotated[date, Meta(title="First day")]
    ends_on: Annotated[date, Meta(title="Last day")]
    markets: str = ""
    minimum_seats: Annotated[int | None, Meta(title="Minimum seats")] = None
    maximum_seats: Annotated[int | None, Meta(title="Maximum seats")] = None
    redemption_limit: Annotated[int | None, Meta(title="Uses per customer")] = None
    is_auto_applicable: bool = False
    is_for_new_buyers: bool = False

    def promotion(self, promotion_id: str) -> Promotion:
        """What the service is told. Raises InvalidFields."""
        codes = frozenset(code.upper() for code in self.markets.replace(",", " ").split())
        problems = {}
        if unknown := sorted(codes - set(MARKETS)):
            problems["markets"] = f"These are no markets: {', '.join(unknown)}. Give two-letter codes."
        if not 0 < self.discount < 100:
            problems["discount"] = "The discount is more than 0 and less than 100 percent."
        if self.ends_on < self.starts_on:
            problems["ends_on"] = "The last day lies before the first."
        if self.duration not in {choice.value for choice in TERMS}:
            problems["duration"] = "Choose a term from the list."
        lowest = [self.minimum_seats, self.maximum_seats, self.redemption_limit]
        for name, value in zip(("minimum_seats", "maximum_seats", "redemption_limit"), lowest, strict=True):
            if value is not None and value < 1:
                problems[name] = "This is 1 or more."
        if self.minimum_seats and self.maximum_seats and self.maximum_seats < self.minimum_seats:
            problems["maximum_seats"] = "The maximum is smaller than the minimum."
        if problems:
            raise InvalidFields(problems)
        product_id, _, sku_id = self.sku.upper().partition(":")
        return Promotion(
            id=promotion_id,
            name=self.name,
            description=self.description,
            product_id=product_id,
            sku_id=sku_id,
            duration=Duration.parse(self.duration),
            billing_cycle=self.billing_cycle,
            discount=self.discount / 100,
            starts_at=datetime.combine(self.starts_on, time(), UTC),
            ends_at=datetime.combine(self.ends_on, time(23, 59, 59), UTC),
            segment=self.segment,
            markets=codes,
            is_auto_applicable=self.is_auto_applicable,
            minimum_seats=self.minimum_seats,
            maximum_seats=self.maximum_seats,
            redemption_limit=self.redemption_limit,
            is_for_new_buyers=self.is_for_new_buyers,
        )


def _fields(promotion: Promotion) -> dict[str, Any]:
    names = [
        "name",
        "description",
        "segment",
        "minimum_seats",
        "maximum_seats",
        "redemption_limit",
        "is_auto_applicable",
        "is_for_new_buyers",
        "billing_cycle",
    ]
    return {name: getattr(promotion, name) for name in names} | {
        "sku": f"{promotion.product_id}:{promotion.sku_id}",
        "duration": str(promotion.duration),
        "discount": f"{(promotion.discount * 100).normalize():f}",
        "starts_on": promotion.starts_at.date(),
        "ends_on": promotion.ends_at.date(),
        "markets": ", ".join(sorted(promotion.markets)),
    }


def _show(page: Page, promotion_id: str, form: Form[Any] | None, status: int = 200) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        present = queries.any_promotion(uow, promotion_id) if promotion_id else None
        if form is None:
            start = {"billing_cycle": "monthly", "duration": "P1Y", "segment": "commercial", "is_auto_applicable": True}
            form = blank_form(_fields(present) if present else start | {"starts_on": uow.now.date()})
        return page.render(
            uow,
            "catalogue/promotion.html",
            status=status,
            f=form,
            promotion=present,
            state=state_of(present, uow.now) if present else None,
            terms=TERMS,
            cycles=CYCLES,
            segments=SEGMENTS,
            skus=[Choice(sku.key, f"{sku.title}") for sku in page_queries.sellable_skus(uow)],
            post_to=f"{BASE}/{present.id}" if present else BASE,
            crumbs=[*HOME, Crumb(present.name if present else "New promotion")],
        )


def _save(page: Page, promotion_id: str) -> Response[Any]:
    form = page.bind(PromotionForm)
    if not form.is_valid:
        return _show(page, promotion_id, form, 422)
    wanted = form.value

    def publish(uow: UnitOfWork) -> str:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        if promotion_id:
            present = queries.any_promotion(uow, promotion_id)
            made = msgspec.structs.replace(wanted.promotion(present.id), owned=present.owned)
        else:
            made = wanted.promotion(
                f"39NFJQT1{uow.ids.pick(ALPHANUMERIC, 4)}:0001:39NFJQT1{uow.ids.pick(ALPHANUMERIC, 4)}"
            )
        try:
            return service.publish_promotion(uow, made).terms.name
        except queries.SkuUnknown as refusal:
            raise InvalidFields({"sku": "No product in the catalogue has this SKU."}) from refusal

    name = attempt(page, form, publish)
    if name is None:
        return _show(page, promotion_id, form, 422)
    return page.redirect(BASE, note=f"{name} is published.")


@get(f"{BASE}/new", include_in_schema=False, sync_to_thread=True)
def new_promotion(page: NamedDependency[Page]) -> Response[str]:
    """The form for a promotion."""
    return _show(page, "", None)


@post(BASE, include_in_schema=False, sync_to_thread=True)
def add_promotion(page: NamedDependency[Page]) -> Response[Any]:
    """Publish a promotion."""
    return _save(page, "")


@get(f"{BASE}/{{promotion_id:str}}", include_in_schema=False, sync_to_thread=True)
def edit_promotion(promotion_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The form for a promotion that is there."""
    return _show(page, promotion_id, None)


@post(f"{BASE}/{{promotion_id:str}}", include_in_schema=False, sync_to_thread=True)
def replace_promotion(promotion_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Replace a promotion; purchases that used it keep what they got."""
    return _save(page, promotion_id)


ROUTES: list[Any] = [list_promotions, new_promotion, add_promotion, edit_promotion, replace_promotion]
