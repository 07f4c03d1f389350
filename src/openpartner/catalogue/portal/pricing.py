"""The partner's pricing workspace: what things cost, in each market and month, and what is on promotion.

Source: portal-workspaces §4: indirect resellers see no prices here, their provider tells them.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from openpartner.catalogue import page_queries, queries
from openpartner.catalogue.models import Product
from openpartner.catalogue.page_queries import PriceLine, PriceListFilter, PromotionFilter, Window
from openpartner.catalogue.portal.price_lists import sheet_of
from openpartner.catalogue.portal.promotions import percent, promotion_columns
from openpartner.catalogue.portal.shared import (
    CYCLE_WORDS,
    KIND_WORDS,
    SEGMENTS,
    amount,
    change_badge,
    change_share,
    file_of,
    instants_of,
    market_words,
    month_of,
    months_around,
    paging_keys,
    plan_words,
    quantity_words,
    term_words,
    unit_price,
    valid_until,
    window_of,
)
from openpartner.catalogue.rules import MONTH, SEGMENT_WORDS, THREE_YEARS, YEAR, ProductKind, Segment
from openpartner.customers import queries as customers
from openpartner.partner import queries as partner
from openpartner.partner.rules import PartnerKind, Program, ProgramState
from openpartner.platform.permissions import ORDERS_PLACE, PRICES, PROMOTIONS
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb, show_rate
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
BASE = "/pricing"
HOME = (Crumb("Home", "/"), Crumb("Pricing", BASE))


class Family(msgspec.Struct, frozen=True):
    """Products that are listed together. shelf: the tab of a new order where they are bought, empty for the first."""

    title: str
    kinds: frozenset[ProductKind]
    shelf: str


FAMILIES: Final[Mapping[str, Family]] = {
    "online": Family("Online services", frozenset({ProductKind.LICENSE}), ""),
    "software": Family("Software", frozenset(kind for kind in ProductKind if kind.is_software), "software"),
    "azure": Family("Azure plan", frozenset({ProductKind.AZURE_PLAN}), "azure"),
    "reservations": Family(
        "Reservations and savings plans",
        frozenset({ProductKind.RESERVATION, ProductKind.SAVINGS_PLAN}),
        "reservations",
    ),
    "marketplace": Family("Marketplace", frozenset({ProductKind.SAAS}), "marketplace"),
}
_TERMS: Final = (
    *(Choice(str(term), term_words(term)) for term in (MONTH, YEAR, THREE_YEARS)),
    Choice("none", "No term"),
)

COLUMNS = (
    Column[PriceLine](
        "product",
        "Product",
        lambda line: Noted(line.sku.title, line.sku.key),
        href=lambda line: f"{BASE}/products/{line.product.id}?market={line.price.market}",
        sortable=True,
        export=lambda line: line.sku.title,
    ),
    Column[PriceLine]("id", "Product ID", lambda line: line.product.id, optional=True),
    Column[PriceLine]("sku", "SKU ID", lambda line: line.sku.id, optional=True),
    Column[PriceLine]("publisher", "Publisher", lambda line: line.product.publisher_name, optional=True),
    Column[PriceLine]("segment", "Segment", lambda line: SEGMENT_WORDS[line.price.segment]),
    Column[PriceLine]("term", "Term", lambda line: term_words(line.price.plan.duration)),
    Column[PriceLine]("billing", "Billing", lambda line: CYCLE_WORDS[line.price.billing_cycle]),
    Column[PriceLine](
        "price",
        "Unit price",
        unit_price,
        sortable=True,
        numeric=True,
        export=lambda line: amount(line.price.unit_price),
    ),
    Column[PriceLine](
        "erp",
        "Retail price",
        lambda line: show_rate(line.price.erp_price, line.price.currency),
        numeric=True,
        export=lambda line: amount(line.price.erp_price),
    ),
    Column[PriceLine](
        "change",
        "Change",
        change_badge,
        export=lambda line: "New" if line.before is None else amount(line.price.unit_price - line.before),
    ),
    Column[PriceLine]("from", "Valid from", lambda line: line.price.valid_from.date(), sortable=True),
    Column[PriceLine]("until", "Valid until", valid_until, optional=True),
    Column[PriceLine]("currency", "Currency", lambda line: line.price.currency, optional=True),
)


def _percent_of(line: PriceLine) -> object:
    share = change_share(line)
    return None if share is None else round(share * 100, 2)


FILE_COLUMNS = (
    *COLUMNS,
    Column[PriceLine]("share", "Change in percent", _percent_of),
    Column[PriceLine]("before", "Price a month before", lambda line: amount(line.before)),
)


def _is_reseller(uow: UnitOfWork) -> bool:
    found = partner.enrolment(uow, uow.actor.tenant, Program.CSP)
    return found is not None and found.kind is PartnerKind.INDIRECT_RESELLER and found.state is ProgramState.ACTIVE


def _blocked(page: Page, uow: UnitOfWork) -> Response[Any]:
    return page.render(uow, "catalogue/pricing_blocked.html", status=403, crumbs=[HOME[0], Crumb("Pricing")])


def _own_market(uow: UnitOfWork, markets: list[str]) -> str:
    """The market shown at first: the partner's own country, where anything is sold there."""
    account = partner.account_of(uow, uow.actor.tenant)
    country = account.country if account else ""
    return country if country in markets else "US" if "US" in markets else next(iter(markets), "")


