"""The operator's products: the list, one product with its SKUs, places and prices, and the forms that change them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Meta

from openpartner.catalogue import page_queries, queries, service
from openpartner.catalogue.models import Availability, Price, Product, Sku
from openpartner.catalogue.page_queries import ProductFilter, ProductRow, PromotionFilter
from openpartner.catalogue.portal.shared import (
    KIND_WORDS,
    KINDS,
    attempt,
    file_of,
    lines_of,
    market_words,
    paging_keys,
    plan_words,
    published_badge,
    quantity_words,
    window_of,
)
from openpartner.catalogue.rules import OFFER_CATEGORIES, SEGMENT_WORDS, OfferCategory, ProductKind
from openpartner.catalogue.service import ProductChange, ProductDraft, SkuDraft
from openpartner.platform.errors import InvalidFields, PreconditionFailed
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb, show_rate
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
BASE = "/operator/products"
HOME = (Crumb("Home", "/"), Crumb("Products", BASE))

COLUMNS = (
    Column[ProductRow](
        "title",
        "Product",
        lambda row: Noted(row.product.title, row.product.id),
        href=lambda row: f"{BASE}/{row.product.id}",
        sortable=True,
        export=lambda row: row.product.title,
    ),
    Column[ProductRow]("id", "Product ID", lambda row: row.product.id, optional=True),
    Column[ProductRow]("kind", "Kind", lambda row: KIND_WORDS[row.product.kind]),
    Column[ProductRow]("publisher", "Publisher", lambda row: row.product.publisher_name, sortable=True),
    Column[ProductRow]("skus", "SKUs", lambda row: row.skus, numeric=True),
    Column[ProductRow]("markets", "Markets", lambda row: row.markets, numeric=True),
    Column[ProductRow]("state", "State", lambda row: published_badge(is_published=row.product.is_published)),
    Column[ProductRow]("created", "Added", lambda row: row.product.created_at.date(), sortable=True, optional=True),
)
FILTERS = (
    Filter("kind", "Kind", KINDS),
    Filter("state", "State", (Choice("published", "Published"), Choice("withdrawn", "Withdrawn"))),
)
NEW = Action("New product", href=f"{BASE}/new", icon="add", primary=True)


@get(BASE, include_in_schema=False, sync_to_thread=True)
def list_products(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """Every product, on sale or not."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        asked = read_list_request(
            BASE, request.query_params.multi_items(), columns=COLUMNS, filters=FILTERS, sort="title"
        )
        kind, state = asked.filters.get("kind"), asked.filters.get("state")
        wanted = ProductFilter(
            text=asked.search,
            kind=ProductKind(kind) if kind else None,
            is_published={"published": True, "withdrawn": False}.get(state or ""),
            sort=asked.sort,
        )
        if asked.export:
            rows = page_queries.every_product_row(uow, wanted, descending=asked.descending)
            return file_of(uow, asked, COLUMNS, rows, "Products")
        part = page_queries.products_page(uow, wanted, window_of(asked))
        next_key, previous_key = paging_keys(part)
        may_write = uow.actor.may(OPERATOR_CATALOGUE.write)
        table = Table(
            "products",
            "Products",
            COLUMNS,
            part.rows,
            asked,
            Empty(
                "The catalogue is empty",
                "Add the first product, then give it prices with a price list.",
                NEW if may_write else None,
                "box",
            ),
            total=page_queries.count_products(uow, wanted),
            search_label="Search by product, publisher or ID",
            filters=FILTERS,
            next_key=next_key,
            previous_key=previous_key,
        )
        return page.render(
            uow,
            "catalogue/products.html",
            products=table,
            actions=[NEW] if may_write else [],
            crumbs=[HOME[0], Crumb("Products")],
        )


# --- one product


def _sku_columns(*, may_write: bool) -> tuple[Column[Sku], ...]:
    return (
        Column(
            "sku",
            "SKU",
            lambda sku: Noted(sku.title, f"{sku.id} · {sku.unit_of_measure}"),
            href=(lambda sku: f"{BASE}/{sku.product_id}/skus/{sku.id}/edit") if may_write else None,
        ),
        Column("what", "What it is", _sort_of),
        Column("quantity", "Quantity", quantity_words),
        Column("limit", "Per customer", _limit),
    )


