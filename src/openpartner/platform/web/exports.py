"""Files of a list: CSV and XLSX, made row by row, safe to open in a spreadsheet program."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from openpartner.platform.money import Money
from openpartner.platform.web.tables import Column, ExportFormat

Row = TypeVar("Row")
FileValue = str | int | Decimal | date | datetime

MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
ROWS_A_CHUNK = 500
BYTES_A_CHUNK = 64 * 1024


def harmless_text(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: an apostrophe goes before one that starts like it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def file_value(value: object) -> FileValue:  # noqa: PLR0911 - one return a kind of value
    """The value as a file holds it: amounts as numbers in major units, instants in UTC, the rest as text."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case Money():
            return value.amount
        case datetime():
            return value.astimezone(UTC)
        case int() | Decimal() | date():
            return value
        case float():
            return Decimal(str(value))
        case _:
            return harmless_text(str(value))


def file_titles(columns: Sequence[Column[Row]]) -> list[str]:
    """The first line."""
    return [harmless_text(column.title) for column in columns]


def file_row(columns: Sequence[Column[Row]], row: Row) -> list[FileValue]:
    """One row's values for a file."""
    return [file_value((column.export or column.value)(row)) for column in columns]


def _csv_text(value: object) -> str:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def csv_chunks(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark and CRLF lines. Dates are ISO 8601, amounts plain numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow(file_titles(columns))
    for count, row in enumerate(rows, 1):
        writer.writerow([_csv_text(value) for value in file_row(columns, row)])
        if count % ROWS_A_CHUNK == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def xlsx_chunks(
    columns: Sequence[Column[Row]], rows: Iterable[Row], *, title: str, created_at: datetime
) -> Iterator[bytes]:
    """A workbook with one sheet, frozen titles and a filter.

    Only one row is held in memory; the file lies on disk until sent.

    title: the sheet's name (cut to 31 letters). created_at: what the file says of its making.
    """
    with tempfile.TemporaryFile() as file:
        import xlsxwriter  # noqa: PLC0415 - a twentieth of every start, for the few who ask for a workbook

        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        book.set_properties({"title": title, "created": created_at.astimezone(UTC).replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"'})
        sheet = book.add_worksheet("".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:31] or "List")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(columns) - 1, 0), 22)
        for x, text in enumerate(file_titles(columns)):
            sheet.write_string(0, x, text, head)
        y = 0
        for y, row in enumerate(rows, 1):
            for x, value in enumerate(file_row(columns, row)):
                match value:
                    case datetime():
                        sheet.write_datetime(y, x, value.replace(tzinfo=None), instant)
                    case date():
                        sheet.write_datetime(y, x, value, day)
                    case int() | Decimal():
                        sheet.write_number(y, x, value)
                    case _:
                        sheet.write_string(y, x, value)
        sheet.autofilter(0, 0, y, max(len(columns) - 1, 0))
        book.close()
        file.seek(0)
        while chunk := file.read(BYTES_A_CHUNK):
            yield chunk


def export_chunks(
    kind: ExportFormat, columns: Sequence[Column[Row]], rows: Iterable[Row], *, title: str, created_at: datetime
) -> Iterator[bytes]:
    """The bytes of the asked-for format."""
    if kind == "csv":
        return csv_chunks(columns, rows)
    return xlsx_chunks(columns, rows, title=title, created_at=created_at)


def export_headers(kind: ExportFormat, title: str, created_at: datetime) -> dict[str, str]:
    """``Content-Type`` and a ``Content-Disposition`` that names the file after the list and the day."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title.lower()).split()
    slug = "-".join(words) or "list"
    name = f"{slug}-{created_at.astimezone(UTC):%Y-%m-%d}.{kind}"
    return {"Content-Type": MEDIA_TYPES[kind], "Content-Disposition": f'attachment; filename="{name}"'}
