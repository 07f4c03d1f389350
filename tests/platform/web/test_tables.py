"""What a list page's address asks for, the columns it shows, and its files."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from jinja2 import ChoiceLoader, DictLoader

from openpartner.platform.money import Money
from openpartner.platform.web import gallery, pages
from openpartner.platform.web.exports import csv_chunks, export_chunks, export_headers, harmless_text, xlsx_chunks
from openpartner.platform.web.tables import (
    Badge,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
    shown_columns,
)

NOW = datetime(2026, 3, 31, 16, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A made-up row."""

    name: str
    total: Money
    at: datetime


COLUMNS = (
    Column[Row]("name", "Name", lambda row: Noted(row.name, "note"), sortable=True),
    Column[Row]("total", "Total", lambda row: row.total, numeric=True, sortable=True),
    Column[Row]("status", "Status", lambda _: Badge("Active", "success")),
    Column[Row]("at", "At", lambda row: row.at, optional=True),
)
FILTERS = (Filter("status", "Status", (Choice("active", "Active"), Choice("ended", "Ended"))), Filter("since", "Since"))


def read(*pairs: tuple[str, str]) -> ListRequest:
    return read_list_request("/customers", pairs, columns=COLUMNS, filters=FILTERS, sort="name")


def test_an_address_says_search_order_filters_columns_and_page() -> None:
    asked = read(
        ("Q", " co "),
        ("sort", "-total"),
        ("status", "active"),
        ("since", "2026-01-01"),
        ("columns", "at"),
        ("after", "k1"),
    )

    assert asked == ListRequest(
        "/customers",
        search="co",
        sort="total",
        descending=True,
        filters={"status": "active", "since": "2026-01-01"},
        columns=("at",),
        after="k1",
    )
    assert asked.url() == "/customers?q=co&sort=-total&status=active&since=2026-01-01&columns=at"
    assert asked.url(after="k 2") == f"{asked.url().replace('&columns=at', '')}&after=k+2&columns=at"
    assert asked.without_filters() == "/customers?sort=-total&columns=at"


def test_what_an_address_makes_up_is_dropped() -> None:
    asked = read(("sort", "secret"), ("status", "deleted"), ("columns", "secret"), ("format", "exe"), ("other", "1"))

    assert asked == ListRequest("/customers", sort="name")
    assert not asked.is_filtered


def test_only_one_paging_key_counts() -> None:
    asked = read(("after", "a"), ("before", "b"))
    assert (asked.after, asked.before) == ("a", "")
    assert read(("before", "b")).before == "b"


def test_columns_are_the_chosen_ones_or_those_that_are_not_optional() -> None:
    assert [column.key for column in shown_columns(COLUMNS, read())] == ["name", "total", "status"]
    assert [column.key for column in shown_columns(COLUMNS, read(("columns", "at")))] == ["name", "at"]


ALWAYS = (Filter("month", "Month", (Choice("1", "January"), Choice("2", "February")), default="2"), *FILTERS)


def listed(*pairs: tuple[str, str], filters: Sequence[Filter] = ALWAYS) -> str:
    """The list as it is drawn."""
    asked = read_list_request("/prices", pairs, columns=COLUMNS, filters=filters)
    table = Table("prices", "Prices", COLUMNS, [], asked, Empty("Nothing", "Here."), filters=filters, files="/files")
    source = '{% import "ui/table.html" as table %}{{ table.listing(t) }}'
    templates = pages.Templates(folders={})
    own = templates.environment.loader
    assert own is not None
    templates.environment.loader = ChoiceLoader([DictLoader({"page": source}), own])
    return templates.render("page", gallery.shell(), t=table)


def test_a_filter_with_a_default_has_no_all_and_no_chip() -> None:
    shown = listed()
    month = re.search('<select[^>]*name="month">(.*?)</select>', shown, re.DOTALL)
    assert month is not None
    assert re.findall('<option value="([^"]*)"( selected)?', month[1]) == [("1", ""), ("2", " selected")]
    assert "Month: February" not in listed(("month", "2"))
    assert "Month: January" in listed(("month", "1"))