def _sort_of(sku: Sku) -> Badge | str:
    if sku.is_trial:
        return Badge("Trial", "info")
    return Badge("Add-on", "brand") if sku.is_addon else "Paid"


def _limit(sku: Sku) -> str:
    if sku.ownership_limit is None:
        return "No limit"
    return f"{sku.ownership_limit}{' ever' if sku.is_ownership_limit_lifetime else ' at a time'}"


def _plain_table(key: str, title: str, columns: Sequence[Column[Any]], rows: Sequence[Any], empty: Empty) -> Table[Any]:
    """A table inside a card."""
    return Table(key, title, columns, rows, ListRequest(""), empty, exports=False)


def _frame(uow: UnitOfWork, product: Product, tab: str) -> dict[str, Any]:
    path = f"{BASE}/{product.id}"
    links = [("Overview", path), ("Where it is sold", f"{path}/places"), ("Prices", f"{path}/prices")]
    actions = []
    if uow.actor.may(OPERATOR_CATALOGUE.write):
        fields = {"version": str(product.version)}
        actions.append(Action("Change", href=f"{path}/edit", icon="edit"))
        if product.is_published:
            text = (
                "It disappears from the catalogue of every market at once, and nobody can buy it. "
                "Subscriptions that hold it keep it and renew."
            )
            asked = Confirm(f"Withdraw {product.title}?", text, "Withdraw", danger=True)
            actions.append(Action("Withdraw", post=f"{path}/withdraw", icon="stop", fields=fields, confirm=asked))
        else:
            text = "It is on sale again at once, in every market and segment in which it has a price."
            asked = Confirm(f"Publish {product.title}?", text, "Publish")
            actions.append(
                Action("Publish", post=f"{path}/publish", icon="play", fields=fields, confirm=asked, primary=True)
            )
    return {
        "product": product,
        "kind": KIND_WORDS[product.kind],
        "state": published_badge(is_published=product.is_published),
        "actions": actions,
        "tabs": [(title, href, title == tab) for title, href in links],
        "crumbs": [*HOME, Crumb(product.title)],
    }


