"""The catalogue's pages: what the operator publishes and what a partner reads, as a browser sees them."""

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from openpartner.catalogue import queries, rules, service
from openpartner.catalogue.models import PriceListUpload
from openpartner.catalogue.service import ProductChange
from openpartner.identity.queries import tenant_by_id
from openpartner.partner.models import ProgramEnrolment
from openpartner.partner.rules import PartnerKind, Program, ProgramState
from openpartner.platform.permissions import Role
from openpartner.platform.web.pages import NOTHING
from tests.catalogue.conftest import Shop
from tests.catalogue.test_service import draft, history, row, sheet
from tests.support.browser import browser
from tests.support.client import AppClient

NEW = "CFQ7TTC0NEW1"
BASIC = "CFQ7TTC0LH18"
PRODUCT = f"/operator/products/{NEW}"


@pytest.fixture
def notes(shop: Shop) -> Shop:
    with shop.lab.begin(shop.editor) as uow:
        service.publish_product(uow, draft())
    return shop


def desk(shop: Shop) -> AppClient:
    """The catalogue editor's browser."""
    return browser(shop.lab, shop.editor)


def agent(shop: Shop) -> AppClient:
    """The sales agent's browser."""
    return browser(shop.lab, shop.agent)


def shown(answer: httpx.Response) -> str:
    """The text of a page, without tags and with single blanks."""
    assert answer.headers["content-type"].startswith("text/html")
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\N{NO-BREAK SPACE}", " ").split())


def table(answer: httpx.Response) -> list[list[str]]:
    """The cells of the first table's rows."""
    body = answer.text.partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", each, re.DOTALL) for each in rows)

    def text(cell: str) -> str:
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).replace("\N{NO-BREAK SPACE}", " ").split())

    return [[text(cell) for cell in each] for each in cells]


