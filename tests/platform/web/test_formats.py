"""How amounts, numbers, dates and plurals look in a locale."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from openpartner.platform.money import Money
from openpartner.platform.web import formats

NOW = datetime(2026, 3, 31, 16, 5, tzinfo=UTC)
US = formats.locale_of("en-US")
GERMAN = formats.locale_of("de-DE")


def plain(text: str) -> str:
    """Locales part amounts and times with several kinds of blank; the test means any."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("money", "tag", "text"),
    [
        (Money(123450, "USD"), "en-US", "$1,234.50"),
        (Money(-129900, "EUR"), "en-US", "-€1,299.00"),
        (Money(123450, "EUR"), "de-DE", "1.234,50 €"),
        (Money(1234, "JPY"), "en-US", "¥1,234"),
        (Money(1234567, "KWD"), "en-US", "KWD 1,234.567"),
    ],
)
def test_an_amount_has_its_currencys_sign_and_digits(money: Money, tag: str, text: str) -> None:
    assert plain(formats.money_text(money, formats.locale_of(tag))) == text


@pytest.mark.parametrize(
    ("rate", "currency", "tag", "text"),
    [
        ("0.000125", "USD", "en-US", "$0.000125"),
        ("12", "USD", "en-US", "$12.00"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
        ("0.0456", "EUR", "de-DE", "0,0456 €"),
        ("0.5", "JPY", "en-US", "¥0.5"),
    ],
)
def test_a_rate_keeps_all_its_digits(rate: str, currency: str, tag: str, text: str) -> None:
    assert plain(formats.rate_text(Decimal(rate), currency, formats.locale_of(tag))) == text


def test_numbers_and_shares_are_grouped_as_the_locale_does() -> None:
    assert formats.number_text(1234567, US) == "1,234,567"
    assert formats.number_text(Decimal("1234.5678"), GERMAN) == "1.234,5678"
    assert formats.percent_text(Decimal("0.125"), US, 1) == "12.5%"
    assert formats.percent_text(0.72, US) == "72%"


def test_dates_and_instants_are_worded_by_the_locale_and_name_their_zone() -> None:
    assert formats.date_text(date(2026, 3, 31), US) == "Mar\N{NO-BREAK SPACE}31,\N{NO-BREAK SPACE}2026"
    assert formats.date_text(date(2026, 3, 31), GERMAN) == "31.03.2026"
    assert plain(formats.datetime_text(NOW, US, UTC)) == "Mar 31, 2026, 4:05 PM UTC"
    assert plain(formats.datetime_text(NOW, US, UTC, seconds=True)) == "Mar 31, 2026, 4:05:00 PM UTC"
    oslo = formats.zone_of("Europe/Oslo")
    assert plain(formats.datetime_text(NOW, GERMAN, oslo)) == "31.03.2026, 18:05 MESZ"


def test_an_instant_ends_a_line_between_day_and_time_only() -> None:
    assert formats.datetime_text(NOW, US, UTC).split(" ") == [
        "Mar\N{NO-BREAK SPACE}31,\N{NO-BREAK SPACE}2026,",
        "4:05\N{NARROW NO-BREAK SPACE}PM\N{NO-BREAK SPACE}UTC",
    ]


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=-2), "2 hours ago"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(days=-330), "11 months ago"),
        (timedelta(days=-361), "1 year ago"),
    ],
)
def test_a_relative_time_says_which_way(away: timedelta, text: str) -> None:
    assert formats.relative_text(NOW + away, NOW, US) == text


@pytest.mark.parametrize(
    ("count", "one", "many", "text"),
    [
        (1, "seat", None, "1 seat"),
        (0, "seat", None, "0 seats"),
        (1204, "entry", None, "1,204 entries"),
        (2, "day", None, "2 days"),
        (2, "address", None, "2 addresses"),
        (2, "batch", None, "2 batches"),
        (2, "person", "people", "2 people"),
    ],
)
def test_a_count_takes_the_plural_form_it_needs(count: int, one: str, many: str | None, text: str) -> None:
    assert formats.plural_text(count, one, many, US) == text


def test_an_unknown_locale_or_zone_falls_back() -> None:
    assert str(formats.locale_of("xx-nowhere")) == "en_US"
    assert formats.zone_of("Mars/Olympus") is UTC


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ingrid Berg", "IB"), ("fabrikam", "F"), ("Coho Vineyard & Winery", "CW"), ("--", "?"), ("", "?")],
)
def test_initials_stand_for_a_name(name: str, letters: str) -> None:
    assert formats.initials(name) == letters
