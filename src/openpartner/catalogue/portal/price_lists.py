"""The operator's price lists: upload, look at what it would do, publish exactly that, and what was published before."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from openpartner.catalogue import page_queries, queries, service
from openpartner.catalogue.models import PriceListUpload, PricePublication
from openpartner.catalogue.portal.shared import (
    PAGE_SIZE,
    amount,
    file_of,
    market_words,
    paging_keys,
    plan_words,
    window_of,
)
from openpartner.catalogue.rules import (
    SEGMENT_WORDS,
    Plan,
    PriceListProblem,
    PriceListRefused,
    PriceRow,
    ProductKind,
    write_price_list,
)
from openpartner.catalogue.service import (
    PRICE_LIST_BYTES,
    PriceListNotText,
    PriceListPlan,
    PriceListPlanChanged,
    PriceListTooLarge,
)
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.web.exports import MEDIA_TYPES, export_headers
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
    Link,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
BASE = "/operator/price-lists"
HOME = (Crumb("Home", "/"), Crumb("Price lists", BASE))
UPLOAD = Action("Upload price list", href=f"{BASE}/upload", icon="arrow_upload", primary=True)

HISTORY = (
    Column[PricePublication](
        "file",
        "File",
        lambda row: Noted(row.file_name, f"SHA-256 {row.sha256[:12]}…"),
        export=lambda row: row.file_name,
    ),
    Column[PricePublication]("at", "Published", lambda row: row.published_at),
    Column[PricePublication]("by", "By", lambda row: row.published_by),
    Column[PricePublication]("added", "Added", lambda row: row.added, numeric=True),
    Column[PricePublication]("changed", "Changed", lambda row: row.changed, numeric=True),
    Column[PricePublication]("ended", "Ended", lambda row: row.ended, numeric=True),
    Column[PricePublication]("sha256", "SHA-256", lambda row: row.sha256, optional=True),
)

Place = tuple[str, str, int]
PLACES = (
    Column[Place]("market", "Market", lambda place: Noted(market_words(place[0]), place[0])),
    Column[Place]("currency", "Currency", lambda place: place[1]),
    Column[Place]("prices", "Prices in force", lambda place: place[2], numeric=True),
    Column[Place]("file", "Price list", lambda place: Link("Download CSV", f"{BASE}/download?market={place[0]}")),
)


@get(BASE, include_in_schema=False, sync_to_thread=True)
def list_price_lists(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """What was published, and what holds in each market."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        asked = read_list_request(BASE, request.query_params.multi_items(), columns=HISTORY, sort="-at")
        if asked.export:
            return file_of(uow, asked, HISTORY, iter(queries.publications(uow, limit=100_000)), "Published price lists")
        part = page_queries.publications_page(uow, window_of(asked))
        next_key, previous_key = paging_keys(part)
        may_write = uow.actor.may(OPERATOR_CATALOGUE.write)
        history = Table(
            "history",
            "Published price lists",
            HISTORY,
            part.rows,
            asked,
            Empty(
                "No price list was published yet",
                "A price list is a CSV file in the public columns. It is taken whole, or not at all.",
                UPLOAD if may_write else None,
                "document_table",
            ),
            next_key=next_key,
            previous_key=previous_key,
        )
        places = Table(
            "places",
            "Prices by market",
            PLACES,
            page_queries.place_counts(uow),
            ListRequest(BASE),
            Empty("No market has prices yet", "They come with the first price list.", icon="globe"),
            exports=False,
        )
        return page.render(
            uow,
            "catalogue/price_lists.html",
            history=history,
            places=places,
            actions=[UPLOAD] if may_write else [],
            crumbs=[HOME[0], Crumb("Price lists")],
        )


@get(f"{BASE}/download", include_in_schema=False, sync_to_thread=True)
def download_price_list(page: NamedDependency[Page], market: FromQuery[str] = "") -> Response[bytes]:
    """The prices of a market that hold or are to come, in the columns of an upload."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        return sheet_of(uow, market, [*ProductKind])


def sheet_of(uow: UnitOfWork, market: str, kinds: Sequence[ProductKind]) -> Response[bytes]:
    """A market's prices from now on as CSV in the public columns. Raises NotFound for a market without any."""
    far = uow.now.replace(year=9999, month=12, day=31)
    wanted = queries.PriceFilter(market.upper(), frozenset(kinds), uow.now, far)
    rows = [price.row(product, sku) for product, sku, price in queries.priced(uow, wanted)]
    if not rows:
        raise NotFound("A price list for", market.upper())
    headers = export_headers("csv", f"price list {market.lower()}", uow.now)
    return Response(write_price_list(rows).encode(), headers=headers, media_type=MEDIA_TYPES["csv"])