def records(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def note_of(client: AppClient, answer: httpx.Response) -> str:
    """The sentence at the top of the page that a redirect leads to."""
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    held = client._client.headers["cookie"]
    followed = client.get(answer.headers["location"], headers={"cookie": f"{held}; {cookie}"})
    assert followed.status_code == 200
    found = re.search(r'<p class="message__text">(.*?)</p>', followed.text, re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip()


def send(client: AppClient, text: str | bytes, name: str = "february.csv") -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    return client.request("POST", "/operator/price-lists/upload", files={"file": (name, content, "text/csv")})


def preview(client: AppClient, *rows: str) -> str:
    """The address of the preview of a list with these rows."""
    answer = send(client, sheet(*rows))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def fingerprint(answer: httpx.Response) -> str:
    found = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', answer.text)
    assert found is not None
    return found.group(1)


# --- products


def test_products_are_searched_filtered_sorted_and_paged(notes: Shop) -> None:
    client = desk(notes)
    first = client.get("/operator/products")
    rows = table(first)
    assert (len(rows), rows[0][0], rows[49][0].rpartition(" ")[0]) == (
        50,
        "Access LTSC 2021 DG7GMGF0D7FV",
        "Microsoft Defender for Office 365 (Plan 1)",
    )
    assert "50 of 118 entries" in shown(first)

    after = re.search(r'href="([^"]*after=[^"]*)"', first.text)
    assert after is not None
    second = client.get(html.unescape(after.group(1)))
    names = [each[0] for each in table(second)]
    assert (len(names), names[0]) == (50, "Microsoft Defender for Office 365 (Plan 2) CFQ7TTC069Q6")
    before = re.search(r'href="([^"]*before=[^"]*)"', second.text)
    assert before is not None
    assert table(client.get(html.unescape(before.group(1)))) == rows

    found = table(client.get("/operator/products?q=contoso+notes"))
    assert found == [[f"Contoso Notes {NEW}", "Licence", "Contoso", "1", "0", "Published"]]
    assert {each[1] for each in table(client.get("/operator/products?kind=reservation"))} == {"Reservation"}
    titles = [each["Product"] for each in records(client.get("/operator/products?format=csv&sort=-title"))]
    assert (len(titles), titles) == (118, sorted(titles, key=str.lower, reverse=True))


def test_products_leave_as_a_file(notes: Shop) -> None:
    rows = records(desk(notes).get("/operator/products?format=csv&q=notes"))
    assert rows == [
        {
            "Product": "Contoso Notes",
            "Product ID": NEW,
            "Kind": "Licence",
            "Publisher": "Contoso",
            "SKUs": "1",
            "Markets": "0",
            "State": "Published",
            "Added": "2026-01-15",
        }
    ]
    book = desk(notes).get("/operator/products?format=xlsx")
    assert book.content[:2] == b"PK"
    assert book.headers["content-disposition"] == 'attachment; filename="products-2026-01-15.xlsx"'


def test_a_product_is_made_with_its_first_sku(shop: Shop) -> None:
    client = desk(shop)
    answer = client.submit(
        "/operator/products",
        kind="saas",
        title="Fabrikam Signatures",
        publisherName="Fabrikam",
        id="dzh318z0test",
        skuTitle="Signatures, a mailbox",
        unitOfMeasure="1 Mailbox",
        minimumQuantity="5",
        maximumQuantity="500",
    )
    said = "Fabrikam Signatures is in the catalogue. It is sold once a price list gives it a price."
    assert note_of(client, answer) == said
    assert answer.headers["location"] == "/operator/products/DZH318Z0TEST"
    assert table(client.get("/operator/products/dzh318z0test")) == [
        ["Signatures, a mailbox 0001 · 1 Mailbox", "Paid", "5 to 500", "No limit"]
    ]
    assert shop.lab.kinds() == ["ProductPublished"]


def test_a_product_with_problems_is_refused_beside_its_fields(shop: Shop) -> None:
    client = desk(shop)
    answer = client.submit(
        "/operator/products",
        kind="license",
        title="Notes",
        publisherName="Contoso",
        id="SHORT",
        skuTitle="Plan",
        unitOfMeasure="1 License",
        minimumQuantity="9",
        maximumQuantity="8",
    )
    assert answer.status_code == 422
    text = shown(answer)
    assert "Nothing was saved: there are 2 problems" in text
    assert 'href="#id">A product id has 12 letters and digits.' in answer.text
    assert 'href="#minimumQuantity">The quantities must be 1 or more' in answer.text
    assert 'value="SHORT"' in answer.text
    assert shop.lab.kinds() == []


def test_a_change_meets_one_made_meanwhile(notes: Shop) -> None:
    client = desk(notes)
    form = client.get(f"{PRODUCT}/edit")
    assert 'name="version" value="1"' in form.text
    with notes.lab.begin(notes.editor) as uow:
        service.change_product(uow, NEW, ProductChange(title="Contoso Notebooks"))
    fields = {"title": "Contoso Notes Pro", "description": "", "publisher_name": "Contoso"}

    answer = client.submit(f"{PRODUCT}/edit", version="1", **fields)

    assert answer.status_code == 412
    assert "Somebody changed Contoso Notebooks while you were editing, so nothing was saved." in shown(answer)
    assert 'name="version" value="2"' in answer.text
    assert notes.lab.kinds() == ["ProductPublished", "ProductChanged"]

    assert note_of(client, client.submit(f"{PRODUCT}/edit", version="2", **fields)) == "Contoso Notes Pro is saved."
    with notes.lab.read() as uow:
        assert queries.product_to_change(uow, NEW).title == "Contoso Notes Pro"


def test_a_product_is_withdrawn_and_published_again(notes: Shop) -> None:
    client = desk(notes)
    assert "Withdraw Contoso Notes?" in shown(client.get(PRODUCT))

    assert note_of(client, client.submit(f"{PRODUCT}/withdraw", version="1")) == "Contoso Notes is withdrawn from sale."
    assert "Publish Contoso Notes?" in shown(client.get(PRODUCT))
    stale = client.submit(f"{PRODUCT}/publish", version="1")
    assert stale.status_code == 412
    assert note_of(client, client.submit(f"{PRODUCT}/publish", version="2")) == "Contoso Notes is on sale again."
    changes = [(event["before"], event["after"]) for event in notes.lab.events("ProductChanged")]
    assert changes == [
        ({"isPublished": True}, {"isPublished": False}),
        ({"isPublished": False}, {"isPublished": True}),
    ]


SKU = {
    "title": "Contoso Notes Plan 2",
    "unitOfMeasure": "1 License",
    "minimumQuantity": "1",
    "maximumQuantity": "300",
    "baseSeatPercent": "0",
    "isRenewable": "on",
}


def test_skus_are_added_and_changed_under_the_products_version(notes: Shop) -> None:
    client = desk(notes)
    added = client.submit(f"{PRODUCT}/skus", version="1", upgradeTargets=f"{NEW}:0001\n", attributes="a=b", **SKU)
    assert note_of(client, added) == "Contoso Notes Plan 2 is saved."
    form = client.get(f"{PRODUCT}/skus/0002/edit")
    assert 'name="version" value="2"' in form.text
    assert f"{NEW}:0001</textarea>" in form.text

    changed = client.submit(
        f"{PRODUCT}/skus/0002/edit", version="2", **SKU | {"maximumQuantity": "25"}, attributes="a=b"
    )
    assert changed.status_code == 303
    stale = client.submit(f"{PRODUCT}/skus/0002/edit", version="2", **SKU)
    assert stale.status_code == 412

    with notes.lab.read() as uow:
        sku = queries.every_sku(uow, [NEW])[1]
        assert (sku.id, sku.maximum_quantity, sku.upgrade_targets, sku.attributes) == ("0002", 25, [], {"a": "b"})
    events = notes.lab.events("ProductChanged")
    assert len(events) == 2
    assert (events[1]["before"], events[1]["after"]) == (
        {"sku 0002": {"maximum_quantity": 300, "upgrade_targets": [f"{NEW}:0001"]}},
        {"sku 0002": {"maximum_quantity": 25, "upgrade_targets": []}},
    )


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": ""}, 'href="#title">Enter title.'),
        ({"id": "00001"}, 'href="#id">SKU ID can have at most 4 characters; this has 5.'),
        ({"id": "0001"}, f"The product {NEW} has a SKU 0001 already. Change it instead."),
        ({"attributes": "colour"}, 'href="#attributes">&#39;colour&#39; is not name=value.'),
        ({"prerequisiteSkus": "CFQ7TTC0GONE:0001"}, 'href="#prerequisiteSkus">These SKUs are not in the catalogue'),
        ({"provisioningId": "x"}, 'href="#provisioningId">Licence part must be an identifier'),
        ({"legacyOfferId": "bd938f12-058f-4927-bba3-ae36b1d2501c"}, "This is the legacy offer of CFQ7TTC0LH18:0001."),
    ],
)
def test_a_sku_with_problems_is_refused(notes: Shop, fields: dict[str, str], problem: str) -> None:
    everything = {"prerequisiteSkus": "", "attributes": "", "provisioningId": "", "legacyOfferId": ""}
    answer = desk(notes).submit(f"{PRODUCT}/skus", **{**everything, **SKU, **fields}, version="1")
    assert answer.status_code == 422
    assert problem in answer.text
    assert notes.lab.kinds() == ["ProductPublished"]