def _tabs(uow: UnitOfWork, current: str) -> list[tuple[str, str, bool]]:
    links = [("Price list", BASE, PRICES.read), ("Promotions", f"{BASE}/promotions", PROMOTIONS.read)]
    return [(title, href, title == current) for title, href, needed in links if uow.actor.may(needed)]


def _filters(uow: UnitOfWork, markets: list[str]) -> tuple[Filter, ...]:
    """A price list is always of one market and one month; the partner's own and the present one come first."""
    named = sorted((market_words(code), code) for code in markets)
    return (
        Filter("market", "Market", tuple(Choice(code, name) for name, code in named), _own_market(uow, markets)),
        Filter("month", "Month", months_around(uow.now), month_of(uow.now)),
        Filter("family", "Family", tuple(Choice(key, family.title) for key, family in FAMILIES.items())),
        Filter("segment", "Segment", SEGMENTS),
        Filter("term", "Term", _TERMS),
    )


def _wanted(uow: UnitOfWork, asked: ListRequest, market: str) -> PriceListFilter:
    filters = asked.filters
    at, compared_at = instants_of(filters.get("month", month_of(uow.now)), uow.now)
    family, segment, term = (filters.get(name) for name in ("family", "segment", "term"))
    return PriceListFilter(
        market=market,
        at=at,
        compared_at=compared_at,
        segments=frozenset({Segment(segment)}) if segment else frozenset(Segment),
        kinds=FAMILIES[family].kinds if family else frozenset(ProductKind),
        text=asked.search,
        duration=None if term is None else "" if term == "none" else term,
        sort=asked.sort,
    )