def test_the_files_of_a_list_keep_its_filters() -> None:
    assert 'href="/files?status=active&amp;format=csv"' in listed(("status", "active"))


def test_a_list_with_nothing_to_look_for_has_no_tools() -> None:
    assert "toolbar" not in listed(filters=())
    assert "toolbar" in listed(("q", "x"), filters=())


ROWS = [
    Row("Contoso", Money(123450, "USD"), NOW),
    Row("=cmd|' /C calc'!A0", Money(-5, "USD"), NOW.astimezone(timezone(timedelta(hours=2)))),
]
ALL = shown_columns(COLUMNS, read(*[("columns", column.key) for column in COLUMNS]))


def test_csv_is_plain_and_harmless() -> None:
    text = b"".join(csv_chunks(ALL, ROWS)).decode("utf-8")

    assert text == (
        "\ufeffName,Total,Status,At\r\n"
        "Contoso,1234.50,Active,2026-03-31T16:05:00Z\r\n"
        "'=cmd|' /C calc'!A0,-0.05,Active,2026-03-31T16:05:00Z\r\n"
    )


def test_csv_comes_in_pieces() -> None:
    pieces = list(csv_chunks(ALL, (ROWS[0] for _ in range(1200))))

    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\r\n") == 1201


def test_a_workbook_holds_numbers_dates_and_texts() -> None:
    content = b"".join(xlsx_chunks(ALL, ROWS, title="Customers: all", created_at=NOW))

    book = zipfile.ZipFile(io.BytesIO(content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    serial = (datetime(2026, 3, 31, 16, 5, tzinfo=UTC) - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    cells = re.findall(r'<c r="(\w+)"[^>]*>(?:<is><t>(.*?)</t></is>|<v>(.*?)</v>)</c>', sheet)
    assert [(place, text or float(number)) for place, text, number in cells] == [
        *[("A1", "Name"), ("B1", "Total"), ("C1", "Status"), ("D1", "At")],
        *[("A2", "Contoso"), ("B2", 1234.5), ("C2", "Active"), ("D2", pytest.approx(serial))],
        *[("A3", "'=cmd|' /C calc'!A0"), ("B3", -0.05), ("C3", "Active"), ("D3", pytest.approx(serial))],
    ]
    assert 'name="Customers  all"' in book.read("xl/workbook.xml").decode()
    assert '<pane ySplit="1" topLeftCell="A2"' in sheet


def test_a_workbook_is_the_same_when_made_again() -> None:
    one, two = (b"".join(xlsx_chunks(ALL, ROWS, title="Customers", created_at=NOW)) for _ in range(2))

    assert {
        name: zipfile.ZipFile(io.BytesIO(one)).read(name) for name in zipfile.ZipFile(io.BytesIO(one)).namelist()
    } == {name: zipfile.ZipFile(io.BytesIO(two)).read(name) for name in zipfile.ZipFile(io.BytesIO(two)).namelist()}


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "|x", "%x"])
def test_a_text_that_looks_like_a_formula_is_disarmed(text: str) -> None:
    assert harmless_text(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (lambda _: None, ""),
        (lambda _: True, "Yes"),
        (lambda _: date(2026, 3, 31), "2026-03-31"),
        (lambda _: Decimal("1E+2"), "100"),
        (lambda _: 0.1, "0.1"),
        (lambda _: -7, "-7"),
    ],
)
def test_each_kind_of_value_has_its_form_in_a_file(value: Callable[[Row], object], written: str) -> None:
    text = b"".join(csv_chunks([Column("x", "X", value), Column("y", "Y", lambda _: "")], ROWS[:1])).decode()
    assert text == f"\ufeffX,Y\r\n{written},\r\n"


def test_a_file_is_named_after_the_list_and_the_day() -> None:
    assert export_headers("csv", "Orders & subscriptions", NOW) == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="orders-subscriptions-2026-03-31.csv"',
    }
    assert b"".join(export_chunks("xlsx", ALL, [], title="x", created_at=NOW)).startswith(b"PK")