def test_a_products_places_and_price_history_are_shown(notes: Shop) -> None:
    client = desk(notes)
    assert "Not sold anywhere yet" in shown(client.get(f"{PRODUCT}/places"))
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(uow, sheet(row(start="2026-01-01")), "january.csv")
        service.publish_price_list(uow, sheet(row("132.00", start="2026-02-01")), "february.csv")

    (place,) = table(client.get(f"{PRODUCT}/places"))
    assert place[:3] == ["United States US", "Commercial", "0001"]
    assert place[4:] == ["USD", "1 year, monthly", "On sale"]
    assert table(client.get(f"{PRODUCT}/prices?market=us")) == [
        ["0001 · 1 year, monthly", "Commercial", "$132.00", "$150.00", "Feb 1, 2026, 12:00 AM UTC", "Open", "Coming"],
        [
            "0001 · 1 year, monthly",
            "Commercial",
            "$120.00",
            "$150.00",
            "Jan 1, 2026, 12:00 AM UTC",
            "Jan 31, 2026, 11:59 PM UTC",
            "In force",
        ],
    ]


# --- price lists


def test_a_price_list_is_looked_at_then_published_as_it_was_shown(notes: Shop) -> None:
    client = desk(notes)
    path = preview(client, row(start="2026-01-10"), row("11.00", "2026-01-10", TermDuration="P1M"))
    page = client.get(path)
    assert shown(page).count("Added") >= 3
    assert [each[:5] for each in table(page)] == [
        [f"Contoso Notes {NEW}:0001", "Added", "1 year, monthly", "US, Commercial", "$120.00"],
        [f"Contoso Notes {NEW}:0001", "Added", "1 month, monthly", "US, Commercial", "$11.00"],
    ]
    assert "2 prices added, 0 changed, 0 ended." in shown(page)
    assert history(notes) == []

    answer = client.submit(f"{path}/publish", fingerprint=fingerprint(page))

    assert note_of(client, answer) == "february.csv is published: 2 prices added, 0 changed, 0 ended."
    assert [each[2] for each in history(notes)] == [Decimal(11), Decimal(120)]
    assert client.get(path).status_code == 404
    (published,) = table(client.get("/operator/price-lists"))
    assert published[0].startswith("february.csv SHA-256 ")
    assert published[2:] == [notes.editor.name, "2", "0", "0"]