@get(BASE, include_in_schema=False, sync_to_thread=True)
def show_price_list(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """The price list of a market in a month."""
    with page.begin.read() as uow:
        uow.actor.require(PRICES.read)
        if _is_reseller(uow):
            return _blocked(page, uow)
        markets = queries.markets(uow)
        filters = _filters(uow, markets)
        asked = read_list_request(
            BASE, request.query_params.multi_items(), columns=COLUMNS, filters=filters, sort="product"
        )
        market = asked.filters.get("market") or _own_market(uow, markets)
        wanted = _wanted(uow, asked, market)
        if asked.export:
            rows = page_queries.every_price(uow, wanted, descending=asked.descending)
            return file_of(uow, asked, FILE_COLUMNS, rows, f"Prices {market}")
        part = page_queries.prices_page(uow, wanted, window_of(asked))
        next_key, previous_key = paging_keys(part)
        prices = Table(
            "prices",
            f"Price list of {market_words(market)}" if market else "Price list",
            COLUMNS,
            part.rows,
            asked,
            Empty(
                "No prices yet",
                "The programme operator publishes a price list on the first of each month. It appears here at once.",
                icon="money",
            ),
            total=page_queries.count_prices(uow, wanted),
            search_label="Search by product, publisher or ID",
            filters=filters,
            next_key=next_key,
            previous_key=previous_key,
        )
        download = Action("Download price list", href=f"{BASE}/download?market={market}", icon="arrow_download")
        return page.render(
            uow,
            "catalogue/pricing.html",
            prices=prices,
            market=market_words(market) if market else "",
            currency=part.rows[0].price.currency if part.rows else "",
            at=wanted.at,
            is_preview=wanted.at > uow.now,
            actions=[download] if market else [],
            tabs=_tabs(uow, "Price list"),
            crumbs=[HOME[0], Crumb("Pricing")],
        )


@get(f"{BASE}/download", include_in_schema=False, sync_to_thread=True)
def download_prices(page: NamedDependency[Page], market: FromQuery[str] = "") -> Response[Any]:
    """A market's prices from now on, in the public price-list columns."""
    with page.begin.read() as uow:
        uow.actor.require(PRICES.read)
        if _is_reseller(uow):
            return _blocked(page, uow)
        return sheet_of(uow, market, [*ProductKind])


@get(f"{BASE}/promotions", include_in_schema=False, sync_to_thread=True)
def show_promotions(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """What runs, or is to come, in a market."""
    path = f"{BASE}/promotions"
    with page.begin.read() as uow:
        uow.actor.require(PROMOTIONS.read)
        if _is_reseller(uow):
            return _blocked(page, uow)
        markets = queries.markets(uow)
        market_filter = _filters(uow, markets)[0]
        state = Filter("state", "State", (Choice("running", "Running"), Choice("coming", "Coming")))
        filters = (market_filter, state, Filter("segment", "Segment", SEGMENTS))
        columns = promotion_columns(uow.now, "", f"{BASE}/products")
        asked = read_list_request(path, request.query_params.multi_items(), columns=columns, filters=filters)
        segment = asked.filters.get("segment")
        market = asked.filters.get("market") or _own_market(uow, markets)
        wanted = PromotionFilter(
            at=uow.now,
            text=asked.search,
            state=asked.filters.get("state", ""),
            market=market,
            segment=Segment(segment) if segment else None,
        )
        rows = [row for row in page_queries.promotion_rows(uow, wanted) if row.promotion.ends_at >= uow.now]
        if asked.export:
            return file_of(uow, asked, columns, iter(rows), "Promotions")
        table = Table(
            "promotions",
            "Promotions",
            columns,
            rows,
            asked,
            Empty("No promotions", "There are none in this market at the moment, and none are announced.", icon="gift"),
            total=len(rows),
            search_label="Search by promotion, product or ID",
            filters=filters,
        )
        return page.render(
            uow,
            "catalogue/promotions.html",
            promotions=table,
            heading="Pricing",
            lead=f"Promotions for {market_words(wanted.market)}. Eligible orders get the best one automatically."
            if wanted.market
            else "",
            actions=[],
            tabs=_tabs(uow, "Promotions"),
            crumbs=[*HOME, Crumb("Promotions")],
        )


# --- one product

_PLAN_COLUMNS = (
    Column[PriceLine]("plan", "Term and billing", lambda line: plan_words(line.price.plan)),
    Column[PriceLine]("segment", "Segment", lambda line: SEGMENT_WORDS[line.price.segment]),
    Column[PriceLine]("price", "Unit price", unit_price, numeric=True),
    Column[PriceLine](
        "erp", "Retail price", lambda line: show_rate(line.price.erp_price, line.price.currency), numeric=True
    ),
    Column[PriceLine]("change", "Change", change_badge),
    Column[PriceLine]("from", "Valid from", lambda line: line.price.valid_from.date()),
)


@get(f"{BASE}/products/{{product_id:str}}", include_in_schema=False, sync_to_thread=True)
def show_product(
    product_id: FromPath[str],
    page: NamedDependency[Page],
    market: FromQuery[str] = "",
    customer: FromQuery[str] = "",
) -> Response[Any]:
    """A product as a partner sells it: its SKUs with their plans, prices and promotions in one market."""
    with page.begin.read() as uow:
        uow.actor.require(PRICES.read)
        if _is_reseller(uow):
            return _blocked(page, uow)
        markets = queries.markets(uow)
        chosen = market.upper() if market.upper() in markets else _own_market(uow, markets)
        showcase = queries.Showcase(chosen, frozenset(Segment))
        product = queries.one_product(uow, showcase, product_id)
        at, compared_at = instants_of(month_of(uow.now), uow.now)
        wanted = PriceListFilter(chosen, at, compared_at, product_id=product.id)
        lines = page_queries.prices_page(uow, wanted, Window(1_000)).rows
        skus = [
            {
                "sku": sku,
                "quantity": quantity_words(sku),
                "table": Table(
                    f"prices-{sku.id}",
                    f"Prices of {sku.title}",
                    _PLAN_COLUMNS,
                    [line for line in lines if line.sku.id == sku.id],
                    ListRequest(""),
                    Empty("No price at present", "It has none in this market now."),
                    exports=False,
                ),
            }
            for sku in queries.skus(uow, showcase, product.id)
        ]
        promotions = page_queries.promotion_rows(
            uow, PromotionFilter(at=uow.now, state="running", market=chosen, product_id=product.id)
        )
        return page.render(
            uow,
            "catalogue/pricing_product.html",
            product=product,
            kind=KIND_WORDS[product.kind],
            skus=skus,
            promotions=[(row.promotion.terms, percent(row.promotion.terms.discount)) for row in promotions],
            market=chosen,
            market_name=market_words(chosen),
            markets=[Choice(code, market_words(code)) for code in markets],
            buyers=_buyers(uow, product, customer) if uow.actor.may(ORDERS_PLACE.write) else None,
            customer=customer,
            crumbs=[*HOME, Crumb(product.title)],
        )


def _buyers(uow: UnitOfWork, product: Product, text: str) -> list[tuple[str, str, str]]:
    """Customers that the text means, each with the page where this product is put into its cart."""
    found = customers.search_customers(uow, text, limit=8) if text.strip() else []
    shelf = next(family.shelf for family in FAMILIES.values() if product.kind in family.kinds)
    tab = f"/{shelf}" if shelf else ""
    query = urlencode({"q": product.title})
    return [(row.company_name, row.domain, f"/customers/{row.tenant_id}/orders/new{tab}?{query}") for row in found]


ROUTES: list[Any] = [show_price_list, download_prices, show_promotions, show_product]