@get(f"{BASE}/template", include_in_schema=False, sync_to_thread=True)
def download_template(page: NamedDependency[Page]) -> Response[bytes]:
    """An empty price list."""
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.read)
        return Response(write_price_list(()).encode(), headers=export_headers("csv", "price list template", uow.now))


# --- upload

#: What each column holds, and how it is written. Source: billing §10.5.
COLUMN_WORDS = (
    ("ProductTitle", "The product's name", "Microsoft 365 Business Basic"),
    ("ProductId", "12 letters and digits, in the catalogue already", "CFQ7TTC0LH18"),
    ("SkuId", "4 letters and digits, of that product", "0001"),
    ("SkuTitle", "The SKU's name", "Microsoft 365 Business Basic"),
    ("Publisher", "Who makes it; may be blank", "Microsoft Corporation"),
    ("SkuDescription", "May be blank", ""),
    ("UnitOfMeasure", "What one unit is; may be blank", "1 License"),
    ("TermDuration", "P1M, P1Y, P3Y or NoTerm", "P1Y"),
    ("BillingPlan", "Monthly, Annual, Biennial, Triennial, OneTime or None", "Monthly"),
    ("Market", "Two-letter country code", "US"),
    ("Currency", "Three-letter code, one for each SKU in a market", "USD"),
    ("UnitPrice", "For one unit and the whole term, at most 10 decimals", "75.60"),
    ("PricingTierRangeMin", "First unit of the tier; blank without tiers", ""),
    ("PricingTierRangeMax", "Last unit of the tier; blank when open", ""),
    ("EffectiveStartDate", "First instant, UTC", "2026-02-01"),
    ("EffectiveEndDate", "Last day or second; blank or the year 9999 when open", "9999-12-31T23:59:59Z"),
    ("Tags", "May be blank", "Azure;Reservation"),
    ("ERP Price", "Estimated retail price; may be blank", "94.50"),
    ("Segment", "Commercial, Education, Government or Charity", "Commercial"),
)


_ColumnWords = tuple[str, str, str]
_COLUMN_TABLE = Table(
    "columns",
    "Columns of a price list",
    (
        Column[_ColumnWords]("column", "Column", lambda words: words[0]),
        Column[_ColumnWords]("holds", "What it holds", lambda words: words[1]),
        Column[_ColumnWords]("example", "Example", lambda words: words[2]),
    ),
    COLUMN_WORDS,
    ListRequest(""),
    Empty("No columns", ""),
    exports=False,
)


@get(f"{BASE}/upload", include_in_schema=False, sync_to_thread=True)
def show_upload(page: NamedDependency[Page]) -> Response[str]:
    """The form for a file."""
    return _show_upload(page, blank_form())


def _show_upload(page: Page, form: Form[Any], status: int = 200) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(OPERATOR_CATALOGUE.write)
        return page.render(
            uow,
            "catalogue/price_list_upload.html",
            status=status,
            f=form,
            columns=_COLUMN_TABLE,
            megabytes=PRICE_LIST_BYTES // 1024 // 1024,
            crumbs=[*HOME, Crumb("Upload")],
        )


def _keep(page: Page, content: bytes, file_name: str) -> Response[Any]:
    form: Form[Any] = blank_form({"file": ""})
    if content:
        try:
            with page.begin() as uow:
                upload_id = service.upload_price_list(uow, content, file_name).id
        except (PriceListNotText, PriceListTooLarge) as refusal:
            form.refuse("file", refusal.message)
        else:
            return page.redirect(f"{BASE}/uploads/{upload_id}")
    else:
        form.refuse("file", "Choose a CSV file that is not empty.")
    return _show_upload(page, form, 422)