def test_a_later_list_shows_what_it_replaces(notes: Shop) -> None:
    client = desk(notes)
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(
            uow, sheet(row(start="2026-01-01"), row("9.00", "2026-03-01", TermDuration="P1M")), "a.csv"
        )
    page = client.get(preview(client, row("132.00"), row("9.50", "2026-03-01", TermDuration="P1M")))
    assert [[each[1], *each[4:]] for each in table(page)] == [
        ["Added", "$132.00", "$120.00", "Feb 1, 2026", "Open"],
        ["Changed", "$9.50", "$9.00", "Mar 1, 2026", "Open"],
        ["Ended", "$120.00", NOTHING, "Jan 1, 2026", "Jan 31, 2026"],
    ]
    rows = records(client.get(f"{page.url.path}?format=csv&effect=added"))
    assert [(each["Product ID"], each["Unit price"], each["Was"]) for each in rows] == [(NEW, "132.00", "120.00")]


BAD = (
    row("eleven"),
    row(ProductId="CFQ7TTC0GONE"),
    row(Market="XX", Currency="DOLLAR"),
    row("5.00", TermDuration="P3Y"),
)


def test_every_bad_row_is_told_with_line_and_reason_and_nothing_is_taken(notes: Shop) -> None:
    client = desk(notes)
    path = preview(client, *BAD)
    page = client.get(path)
    told = [
        ["2", "UnitPrice", "'eleven' is not a number that is not negative, below 100 million, such as 1234.50."],
        ["3", "ProductId", "The product CFQ7TTC0GONE is not in the catalogue. Publish it first."],
        ["4", "Market", "'XX' is not the two-letter country code of a market."],
        ["4", "Currency", "'DOLLAR' is not the three-letter currency code."],
    ]
    assert table(page) == told
    assert "Nothing of this file was taken." in shown(page)
    assert "/publish" not in page.text
    assert table(client.get(f"{path}?column=Market")) == [told[2]]
    file = records(client.get(f"{path}?format=csv"))
    assert [(each["Line"], each["Column"]) for each in file] == [(each[0], each[1]) for each in told]

    forced = client.submit(f"{path}/publish", fingerprint="0" * 64)

    assert note_of(client, forced).startswith("The price list has 4 problems and was not taken.")
    assert (history(notes), notes.lab.kinds()) == ([], ["ProductPublished"])


def test_what_changed_since_it_was_looked_at_is_refused_whole(notes: Shop) -> None:
    client = desk(notes)
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(uow, sheet(row(start="2026-01-01")), "january.csv")
    path = preview(client, row("132.00"))
    seen = fingerprint(client.get(path))
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(uow, sheet(row("144.00", start="2026-01-20")), "other.csv")
    before = history(notes)

    answer = client.submit(f"{path}/publish", fingerprint=seen)

    assert answer.headers["location"] == path
    assert note_of(client, answer) == (
        "The catalogue or the file changed since this was shown, so nothing was published. Look at it again."
    )
    assert history(notes) == before
    assert client.submit(f"{path}/publish", fingerprint=fingerprint(client.get(path))).status_code == 303
    assert len(history(notes)) == len(before) + 1


