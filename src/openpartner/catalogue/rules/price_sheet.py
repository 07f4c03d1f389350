"""Price lists as CSV in the published columns: read whole or not at all; what is written reads back the same."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

import msgspec

from openpartner.catalogue.rules.items import Segment
from openpartner.catalogue.rules.prices import PriceKey, PriceRow
from openpartner.catalogue.rules.words import BillingCycle, Duration, DurationInvalid
from openpartner.platform.errors import Invalid

#: In the order they are written. Source: partner-center-resources §26, billing §10.5.
COLUMNS: Final = (
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
    "Segment",
)
#: Read when present, never asked for.
OPTIONAL_COLUMNS: Final = ("ChangeIndicator", "PreviousValues", "LastUpdatedDate")
NO_TERM: Final = "NoTerm"
#: How a row without an end is written, and any date in that year is read.
OPEN_END: Final = "9999-12-31T23:59:59Z"
PRICE_DECIMALS: Final = 10
CENTS_EXPONENT: Final = -2

#: What the sheets call the segments, as written; reading knows more spellings. Source: billing §10.5.
SEGMENT_TEXTS: Final[Mapping[Segment, str]] = {
    Segment.COMMERCIAL: "Commercial",
    Segment.EDUCATION: "Education",
    Segment.GOVERNMENT: "Government",
    Segment.NONPROFIT: "Charity",
}
_SEGMENTS: Final[Mapping[str, Segment]] = {
    **{text.lower(): segment for segment, text in SEGMENT_TEXTS.items()},
    **{segment.value: segment for segment in Segment},
    "gcc": Segment.GOVERNMENT,
    "academic": Segment.EDUCATION,
}
_PLANS: Final[Mapping[str, BillingCycle]] = {
    **{cycle.pascal.lower(): cycle for cycle in BillingCycle},
    "upfront": BillingCycle.ONE_TIME,
    "": BillingCycle.NONE,
}
_DELETED: Final = {"deleted", "delete", "del", "removed"}

T = TypeVar("T")


class PriceListProblem(msgspec.Struct, frozen=True):
    """What is wrong at one place. line: of the file, the header is 1. column: empty when the whole line is meant."""

    line: int
    column: str
    reason: str


class SheetRow(msgspec.Struct, frozen=True):
    """A price row with its line in the file. is_end: the file marks it deleted: the price ends where the row says."""

    line: int
    price: PriceRow
    is_end: bool = False


class PriceList(msgspec.Struct, frozen=True):
    """A file that was read. With any problem nothing of it may be taken; the rows that could be read are there all the
    same, so that what else is wrong with them can be said at once.
    """

    rows: tuple[SheetRow, ...] = ()
    problems: tuple[PriceListProblem, ...] = ()


class PriceListRefused(Invalid):
    """A price list with problems: nothing of it was taken."""

    def __init__(self, problems: Sequence[PriceListProblem]) -> None:
        first = problems[0]
        super().__init__(
            f"The price list has {len(problems)} problems and was not taken. Line {first.line}"
            f"{', ' + first.column if first.column else ''}: {first.reason}",
            problems=[msgspec.structs.asdict(problem) for problem in problems],
        )
        self.problems = tuple(problems)


def parse_price_list(text: str, *, markets: Collection[str], currencies: Collection[str]) -> PriceList:
    """Read a price list. Columns may stand in any order; a byte order mark is skipped.

    markets, currencies: the codes known, upper case. Every problem of every line is reported, and rows for the same
    key whose dates overlap are too.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: list[PriceListProblem] = []
    rows: list[SheetRow] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        problems += _header_problems(header)
        if problems:
            return PriceList(problems=tuple(problems))
        at = {name.lower(): header.index(name) for name in header}
        line = reader.line_num + 1
        for fields in reader:
            here, line = line, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                problems.append(PriceListProblem(here, "", f"{len(fields)} values for {len(header)} columns."))
                continue
            read = _Line(here, {name: fields[index].strip() for name, index in at.items()}, markets, currencies)
            price = read.row()
            problems += read.problems
            if price is not None:
                rows.append(SheetRow(here, price, is_end=read.is_deleted))
    except csv.Error as error:
        problems.append(PriceListProblem(reader.line_num, "", f"This is not CSV: {error}."))
    problems += _overlaps(rows)
    if not rows and not problems:
        problems.append(PriceListProblem(1, "", "The file has no rows."))
    return PriceList(rows=tuple(rows), problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def write_price_list(rows: Iterable[PriceRow]) -> str:
    """The rows as CSV, every value quoted, lines ended by CR LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_values, rows))
    return out.getvalue()


def _values(row: PriceRow) -> tuple[str, ...]:
    key = row.key
    return (
        row.product_title,
        key.product_id,
        key.sku_id,
        row.sku_title,
        row.publisher,
        row.sku_description,
        row.unit_of_measure,
        str(key.duration) if key.duration else NO_TERM,
        key.billing_cycle.pascal,
        key.market,
        key.currency,
        _plain(row.unit_price),
        _plain(key.tier_from) if key.tier_from else "",
        _plain(row.tier_to) if row.tier_to is not None else "",
        _instant(row.valid_from),
        _instant(row.valid_until) if row.valid_until else OPEN_END,
        row.tags,
        _plain(row.erp_price) if row.erp_price is not None else "",
        SEGMENT_TEXTS[key.segment],
    )


def plain_amount(number: Decimal) -> Decimal:
    """An amount without the zeros that the column's scale added: two decimals at least where there are more."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= CENTS_EXPONENT:
        return number
    short = number.normalize()
    digits = short.as_tuple().exponent
    return short if isinstance(digits, int) and digits < CENTS_EXPONENT else short.quantize(Decimal("0.01"))


def _plain(number: Decimal) -> str:
    return f"{plain_amount(number):f}"


def _instant(at: datetime) -> str:
    text = at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _header_problems(header: list[str]) -> list[PriceListProblem]:
    if not header:
        return [PriceListProblem(1, "", "The file is empty.")]
    names = [name.lower() for name in header]
    known = {name.lower() for name in (*COLUMNS, *OPTIONAL_COLUMNS)}
    problems = [PriceListProblem(1, name, "The column is missing.") for name in COLUMNS if name.lower() not in names]
    problems += [
        PriceListProblem(1, name, "This is not a column of a price list.")
        for name in header
        if name.lower() not in known
    ]
    problems += [
        PriceListProblem(1, name, "The column occurs twice.")
        for i, name in enumerate(header)
        if name.lower() in names[:i]
    ]
    return problems


def _overlaps(rows: Sequence[SheetRow]) -> list[PriceListProblem]:
    by_key: dict[PriceKey, list[SheetRow]] = defaultdict(list)
    problems = []
    for row in rows:
        if row.is_end:
            continue
        for before in by_key[row.price.key]:
            if row.price.overlaps(before.price):
                reason = f"The dates overlap those of line {before.line}, same price key."
                problems.append(PriceListProblem(row.line, "EffectiveStartDate", reason))
        by_key[row.price.key].append(row)
    return problems


class _Line:
    """One line being read: each column is tried, and each that fails leaves its problem."""

    def __init__(
        self, number: int, fields: Mapping[str, str], markets: Collection[str], currencies: Collection[str]
    ) -> None:
        self.number = number
        self.fields = fields
        self.markets = markets
        self.currencies = currencies
        self.problems: list[PriceListProblem] = []

    @property
    def is_deleted(self) -> bool:
        return self.fields.get("changeindicator", "").lower() in _DELETED

    def read(self, column: str, parse: Callable[[str], T]) -> T | None:
        """The column's value; none after noting the problem."""
        try:
            return parse(self.fields[column.lower()])
        except _Bad as bad:
            self.problems.append(PriceListProblem(self.number, column, str(bad)))
            return None

    def row(self) -> PriceRow | None:
        product_id = self.read("ProductId", _matching(r"[0-9A-Z]{12}", "12 letters and digits"))
        sku_id = self.read("SkuId", _matching(r"[0-9A-Z]{4}", "4 letters and digits"))
        duration = self.read("TermDuration", _duration)
        cycle = self.read("BillingPlan", _one_of(_PLANS, [cycle.pascal for cycle in BillingCycle]))
        market = self.read("Market", _known(self.markets, "two-letter country code of a market"))
        currency = self.read("Currency", _known(self.currencies, "three-letter currency code"))
        segment = self.read("Segment", _one_of(_SEGMENTS, list(SEGMENT_TEXTS.values())))
        unit_price = self.read("UnitPrice", _amount)
        erp_price = self.read("ERP Price", _optional(_amount))
        tier_from = self.read("PricingTierRangeMin", _optional(_amount))
        tier_to = self.read("PricingTierRangeMax", _optional(_amount))
        valid_from = self.read("EffectiveStartDate", _date)
        valid_until = self.read("EffectiveEndDate", _end_date)
        title = self.read("ProductTitle", _text)
        sku_title = self.read("SkuTitle", _text)
        term = duration if isinstance(duration, Duration) else None
        if term and cycle and cycle.months and cycle.months > term.months:
            self._note("BillingPlan", f"The billing plan {cycle.pascal} is longer than the term {term}.")
        if valid_from and valid_until and valid_until < valid_from:
            self._note("EffectiveEndDate", "The end lies before the start.")
        if tier_from is not None and tier_to is not None and tier_to < tier_from:
            self._note("PricingTierRangeMax", "The tier's end lies before its start.")
        if self.problems:
            return None
        # Without a problem each of these was read; the check is for the type checker, which cannot know.
        if not (product_id and sku_id and cycle and market and currency and segment and valid_from):
            return None
        if unit_price is None or title is None or sku_title is None:
            return None
        return PriceRow(
            key=PriceKey(product_id, sku_id, term, cycle, market, currency, segment, tier_from or Decimal(0)),
            product_title=title,
            sku_title=sku_title,
            unit_price=unit_price,
            valid_from=valid_from,
            valid_until=valid_until,
            erp_price=erp_price,
            publisher=self.fields["publisher"],
            sku_description=self.fields["skudescription"],
            unit_of_measure=self.fields["unitofmeasure"],
            tier_to=tier_to,
            tags=self.fields["tags"],
        )

    def _note(self, column: str, reason: str) -> None:
        self.problems.append(PriceListProblem(self.number, column, reason))


class _Bad(Exception):
    """A value that cannot be read; its text is the reason."""


def _matching(pattern: str, form: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.IGNORECASE)

    def parse(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise _Bad(f"{text!r} is not an id of {form}.")
        return text.upper()

    return parse


def _known(codes: Collection[str], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.upper() not in codes:
            raise _Bad(f"{text!r} is not the {what}.")
        return text.upper()

    return parse


def _one_of(values: Mapping[str, T], names: Sequence[str]) -> Callable[[str], T]:
    def parse(text: str) -> T:
        found = values.get(text.replace("_", "").replace("-", "").lower())
        if found is None:
            raise _Bad(f"{text!r} is none of {', '.join(names)}.")
        return found

    return parse


def _optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    return lambda text: parse(text) if text else None


def _text(text: str) -> str:
    if not text:
        raise _Bad("The value is missing.")
    return text


_NUMBER = re.compile(r"\d{1,8}(\.\d{1,20})?")


def _amount(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise _Bad(f"{text!r} is not a number that is not negative, below 100 million, such as 1234.50.")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Bad(f"{text!r} is not a number.") from None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PRICE_DECIMALS:
        raise _Bad(f"{text!r} has more than {PRICE_DECIMALS} decimals.")
    return number


def _duration(text: str) -> Duration | str:
    if text.lower() in {"", NO_TERM.lower()}:
        return NO_TERM
    try:
        duration = Duration.parse(text)
    except DurationInvalid:
        duration = Duration()
    if not duration.months or duration.days:
        raise _Bad(f"{text!r} is not a term such as P1M, P1Y, P3Y or {NO_TERM}.")
    return duration


_DATE_FORMS = ("%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")


def _date(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _american(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _american(text: str) -> datetime:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _Bad(f"{text!r} is not a date such as 2026-01-31 or 1/31/2026.")


def _end_date(text: str) -> datetime | None:
    if not text:
        return None
    at = _date(text)
    if at.year == 9999:
        return None
    is_day = at.time() == datetime.min.time()
    return at.replace(hour=23, minute=59, second=59) if is_day else at