@post(f"{BASE}/upload", include_in_schema=False, request_max_body_size=PRICE_LIST_BYTES + (1 << 20))
async def upload(page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """Keep the file and show what it would do."""
    sent = (await request.form()).get("file")
    content, name = (await sent.read(), sent.filename) if isinstance(sent, UploadFile) else (b"", "")
    return await sync_to_thread(_keep, page, content, name)


# --- preview


class Planned(msgspec.Struct, frozen=True):
    """One row of the plan. before: the price it takes the place of."""

    effect: str
    row: PriceRow
    before: Decimal | None


EFFECTS = (Choice("added", "Added"), Choice("changed", "Changed"), Choice("ended", "Ended"))
_EFFECT_BADGES = {
    "added": Badge("Added", "success"),
    "changed": Badge("Changed", "info"),
    "ended": Badge("Ended", "warning"),
}
PLANNED = (
    Column[Planned](
        "product",
        "Product",
        lambda each: Noted(each.row.product_title, f"{each.row.key.product_id}:{each.row.key.sku_id}"),
        export=lambda each: each.row.product_title,
    ),
    Column[Planned]("id", "Product ID", lambda each: each.row.key.product_id, optional=True),
    Column[Planned]("sku", "SKU ID", lambda each: each.row.key.sku_id, optional=True),
    Column[Planned]("effect", "Effect", lambda each: _EFFECT_BADGES[each.effect]),
    Column[Planned](
        "plan", "Term and billing", lambda each: plan_words(Plan(each.row.key.duration, each.row.key.billing_cycle))
    ),
    Column[Planned]("market", "Market", lambda each: f"{each.row.key.market}, {SEGMENT_WORDS[each.row.key.segment]}"),
    Column[Planned](
        "price",
        "Unit price",
        lambda each: show_rate(each.row.unit_price, each.row.key.currency),
        numeric=True,
        export=lambda each: amount(each.row.unit_price),
    ),
    Column[Planned](
        "before",
        "Was",
        lambda each: show_rate(each.before, each.row.key.currency),
        numeric=True,
        export=lambda each: amount(each.before),
    ),
    Column[Planned]("from", "From", lambda each: each.row.valid_from.date()),
    Column[Planned]("until", "Until", lambda each: each.row.valid_until.date() if each.row.valid_until else "Open"),
)
PROBLEMS = (
    Column[PriceListProblem]("line", "Line", lambda problem: problem.line, numeric=True),
    Column[PriceListProblem]("column", "Column", lambda problem: problem.column or "Whole line"),
    Column[PriceListProblem]("reason", "Reason", lambda problem: problem.reason),
)


def _planned(uow: UnitOfWork, plan: PriceListPlan) -> list[Planned]:
    """Every row that the plan touches: what is added, then changed, then ended without a successor in the file."""
    ended = {row.key: row for _, row in plan.ended}
    replaced = page_queries.unit_prices(uow, [row_id for row_id, _ in plan.changed])
    rows = [Planned("added", row, ended[row.key].unit_price if row.key in ended else None) for row in plan.added]
    rows += [Planned("changed", row, replaced[row_id]) for row_id, row in plan.changed]
    return rows + [Planned("ended", row, None) for _, row in plan.ended]


def _slice(asked: ListRequest, count: int) -> tuple[int, str, str]:
    """Where the page begins in a list that is in memory, and the keys to the next and the previous page."""
    text = asked.after or asked.before
    start = int(text) if text.isdecimal() and len(text) < 8 else 0
    more = str(start + PAGE_SIZE) if start + PAGE_SIZE < count else ""
    return start, more, str(max(start - PAGE_SIZE, 0)) if start else ""


def _paged(asked: ListRequest, rows: Sequence[Any], *, title: str, columns: Any, **more: Any) -> Table[Any]:
    start, next_key, previous_key = _slice(asked, len(rows))
    return Table(
        key="rows",
        title=title,
        columns=columns,
        rows=rows[start : start + PAGE_SIZE],
        request=asked,
        total=len(rows),
        next_key=next_key,
        previous_key=previous_key,
        **more,
    )


@get(f"{BASE}/uploads/{{upload_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def show_preview(upload_id: FromPath[UUID], page: NamedDependency[Page], request: AnyRequest) -> Response[Any]:
    """What publishing the upload would do, or everything that keeps it from being taken."""
    with page.begin.read() as uow:
        kept = service.uploaded_price_list(uow, upload_id)
        plan = service.preview_price_list(uow, kept.content.decode())
        if plan.problems:
            return _show_problems(uow, page, request, kept, plan)
        return _show_plan(uow, page, request, kept, plan)


def _discard(kept: PriceListUpload) -> Action:
    return Action("Discard", post=f"{BASE}/uploads/{kept.id}/discard", icon="delete")


def _show_problems(
    uow: UnitOfWork, page: Page, request: AnyRequest, kept: PriceListUpload, plan: PriceListPlan
) -> Response[Any]:
    named = sorted({problem.column or "Whole line" for problem in plan.problems})
    filters = (Filter("column", "Column", tuple(Choice(name, name) for name in named)),)
    path = f"{BASE}/uploads/{kept.id}"
    asked = read_list_request(path, request.query_params.multi_items(), columns=PROBLEMS, filters=filters)
    wanted, text = asked.filters.get("column"), asked.search.lower()
    rows = [
        problem
        for problem in plan.problems
        if (not wanted or wanted == (problem.column or "Whole line"))
        and (not text or text in problem.reason.lower() or text == str(problem.line))
    ]
    if asked.export:
        return file_of(uow, asked, PROBLEMS, iter(rows), f"Problems of {kept.file_name}")
    problems = _paged(
        asked,
        rows,
        title="Problems",
        columns=PROBLEMS,
        empty=Empty("No problems", "The file can be published."),
        search_label="Search by reason or line",
        filters=filters,
    )
    return page.render(
        uow,
        "catalogue/price_list_problems.html",
        kept=kept,
        problems=problems,
        problem_count=len(plan.problems),
        line_count=len({problem.line for problem in plan.problems}),
        column_counts=_most(named, plan.problems),
        actions=[
            Action("Download problems", href=f"{path}?format=csv", icon="arrow_download"),
            _discard(kept),
            Action("Upload corrected file", href=UPLOAD.href, icon="arrow_upload", primary=True),
        ],
        crumbs=[*HOME, Crumb(kept.file_name)],
    )


def _most(names: Sequence[str], problems: Sequence[PriceListProblem]) -> list[tuple[str, int]]:
    """How many problems each column has, the most first."""
    counts = {name: sum((problem.column or "Whole line") == name for problem in problems) for name in names}
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _show_plan(
    uow: UnitOfWork, page: Page, request: AnyRequest, kept: PriceListUpload, plan: PriceListPlan
) -> Response[Any]:
    path = f"{BASE}/uploads/{kept.id}"
    filters = (Filter("effect", "Effect", EFFECTS),)
    asked = read_list_request(path, request.query_params.multi_items(), columns=PLANNED, filters=filters)
    text, wanted = asked.search.lower(), asked.filters.get("effect")
    rows = [
        each
        for each in _planned(uow, plan)
        if (not wanted or each.effect == wanted)
        and (not text or text in each.row.product_title.lower() or text in each.row.key.product_id.lower())
    ]
    if asked.export:
        return file_of(uow, asked, PLANNED, iter(rows), f"Preview of {kept.file_name}")
    changes = len(plan.added) + len(plan.changed) + len(plan.ended)
    says = (
        f"{_count(len(plan.added), 'price')} added, {len(plan.changed)} changed, {len(plan.ended)} ended. Partners see "
        "them at once, and orders use each from its start on. It cannot be taken back; a later list can correct it."
    )
    publish = Action(
        "Publish",
        post=f"{path}/publish",
        icon="checkmark",
        primary=True,
        fields={"fingerprint": plan.fingerprint},
        confirm=Confirm(f"Publish {kept.file_name}?", says, "Publish"),
        refused="" if uow.actor.may(OPERATOR_CATALOGUE.write) else "Only a catalogue editor may publish.",
    )
    table = _paged(
        asked,
        rows,
        title="Effect of the price list",
        columns=PLANNED,
        empty=Empty("Nothing would change", "Every row of the file says what holds already.", icon="checkmark_circle"),
        search_label="Search by product",
        filters=filters,
    )
    return page.render(
        uow,
        "catalogue/price_list_preview.html",
        kept=kept,
        plan=plan,
        changes=changes,
        table_=table,
        path=path,
        new_places=[
            (f"{product_id}:{sku_id}", f"{market_words(market)}, {SEGMENT_WORDS[segment]}, {currency}")
            for (product_id, sku_id, market, segment), currency in sorted(plan.new_places.items())
        ],
        actions=[_discard(kept), *([publish] if changes else [])],
        crumbs=[*HOME, Crumb(kept.file_name)],
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@post(f"{BASE}/uploads/{{upload_id:uuid}}/publish", include_in_schema=False, sync_to_thread=True)
def publish(upload_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Take the price list as it was shown."""
    try:
        with page.begin() as uow:
            taken = service.publish_uploaded_price_list(uow, upload_id, page.form.get("fingerprint"))
            note = (
                f"{taken.file_name} is published: {_count(taken.added, 'price')} added, {taken.changed} changed, "
                f"{taken.ended} ended."
            )
    except (PriceListPlanChanged, PriceListRefused) as refusal:
        return page.redirect(f"{BASE}/uploads/{upload_id}", note=refusal.message, tone="warning")
    return page.redirect(BASE, note=note)


@post(f"{BASE}/uploads/{{upload_id:uuid}}/discard", include_in_schema=False, sync_to_thread=True)
def discard(upload_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Drop the upload."""
    with page.begin() as uow:
        service.discard_uploaded_price_list(uow, upload_id)
    return page.redirect(BASE, note="The upload is discarded. Nothing was published.")


ROUTES: list[Any] = [
    list_price_lists,
    download_price_list,
    download_template,
    show_upload,
    upload,
    show_preview,
    publish,
    discard,
]