def test_the_clock_alone_does_not_change_a_plan(notes: Shop) -> None:
    client = desk(notes)
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(uow, sheet(row(start="2026-01-01")), "january.csv")
    header = ",".join((*rules.COLUMNS, "ChangeIndicator"))
    answer = send(client, f"{header}\n{row(start='2026-01-01')},Deleted\n")
    path = str(answer.headers["location"])
    seen = fingerprint(client.get(path))
    notes.lab.advance(timedelta(minutes=5))

    answer = client.submit(f"{path}/publish", fingerprint=seen)

    assert note_of(client, answer) == "february.csv is published: 0 prices added, 0 changed, 1 ended."
    assert [each[4] for each in history(notes)] == ["2026-01-15 09:05:00"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "Choose a CSV file that is not empty."),
        (b"PK\x03\x04\x00\xff\xfe", "february.csv is not text in UTF-8."),
        (b"a\x00b", "february.csv is not text in UTF-8."),
        (b"x" * (service.PRICE_LIST_BYTES + 1), "The file is larger than 16 MB. Split it, by market for one."),
    ],
)
def test_what_is_no_csv_is_refused_at_the_door(notes: Shop, content: bytes, problem: str) -> None:
    answer = send(desk(notes), content)
    assert answer.status_code == 422
    assert problem in shown(answer)
    with notes.lab.read() as uow:
        assert uow.db.query(PriceListUpload).count() == 0


def test_a_file_beyond_all_bounds_is_not_read(notes: Shop) -> None:
    answer = send(desk(notes), b"x" * (service.PRICE_LIST_BYTES + (2 << 20)))
    assert answer.status_code == 413


def test_an_upload_is_discarded_or_forgotten_after_a_day(notes: Shop) -> None:
    client = desk(notes)
    path = preview(client, row())
    assert note_of(client, client.submit(f"{path}/discard")) == "The upload is discarded. Nothing was published."
    old = preview(client, row())
    notes.lab.advance(timedelta(days=1, minutes=1))
    preview(client, row())
    assert client.get(old).status_code == 404


def test_a_markets_prices_come_out_as_a_list_that_goes_in_again(shop: Shop) -> None:
    client = desk(shop)
    answer = client.get("/operator/price-lists/download?market=us")
    rows = records(answer)
    assert tuple(rows[0]) == rules.COLUMNS
    assert len(rows) == 670
    page = client.get(str(send(client, answer.content).headers["location"]))
    assert "Nothing would change" in shown(page)
    assert client.get("/operator/price-lists/download?market=ZZ").status_code == 404
    template = client.get("/operator/price-lists/template")
    assert template.content.decode() == ",".join(f'"{name}"' for name in rules.COLUMNS) + "\r\n"


# --- promotions

OFFER = {
    "name": "Spring seats",
    "sku": "cfq7ttc0lh18:0001",
    "segment": "commercial",
    "duration": "P1Y",
    "billing_cycle": "monthly",
    "discount": "12.5",
    "starts_on": "2026-02-01",
    "ends_on": "2026-04-30",
    "markets": "us, DE",
    "minimum_seats": "10",
    "is_auto_applicable": "on",
}


def test_a_promotion_is_published_and_replaced(shop: Shop) -> None:
    client = desk(shop)
    assert note_of(client, client.submit("/operator/promotions", **OFFER)) == "Spring seats is published."
    listed = client.get("/operator/promotions?q=spring")
    ((name, *cells),) = table(listed)
    assert cells == [
        "Microsoft 365 Business Basic",
        "12.5%",
        "1 year, monthly",
        "10 or more",
        "DE, US",
        "Apr 30, 2026",
        "Coming",
    ]
    promotion_id = name.removeprefix("Spring seats ")
    with shop.lab.read() as uow:
        terms = queries.any_promotion(uow, promotion_id)
        assert (f"{terms.discount}", f"{terms.ends_at:%Y-%m-%d %H:%M:%S}", terms.markets) == (
            "0.125",
            "2026-04-30 23:59:59",
            frozenset({"US", "DE"}),
        )

    path = f"/operator/promotions/{promotion_id}"
    assert 'value="12.5"' in client.get(path).text
    assert client.submit(path, **OFFER | {"discount": "10"}).status_code == 303
    assert [each[2] for each in table(client.get("/operator/promotions?q=spring"))] == ["10%"]
    assert shop.lab.kinds() == ["PromotionPublished", "PromotionPublished"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"discount": "100"}, "The discount is more than 0 and less than 100 percent."),
        ({"ends_on": "2026-01-31"}, "The last day lies before the first."),
        ({"markets": "US, XX"}, "These are no markets: XX. Give two-letter codes."),
        ({"sku": "CFQ7TTC0GONE:0001"}, "No product in the catalogue has this SKU."),
        ({"sku": "Basic"}, "SKU must be a product and SKU ID, such as CFQ7TTC0LH18:0001."),
        ({"maximum_seats": "5"}, "The maximum is smaller than the minimum."),
    ],
)
def test_a_promotion_with_problems_is_refused(shop: Shop, fields: dict[str, str], problem: str) -> None:
    answer = desk(shop).submit("/operator/promotions", **OFFER | fields)
    assert answer.status_code == 422
    assert f">{problem}</a>" in answer.text
    assert shop.lab.kinds() == []