@get(f"{BASE}/{{product_id:str}}", include_in_schema=False, sync_to_thread=True)
def show_product(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The product and its SKUs."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        product = queries.product_to_change(uow, product_id)
        places = page_queries.availabilities_of(uow, product.id)
        promotions = page_queries.promotion_rows(uow, PromotionFilter(at=uow.now, product_id=product.id))
        may_write = uow.actor.may(OPERATOR_CATALOGUE.write)
        add = Action("Add SKU", href=f"{BASE}/{product.id}/skus/new", icon="add")
        skus = _plain_table(
            "skus",
            "SKUs",
            _sku_columns(may_write=may_write),
            queries.every_sku(uow, [product.id]),
            Empty("No SKUs", "Add one."),
        )
        return page.render(
            uow,
            "catalogue/product.html",
            skus=skus,
            sku_actions=[add] if may_write else [],
            market_count=len({place.market for place in places if place.is_purchasable}),
            promotions=promotions,
            **_frame(uow, product, "Overview"),
        )


PLACE_COLUMNS = (
    Column[Availability](
        "market",
        "Market",
        lambda place: Noted(market_words(place.market), place.market),
        href=lambda place: f"{BASE}/{place.product_id}/prices?market={place.market}",
    ),
    Column[Availability]("segment", "Segment", lambda place: SEGMENT_WORDS[place.segment]),
    Column[Availability]("sku", "SKU", lambda place: place.sku_id),
    Column[Availability]("id", "Availability ID", lambda place: place.id),
    Column[Availability]("currency", "Currency", lambda place: place.currency),
    Column[Availability]("plans", "Plans", lambda place: "; ".join(map(plan_words, place.plans))),
    Column[Availability](
        "state", "State", lambda place: Badge("On sale", "success") if place.is_purchasable else Badge("Withdrawn")
    ),
)


@get(f"{BASE}/{{product_id:str}}/places", include_in_schema=False, sync_to_thread=True)
def show_places(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """Each market and segment in which the product is or was sold."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        product = queries.product_to_change(uow, product_id)
        upload = Action("Upload price list", href="/operator/price-lists/upload", icon="arrow_upload")
        places = _plain_table(
            "places",
            "Where it is sold",
            PLACE_COLUMNS,
            page_queries.availabilities_of(uow, product.id),
            Empty("Not sold anywhere yet", "A product is sold where a price list gives it a price.", upload, "globe"),
        )
        return page.render(
            uow, "catalogue/product_places.html", places=places, **_frame(uow, product, "Where it is sold")
        )


def _price_columns(now: datetime) -> tuple[Column[Price], ...]:
    return (
        Column("plan", "SKU and plan", lambda price: Noted(f"{price.sku_id} · {plan_words(price.plan)}", _tier(price))),
        Column("segment", "Segment", lambda price: SEGMENT_WORDS[price.segment]),
        Column("price", "Unit price", lambda price: show_rate(price.unit_price, price.currency), numeric=True),
        Column("erp", "ERP", lambda price: show_rate(price.erp_price, price.currency), numeric=True),
        Column("from", "From", lambda price: price.valid_from),
        Column("until", "Until", lambda price: price.valid_until or "Open"),
        Column("state", "State", lambda price: _price_state(price, now)),
    )


def _tier(price: Price) -> str:
    if not price.tier_from and price.tier_to is None:
        return ""
    return f"From {price.tier_from.normalize():f} units" + (f" to {price.tier_to:f}" if price.tier_to else "")


def _price_state(price: Price, now: datetime) -> Badge:
    if price.valid_from > now:
        return Badge("Coming", "info")
    if price.valid_until is not None and price.valid_until < now:
        return Badge("Over")
    return Badge("In force", "success")


@get(f"{BASE}/{{product_id:str}}/prices", include_in_schema=False, sync_to_thread=True)
def show_prices(product_id: FromPath[str], page: NamedDependency[Page], market: FromQuery[str] = "") -> Response[str]:
    """The price history of the product in one market."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        product = queries.product_to_change(uow, product_id)
        markets = sorted({place.market for place in page_queries.availabilities_of(uow, product.id)})
        chosen = market.upper() if market.upper() in markets else "US" if "US" in markets else next(iter(markets), "")
        upload = Action("Upload price list", href="/operator/price-lists/upload", icon="arrow_upload")
        prices = _plain_table(
            "prices",
            f"Prices in {market_words(chosen)}" if chosen else "Prices",
            _price_columns(uow.now),
            page_queries.prices_of(uow, product.id, chosen),
            Empty("No prices yet", "Prices come with a price list.", upload, "money"),
        )
        return page.render(
            uow,
            "catalogue/product_prices.html",
            prices=prices,
            markets=[Choice(code, market_words(code)) for code in markets],
            market=chosen,
            **_frame(uow, product, "Prices"),
        )


def _set_published(product_id: str, page: Page, *, is_published: bool) -> Response[bytes]:
    version = page.form.get("version")
    with page.begin() as uow:
        product = service.change_product(
            uow,
            product_id,
            ProductChange(is_published=is_published),
            version=int(version) if version.isdecimal() else None,
        )
        path, title = f"{BASE}/{product.id}", product.title
    words = "is on sale again" if is_published else "is withdrawn from sale"
    return page.redirect(path, note=f"{title} {words}.")


@post(f"{BASE}/{{product_id:str}}/withdraw", include_in_schema=False, sync_to_thread=True)
def withdraw_product(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Take a product from sale."""
    return _set_published(product_id, page, is_published=False)


@post(f"{BASE}/{{product_id:str}}/publish", include_in_schema=False, sync_to_thread=True)
def republish_product(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Put a withdrawn product on sale."""
    return _set_published(product_id, page, is_published=True)


# --- forms

Title = Annotated[str, Meta(title="Title", max_length=256)]


class NewProduct(msgspec.Struct, kw_only=True, rename="camel"):
    """A product with its first SKU. id: blank for a made one."""

    kind: Annotated[ProductKind, Meta(title="Kind")]
    title: Title
    description: Annotated[str, Meta(title="Description", max_length=4000)] = ""
    publisher_name: Annotated[str, Meta(title="Publisher", max_length=128)]
    publisher_id: Annotated[str, Meta(title="Publisher ID", max_length=64)] = ""
    id: Annotated[str, Meta(title="Product ID", max_length=12)] = ""
    is_microsoft: bool = False
    sku_title: Annotated[str, Meta(title="SKU title", max_length=256)]
    unit_of_measure: Annotated[str, Meta(title="Unit of measure", max_length=60)] = "1 License"
    minimum_quantity: Annotated[int, Meta(title="Minimum quantity", ge=1)] = 1
    maximum_quantity: Annotated[int, Meta(title="Maximum quantity", ge=1)] = 10_000_000


class ChangedProduct(msgspec.Struct, kw_only=True):
    """A product's texts. version: as the form was read."""

    title: Title
    description: Annotated[str, Meta(title="Description", max_length=4000)] = ""
    publisher_name: Annotated[str, Meta(title="Publisher", max_length=128)]
    version: int


class SkuForm(msgspec.Struct, kw_only=True, rename="camel"):
    """A SKU. Lists are one entry a line, ``attributes`` are ``name=value`` lines. version: the product's, as read."""

    version: int
    id: Annotated[str, Meta(title="SKU ID", max_length=4)] = ""
    title: Title
    description: Annotated[str, Meta(title="Description", max_length=4000)] = ""
    unit_of_measure: Annotated[str, Meta(title="Unit of measure", max_length=60)] = "1 License"
    minimum_quantity: Annotated[int, Meta(title="Minimum quantity", ge=1)] = 1
    maximum_quantity: Annotated[int, Meta(title="Maximum quantity", ge=1)] = 10_000_000
    ownership_limit: Annotated[int, Meta(title="Subscriptions per customer", ge=1)] | None = None
    is_ownership_limit_lifetime: bool = False
    is_trial: bool = False
    is_addon: bool = False
    is_renewable: bool = False
    prerequisite_skus: str = ""
    base_seat_percent: Annotated[int, Meta(title="Share of the base seats", ge=0, le=100)] = 0
    upgrade_targets: str = ""
    converts_to: Annotated[str, Meta(title="Converts to", max_length=20)] = ""
    enforces_attestation: bool = False
    attestation_type: Annotated[str, Meta(title="Attestation", max_length=200)] = ""
    needs_registration: bool = False
    has_inventory: bool = False
    inventory_variables: str = ""
    provisioning_variables: str = ""
    restricted_regions: str = ""
    provisioning_id: Annotated[UUID | None, Meta(title="Licence part")] = None
    provisioning_string: Annotated[str, Meta(title="Licence part number", max_length=80)] = ""
    service_plans: str = ""
    attributes: str = ""
    legacy_offer_id: Annotated[UUID | None, Meta(title="Legacy offer ID")] = None
    offer_category: Annotated[OfferCategory | None, Meta(title="Offer category")] = None

    def draft(self, sku_id: str) -> SkuDraft:
        """What the service is told. Raises InvalidFields for an attribute that is no ``name=value``."""
        attributes = {}
        for line in lines_of(self.attributes):
            name, separator, value = line.partition("=")
            if not separator or not name.strip():
                raise InvalidFields({"attributes": f"{line!r} is not name=value."})
            attributes[name.strip()] = value.strip()
        lists = {name: lines_of(getattr(self, name)) for name in _LISTS}
        keys = {name: [key.upper() for key in lists[name]] for name in ("prerequisite_skus", "upgrade_targets")}
        plain = {name: getattr(self, name) for name in _PLAIN}
        return SkuDraft(**(plain | lists | keys | {"id": sku_id, "attributes": attributes}))


_LISTS = (
    "prerequisite_skus",
    "upgrade_targets",
    "inventory_variables",
    "provisioning_variables",
    "restricted_regions",
    "service_plans",
)
_PLAIN = tuple(name for name in SkuForm.__struct_fields__ if name not in {"version", "id", "attributes", *_LISTS})
_CATEGORIES = tuple(Choice(key.value, text.name) for key, text in OFFER_CATEGORIES.items())

_FIRST_SKU = {"skus[0].title": "skuTitle", "skus[0].minimumQuantity": "minimumQuantity"}


@get(f"{BASE}/new", include_in_schema=False, sync_to_thread=True)
def new_product(page: NamedDependency[Page]) -> Response[str]:
    """The form for a product."""
    start = {
        "publisherName": "Microsoft Corporation",
        "unitOfMeasure": "1 License",
        "minimumQuantity": 1,
        "maximumQuantity": 10_000_000,
    }
    return _show_new(page, blank_form(start))


def _show_new(page: Page, form: Form[Any], status: int = 200) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        return page.render(
            uow,
            "catalogue/product_new.html",
            status=status,
            f=form,
            kinds=KINDS,
            crumbs=[*HOME, Crumb("New product")],
        )


@post(BASE, include_in_schema=False, sync_to_thread=True)
def add_product(page: NamedDependency[Page]) -> Response[Any]:
    """Publish a product with its first SKU."""
    form = page.bind(NewProduct)
    if not form.is_valid:
        return _show_new(page, form, 422)
    wanted = form.value
    draft = ProductDraft(
        id=wanted.id,
        kind=wanted.kind,
        title=wanted.title,
        description=wanted.description,
        publisher_name=wanted.publisher_name,
        publisher_id=wanted.publisher_id,
        is_microsoft=wanted.is_microsoft,
        skus=[
            SkuDraft(
                title=wanted.sku_title,
                unit_of_measure=wanted.unit_of_measure,
                minimum_quantity=wanted.minimum_quantity,
                maximum_quantity=wanted.maximum_quantity,
            )
        ],
    )

    def publish(uow: UnitOfWork) -> str:
        try:
            return service.publish_product(uow, draft).id
        except InvalidFields as refusal:
            raise InvalidFields({_FIRST_SKU.get(k, k): text for k, text in refusal.problems.items()}) from refusal

    product_id = attempt(page, form, publish)
    if product_id is None:
        return _show_new(page, form, 422)
    note = f"{wanted.title} is in the catalogue. It is sold once a price list gives it a price."
    return page.redirect(f"{BASE}/{product_id}", note=note)


@get(f"{BASE}/{{product_id:str}}/edit", include_in_schema=False, sync_to_thread=True)
def edit_product(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The form for a product's texts."""
    return _show_edit(page, product_id, None)


def _show_edit(page: Page, product_id: str, form: Form[Any] | None, status: int = 200) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        product = queries.product_to_change(uow, product_id)
        if form is None:
            names = ("title", "description", "publisher_name", "version")
            form = blank_form({name: getattr(product, name) for name in names})
        return page.render(
            uow,
            "catalogue/product_edit.html",
            status=status,
            f=form,
            product=product,
            crumbs=[*HOME, Crumb(product.title, f"{BASE}/{product.id}"), Crumb("Change")],
        )


def _stale(page: Page, product_id: str, form: Form[Any]) -> None:
    """Say what somebody else made of the product meanwhile; sent again, the form replaces that knowingly."""
    with page.begin.read() as uow:
        product = queries.product_to_change(uow, product_id)
        form.refuse(
            "",
            f"Somebody changed {product.title} while you were editing, so nothing was saved. "
            "Check what is shown here against the product; saving again replaces their change.",
        )
        form.given["version"] = [str(product.version)]


@post(f"{BASE}/{{product_id:str}}/edit", include_in_schema=False, sync_to_thread=True)
def change_product(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Change a product's texts."""
    form = page.bind(ChangedProduct)
    if form.is_valid:
        wanted = form.value
        change = ProductChange(title=wanted.title, description=wanted.description, publisher_name=wanted.publisher_name)

        def save(uow: UnitOfWork) -> str:
            return service.change_product(uow, product_id, change, version=wanted.version).id

        try:
            found = attempt(page, form, save)
        except PreconditionFailed:
            _stale(page, product_id, form)
            return _show_edit(page, product_id, form, 412)
        if found is not None:
            return page.redirect(f"{BASE}/{found}", note=f"{wanted.title} is saved.")
    return _show_edit(page, product_id, form, 422)


# --- SKUs


def _show_sku(
    page: Page, product_id: str, sku_id: str | None, form: Form[Any] | None, status: int = 200
) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        product = queries.product_to_change(uow, product_id)
        skus = {sku.id: sku for sku in queries.every_sku(uow, [product.id])}
        if sku_id is not None and sku_id.upper() not in skus:
            raise queries.SkuUnknown(product.id, sku_id.upper())
        sku = skus[sku_id.upper()] if sku_id is not None else None
        if form is None:
            form = blank_form(_sku_fields(service.draft_of(sku) if sku else SkuDraft(title=""), product.version))
        path = f"{BASE}/{product.id}"
        return page.render(
            uow,
            "catalogue/sku.html",
            status=status,
            f=form,
            product=product,
            sku=sku,
            categories=_CATEGORIES,
            post_to=f"{path}/skus/{sku.id}/edit" if sku else f"{path}/skus",
            crumbs=[*HOME, Crumb(product.title, path), Crumb(sku.title if sku else "New SKU")],
        )


def _sku_fields(draft: SkuDraft, version: int) -> dict[str, Any]:
    """A draft as the form's fields."""
    names = dict(zip(SkuForm.__struct_fields__, SkuForm.__struct_encode_fields__, strict=True))
    fields: dict[str, Any] = {names[name]: getattr(draft, name) for name in ("id", *_PLAIN)}
    fields |= {names[name]: "\n".join(getattr(draft, name)) for name in _LISTS}
    fields["attributes"] = "\n".join(f"{name}={value}" for name, value in draft.attributes.items())
    return fields | {"version": version}


@get(f"{BASE}/{{product_id:str}}/skus/new", include_in_schema=False, sync_to_thread=True)
def new_sku(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The form for a further SKU."""
    return _show_sku(page, product_id, None, None)


@get(f"{BASE}/{{product_id:str}}/skus/{{sku_id:str}}/edit", include_in_schema=False, sync_to_thread=True)
def edit_sku(product_id: FromPath[str], sku_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The form for a SKU."""
    return _show_sku(page, product_id, sku_id, None)


def _save_sku(page: Page, product_id: str, sku_id: str | None) -> Response[Any]:
    form = page.bind(SkuForm)
    if not form.is_valid:
        return _show_sku(page, product_id, sku_id, form, 422)
    wanted = form.value

    def save(uow: UnitOfWork) -> str:
        if sku_id is None:
            return service.add_sku(uow, product_id, wanted.draft(wanted.id), version=wanted.version).product_id
        return service.change_sku(uow, product_id, wanted.draft(sku_id), version=wanted.version).product_id

    try:
        found = attempt(page, form, save)
    except PreconditionFailed:
        _stale(page, product_id, form)
        return _show_sku(page, product_id, sku_id, form, 412)
    if found is None:
        return _show_sku(page, product_id, sku_id, form, 422)
    return page.redirect(f"{BASE}/{found}", note=f"{wanted.title} is saved.")


@post(f"{BASE}/{{product_id:str}}/skus", include_in_schema=False, sync_to_thread=True)
def add_sku(product_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Add a SKU."""
    return _save_sku(page, product_id, None)


@post(f"{BASE}/{{product_id:str}}/skus/{{sku_id:str}}/edit", include_in_schema=False, sync_to_thread=True)
def change_sku(product_id: FromPath[str], sku_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Change a SKU."""
    return _save_sku(page, product_id, sku_id)


ROUTES: list[Any] = [
    list_products,
    new_product,
    add_product,
    show_product,
    show_places,
    show_prices,
    edit_product,
    change_product,
    withdraw_product,
    republish_product,
    new_sku,
    add_sku,
    edit_sku,
    change_sku,
]