# --- the partner's prices


def test_a_partner_reads_the_price_list(shop: Shop) -> None:
    page = agent(shop).get("/pricing?q=business+basic&segment=commercial")
    assert table(page) == [
        [
            f"Microsoft 365 Business Basic {BASIC}:0001",
            "Commercial",
            "1 month",
            "Monthly",
            "$7.20",
            "$9.00",
            NOTHING,
            "Jan 1, 2020",
        ],
        [
            f"Microsoft 365 Business Basic {BASIC}:0001",
            "Commercial",
            "1 year",
            "Annual",
            "$72.00",
            "$90.00",
            NOTHING,
            "Jan 1, 2020",
        ],
        [
            f"Microsoft 365 Business Basic {BASIC}:0001",
            "Commercial",
            "1 year",
            "Monthly",
            "$75.60 $6.30 a month",
            "$94.50",
            NOTHING,
            "Jan 1, 2020",
        ],
        [
            f"Microsoft 365 Business Basic Trial {BASIC}:0002",
            "Commercial",
            "1 month",
            "Monthly",
            "$0.00",
            "$0.00",
            NOTHING,
            "Jan 1, 2020",
        ],
    ]
    assert "United States, prices in USD, without tax." in shown(page)


def test_the_change_is_against_the_end_of_the_month_before(notes: Shop) -> None:
    with notes.lab.begin(notes.editor) as uow:
        service.publish_price_list(
            uow, sheet(row("100.00", start="2025-12-01", end="2026-01-09"), row("115.00", start="2026-01-10")), "x.csv"
        )
        service.publish_price_list(uow, sheet(row("92.00", start="2026-02-01")), "y.csv")
    client = agent(notes)

    def change(month: str) -> list[list[str]]:
        return [[each[4].split()[0], each[6]] for each in table(client.get(f"/pricing?q={NEW}&month={month}"))]

    assert change("2025-12") == [["$100.00", "New"]]
    assert change("2026-01") == [["$115.00", "+15.0%"]]
    assert change("2026-02") == [["$92.00", "\N{MINUS SIGN}20.0%"]]
    assert change("2025-11") == []
    assert "Preview." in shown(client.get("/pricing?month=2026-02"))
    (file,) = records(client.get(f"/pricing?q={NEW}&format=csv"))
    assert (file["Unit price"], file["Change"], file["Change in percent"]) == (
        "115.00",
        "15.00",
        "15.00",
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 670), ("family=azure", 1), ("segment=education", 12), ("term=none", 16), ("family=software&term=P3Y", 16)],
)
def test_the_price_list_is_filtered(shop: Shop, query: str, count: int) -> None:
    rows = records(agent(shop).get(f"/pricing?{query}&format=csv"))
    assert len(rows) == count


def test_the_price_list_is_paged_in_each_order_without_loss(shop: Shop) -> None:
    client = agent(shop)
    for order in ("product", "-price", "from"):
        path: str | None = f"/pricing?sort={order}&segment=commercial"
        seen: list[tuple[str, ...]] = []
        while path is not None:
            page = client.get(path)
            seen += [tuple(each[:5]) for each in table(page)]
            found = re.search(r'rel="next" href="([^"]*)"', page.text)
            path = html.unescape(found.group(1)) if found else None
        expected = int(re.search(r"of ([\d,]+) entries", shown(page)).group(1).replace(",", ""))  # type: ignore[union-attr]
        assert (len(seen), len(set(seen))) == (expected, expected), order
    assert client.get("/pricing?after=nonsense").status_code == 400


def test_a_partner_downloads_the_public_columns(shop: Shop) -> None:
    rows = records(agent(shop).get("/pricing/download?market=US"))
    assert (len(rows), tuple(rows[0])) == (670, rules.COLUMNS)


def test_a_product_leads_to_a_customers_new_order(shop: Shop) -> None:
    page = agent(shop).get(f"/pricing/products/{BASIC.lower()}")
    text = shown(page)
    assert "Licence · Microsoft Corporation · CFQ7TTC0LH18" in text
    assert "Sell to a customer" in text
    assert "1 License · 25" in text
    nobody = agent(shop).get(f"/pricing/products/{BASIC}?customer=zzz")
    assert "No customer of yours is called “zzz”." in shown(nobody)
    assert agent(shop).get("/pricing/products/CFQ7TTC0GONE").status_code == 404


def test_a_partner_sees_what_runs_and_what_comes_in_its_market(shop: Shop) -> None:
    desk(shop).submit("/operator/promotions", **OFFER)
    rows = table(agent(shop).get("/pricing/promotions"))
    assert [each[0].rpartition(" ")[0] for each in rows] == [
        "Spring seats",
        "Business Premium for a year",
        "Step up to E5",
        "First Power BI",
        "Copilot for teams",
    ]
    assert [each[-1] for each in table(agent(shop).get("/pricing/promotions?state=coming"))] == ["Coming"]


def test_an_indirect_reseller_is_told_whom_to_ask(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        enrolment = uow.db.query(ProgramEnrolment).filter_by(tenant_id=shop.agent.tenant, program=Program.CSP).one()
        enrolment.kind, enrolment.state = PartnerKind.INDIRECT_RESELLER, ProgramState.ACTIVE
    for path in ("/pricing", "/pricing/download?market=US", "/pricing/promotions", f"/pricing/products/{BASIC}"):
        answer = agent(shop).get(path)
        assert answer.status_code == 403
        assert "Your indirect provider sets your prices" in shown(answer)


# --- who may


@pytest.mark.parametrize(
    "path",
    ["/operator/products", PRODUCT, f"{PRODUCT}/prices", "/operator/price-lists", "/operator/promotions"],
)
def test_the_console_is_the_operators_alone(notes: Shop, path: str) -> None:
    assert agent(notes).get(path).status_code == 403


def test_who_only_reads_is_offered_no_change_and_can_make_none(notes: Shop) -> None:
    with notes.lab.read() as uow:
        operator = tenant_by_id(uow, notes.editor.tenant)
    reader = browser(notes.lab, notes.lab.user(operator, Role.OPERATOR_SUPPORT))
    text = shown(reader.get(PRODUCT))
    assert "Withdraw" not in text
    assert "Add SKU" not in text
    assert reader.get("/operator/products").status_code == 200
    assert reader.get("/operator/products/new").status_code == 403
    for answer in (
        reader.submit(f"{PRODUCT}/withdraw", version="1"),
        reader.submit(f"{PRODUCT}/skus", version="1", **SKU),
        reader.submit("/operator/promotions", **OFFER),
        send(reader, sheet(row())),
    ):
        assert answer.status_code == 403
    assert notes.lab.kinds() == ["ProductPublished"]


def test_an_empty_catalogue_says_what_comes_first(shop: Shop) -> None:
    lab = shop.lab
    with lab.begin() as uow:
        for name in ("price", "promotion", "availability", "sku", "product"):
            uow.db.connection().exec_driver_sql(f"DELETE FROM catalogue_{name}")
    assert "The catalogue is empty" in shown(desk(shop).get("/operator/products"))
    assert "No market has prices yet" in shown(desk(shop).get("/operator/price-lists"))
    assert "No prices yet" in shown(agent(shop).get("/pricing"))
    assert "No promotions yet" in shown(desk(shop).get("/operator/promotions"))
